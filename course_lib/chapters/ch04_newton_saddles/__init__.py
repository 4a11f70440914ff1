"""Chapter 4: 4 · Newton and saddles."""
