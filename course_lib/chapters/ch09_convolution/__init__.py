"""Chapter 9: Convolution from scratch."""
