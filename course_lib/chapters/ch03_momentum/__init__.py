"""Chapter 3: 3 · Momentum and Nesterov."""
