"""Chapter 9: 9 · Convolution from scratch."""
