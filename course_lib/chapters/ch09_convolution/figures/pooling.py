"""Pooling forward and back on a few numbers that one can follow with the finger."""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch09_convolution.figures.kernel import number
from course_lib.figures.style import new_figure
from course_lib.layers import AvgPool2d, MaxPool2d

LAYERS = {"max": MaxPool2d, "average": AvgPool2d}
SIZE = 8  # of the input
WINDOW = "#D55E00"


def _numbers():
    return np.random.default_rng(11).permutation(np.arange(1.0, 1 + SIZE * SIZE)).reshape(SIZE, SIZE)


def _sparse():
    """As after a ReLU: more than half zeros."""
    rng = np.random.default_rng(4)
    return np.maximum(rng.integers(-9, 9, (SIZE, SIZE)), 0).astype(float)


def _line():
    """A bright vertical line on black."""
    image = np.zeros((SIZE, SIZE))
    image[:, 2] = 9.0
    return image


INPUTS = {
    "all different": _numbers,
    "after a ReLU: ties": _sparse,
    "a vertical line": _line,
    "all alike": lambda: np.ones((SIZE, SIZE)),
}


class Pooled(NamedTuple):
    """What a pooling layer makes of an input, and what it sends back when 1 comes to every output.

    ``x``, ``d_x``: ``(8, 8)``; ``y``: ``(out, out)``.
    """

    x: np.ndarray
    y: np.ndarray
    d_x: np.ndarray


def pooled(kind, values, size, stride, shift=0):
    """Run the library's layer on an input that is moved ``shift`` columns to the right, with zeros coming in."""
    x = np.pad(INPUTS[values](), ((0, 0), (shift, 0)))[:, :SIZE]
    layer = LAYERS[kind](size, stride)
    y = layer.forward(x[None, None])
    return Pooled(x, y[0, 0], layer.backward(np.ones_like(y))[0, 0])


def draw_table(ax, rows, columns, title, cmap="Greys"):
    """An empty table of ``rows`` x ``columns`` cells; returns ``(image, texts)``."""
    image = ax.imshow(np.zeros((rows, columns)), cmap=cmap, vmin=0, vmax=1, aspect="equal", interpolation="nearest")
    ax.set(xticks=[], yticks=[], xlim=(-0.7, SIZE - 0.3), ylim=(SIZE - 0.3, -0.7))
    ax.spines[:].set_visible(False)
    ax.set_title(title, fontsize=14)
    texts = [ax.text(0, 0, "", ha="center", va="center", fontsize=12) for _ in range(rows * columns)]
    return image, texts


def fill_table(table, values, extent=None, zeros=True):
    """Show ``values``; ``extent`` as ``imshow`` has it puts cells over the middle of their windows.

    ``zeros=False`` leaves cells that hold 0 empty.
    """
    image, texts = table
    rows, columns = values.shape
    image.set(data=values, extent=extent or (-0.5, columns - 0.5, rows - 0.5, -0.5))
    image.set_clim(0, 2 * max(float(values.max()), 1e-9))  # light enough for black numbers
    left, right, bottom, top = image.get_extent()
    for place, text in enumerate(texts):
        i, j = divmod(place, columns)
        shown = i < rows and (zeros or values[i, j] != 0)
        text.set_visible(shown)
        if not shown:
            continue
        text.set_position((left + (j + 0.5) * (right - left) / columns, top + (i + 0.5) * (bottom - top) / rows))
        text.set_text(number(values[i, j]))


def matrix_figure(places, kernel, shape, out):
    """Return ``(figure, alt)``: the matrix of a convolution, each weight in its own colour; places as -1 or a number.

    Args:
        places: from ``course_lib.layers.weight_places``.
        kernel, shape, out: ``(height, width)`` of kernel, image and map.
    """
    rows, columns = places.shape
    different = kernel[0] * kernel[1]
    figure, (weights, matrix) = new_figure(11, 4.6, ncols=2, width_ratios=(1, 4.2))
    shown = np.where(places < 0, np.nan, places)
    style = {"cmap": "viridis", "vmin": -0.9 * different, "vmax": different - 1, "interpolation": "nearest"}
    weights.imshow(np.arange(different).reshape(kernel), **style)
    matrix.imshow(shown, **style)
    for (i, j), place in np.ndenumerate(np.arange(different).reshape(kernel)):
        weights.text(j, i, place + 1, ha="center", va="center", fontsize=14)
    if rows * columns <= 400:
        for (i, j), place in np.ndenumerate(places):
            if place >= 0:
                matrix.text(j, i, place + 1, ha="center", va="center", fontsize=11)
    weights.set(xticks=[], yticks=[])
    weights.set_title("nine weights" if different == 9 else f"{different} weights", fontsize=14)
    matrix.set(
        xticks=np.arange(-0.5, columns, shape[1]), yticks=np.arange(-0.5, rows, out[1]), xticklabels=[], yticklabels=[]
    )
    matrix.grid(True, color="#999999", lw=0.8)
    matrix.set(xlabel=f"{columns} pixels, row by row of the image", ylabel=f"{rows} outputs, row by row")
    filled = int(np.sum(places >= 0))
    matrix.set_title(f"{rows} × {columns} matrix, {filled} of {places.size} entries filled", fontsize=14)
    alt = (
        f"A {kernel[0]} × {kernel[1]} convolution of a {shape[0]} × {shape[1]} image as a matrix of {rows} × "
        f"{columns}: {filled} of {places.size} entries are not zero ({filled / places.size:.0%}), and they hold "
        f"only {different} different weights, each on its own diagonals."
    )
    return figure, alt
