"""Chapter 7: Batch normalisation."""
