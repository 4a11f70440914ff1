"""LeNet-5 in the form that is taught today, and the shapes that run through a row of layers."""

from typing import NamedTuple

from course_lib.layers.activations import ReLU
from course_lib.layers.convolution_layers import Conv2d
from course_lib.layers.linear import Flatten, Linear
from course_lib.layers.pooling import MaxPool2d
from course_lib.validation import count, numbers, shown


class Passage(NamedTuple):
    """One row of the table: what a layer makes of what comes in. ``shape`` is without the batch."""

    name: str
    shape: tuple
    parameters: int


def lenet(rng, num_classes=10):
    """LeNet-5 for images ``(batch, 1, 32, 32)``: ``[(name, layer), ...]``, 61 706 parameters with 10 classes.

    Not as in 1998: the original subsamples with a trained weight and bias, joins C3 to part of the maps, squashes with
    tanh, and ends in radial basis functions: about 60 000 parameters. Source: LeCun et al. 1998, section II.B; L1.

    PyTorch: none ready made.
    """
    count("num_classes", num_classes)
    return [
        ("C1: 6 kernels 5 × 5", Conv2d(1, 6, 5, rng)),
        ("ReLU", ReLU()),
        ("S2: max pooling 2 × 2", MaxPool2d(2)),
        ("C3: 16 kernels 5 × 5", Conv2d(6, 16, 5, rng)),
        ("ReLU", ReLU()),
        ("S4: max pooling 2 × 2", MaxPool2d(2)),
        ("flatten", Flatten()),
        ("C5: dense", Linear(400, 120, rng)),
        ("ReLU", ReLU()),
        ("F6: dense", Linear(120, 84, rng)),
        ("ReLU", ReLU()),
        ("output: dense", Linear(84, num_classes, rng)),
    ]


def passages(named_layers, x):
    """Send x through the layers and return a ``Passage`` for the input and for each layer. PyTorch: none."""
    if not isinstance(named_layers, tuple | list) or not all(
        isinstance(pair, tuple) and len(pair) == 2 for pair in named_layers
    ):
        raise TypeError(f"named_layers must be a list of (name, layer), but it is {shown(named_layers)}.")
    x = numbers("x", x)
    rows = [Passage("input", x.shape[1:], 0)]
    for name, layer in named_layers:
        x = layer.forward(x)
        rows.append(Passage(name, x.shape[1:], sum(param.size for param in layer.params.values())))
    return rows
