"""Chapter 2: Stochastic gradients and their noise."""
