"""Chapter 8: 8 · Dropout and regularisation."""
