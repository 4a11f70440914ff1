"""Chapter 10: Training a convolutional network."""
