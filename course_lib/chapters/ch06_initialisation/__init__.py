"""Chapter 6: Initialisation and activations."""
