"""Chapter 4: Newton and saddles."""
