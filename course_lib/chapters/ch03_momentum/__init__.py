"""Chapter 3: Momentum and Nesterov."""
