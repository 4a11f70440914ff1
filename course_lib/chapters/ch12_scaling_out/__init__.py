"""Chapter 12: Scaling out, one training on many machines."""
