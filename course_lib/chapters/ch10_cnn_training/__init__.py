"""Chapter 10: 10 · Training a convolutional network."""
