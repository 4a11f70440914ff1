"""Chapter 5: Adaptive methods."""
