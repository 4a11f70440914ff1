"""Chapter 8: Dropout and regularisation."""
