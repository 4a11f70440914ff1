"""What one output sees: its receptive field by the formula, and how strongly it really depends on each pixel."""

THEORY, MEASURED, FIELD = "#D55E00", "#0072B2", "Blues"


ACTIVATIONS = ("none", "ReLU")


def corner(shape, theory, layer, windows):
    """First row of the theoretical field of the middle output after ``layer``, in pixels of the input."""
    size = shape
    for window in windows[:layer]:
        size = window.output_size(size)
    return (size - 1) // 2 * theory[layer][1]
