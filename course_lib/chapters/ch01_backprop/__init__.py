"""Chapter 1: Backpropagation."""
