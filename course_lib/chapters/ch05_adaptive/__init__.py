"""Chapter 5: 5 · Adaptive methods."""
