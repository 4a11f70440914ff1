"""Chapter 1: 1 · Backpropagation."""
