"""Chapter 11: Depth and sequences."""
