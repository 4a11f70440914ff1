"""Chapter 6: 6 · Initialisation and activations."""
