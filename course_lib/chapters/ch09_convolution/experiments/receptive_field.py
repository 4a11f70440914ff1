"""The receptive field of a stack of layers, by the formula and by the gradient."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.initializers import he_normal, lecun_normal
from course_lib.layers import Conv2d, MaxPool2d, ReLU, Window, effective_widths, receptive_fields

CHANNELS, DRAWS = 6, 72


def _convolutions(kernel, number, stride=1):
    return tuple(("conv", Window(kernel, stride)) for _ in range(number))


POOL = (("pool", Window(2, 2)),)
STACKS = {
    "ten 3 × 3": _convolutions(3, 10),
    "five 5 × 5": _convolutions(5, 5),
    "LeNet's": (*_convolutions(5, 1), *POOL, *_convolutions(5, 1), *POOL, *_convolutions(5, 1)),
    "3 × 3 + pooling": (*_convolutions(3, 2), *POOL, *_convolutions(3, 2), *POOL, *_convolutions(3, 1)),
    "3 × 3, stride 2": _convolutions(3, 4, 2),
}


class Sensitivity(NamedTuple):
    """How the outputs after each layer depend on the input.

    Attributes:
        maps: for each layer ``(side, side)``, the mean squared gradient of one output by the pixels, its largest
            entry 1; ``side`` is the receptive field of the whole stack.
        theory: ``[(size, jump), ...]`` from (9.8) and (9.9), the input first.
        widths: standard deviations from (9.10), the input first.
    """

    maps: list
    theory: list
    widths: np.ndarray

    def extent(self, layer):
        """Measured width in pixels of what changes the output after ``layer`` (from 1) at all."""
        seen = self.maps[layer - 1].sum(axis=0) > 0
        return int(np.flatnonzero(seen)[-1] - np.flatnonzero(seen)[0] + 1)

    def width(self, layer):
        """Measured standard deviation, in pixels, of the squared gradient across the columns."""
        weight = self.maps[layer - 1].sum(axis=0)
        place = np.arange(len(weight))
        middle = np.average(place, weights=weight)
        return float(np.sqrt(np.average((place - middle) ** 2, weights=weight)))


def build(stack, activation, rng):
    """The layers of a stack with random weights: ``[[layer, ...], ...]``, one list for each entry of the stack."""
    groups, channels = [], 1
    for kind, window in stack:
        if kind == "pool":
            groups.append([MaxPool2d(window.kernel, window.stride)])
            continue
        draw = he_normal if activation == "ReLU" else lecun_normal
        layers = [Conv2d(channels, CHANNELS, window.kernel, rng, window.stride, initializer=draw, bias=False)]
        groups.append(layers + ([ReLU()] if activation == "ReLU" else []))
        channels = CHANNELS
    return groups


@lru_cache(maxsize=16)
def sensitivity(name, activation="none"):
    """Return the ``Sensitivity`` of a stack: ``DRAWS`` random networks, the gradient of each output in the middle.

    All gradients come from the backward passes of the layers themselves; an image of noise goes in.
    """
    stack = STACKS[name]
    windows = [window for _, window in stack]
    theory = receptive_fields(windows)
    side, rng = theory[-1][0], np.random.default_rng(9)
    totals = [np.zeros((side, side)) for _ in stack]
    for _ in range(DRAWS):
        groups = build(stack, activation, rng)
        x = rng.normal(size=(1, 1, side, side))
        for depth, group in enumerate(groups):
            for layer in group:
                x = layer.forward(x)
            d_x = np.zeros((1, *x.shape[1:]))
            d_x[0, :, (x.shape[2] - 1) // 2, (x.shape[3] - 1) // 2] = rng.normal(size=x.shape[1])
            for layer in (layer for done in reversed(groups[: depth + 1]) for layer in reversed(done)):
                d_x = layer.backward(d_x)
            totals[depth] += d_x[0, 0] ** 2
    return Sensitivity([total / max(total.max(), 1e-300) for total in totals], theory, effective_widths(windows))
