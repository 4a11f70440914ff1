"""Chapter 7: 7 · Batch normalisation."""
