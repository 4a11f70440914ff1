"""Chapter 2: 2 · Stochastic gradients and their noise."""
