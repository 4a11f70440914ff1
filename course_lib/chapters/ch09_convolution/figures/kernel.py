"""A kernel on its way over a picture: the window, its nine products, and the map of all the sums."""

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.data import default_picture, picture
from course_lib.figures.style import new_figure
from course_lib.layers import conv2d, output_size

SIDE = 3  # of the kernels here
WINDOW, BORDER = "#D55E00", "#0072B2"
KERNELS = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "Gaussian blur": ((1 / 16, 1 / 8, 1 / 16), (1 / 8, 1 / 4, 1 / 8), (1 / 16, 1 / 8, 1 / 16)),
    "vertical edges": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal edges": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "all edges": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    "shift by one": ((0, 0, 0), (0, 0, 1), (0, 0, 0)),
}


class Slide(NamedTuple):
    """One place of the window.

    Attributes:
        output: the whole map, ``(out_height, out_width)``.
        row, column: of the output shown.
        corner: row and column in the picture of the window's top left pixel; negative inside the padding.
        patch, kernel, products: ``(3, 3)``; ``kernel`` as it is multiplied, turned round for a true convolution.
    """

    output: np.ndarray
    row: int
    column: int
    corner: tuple
    patch: np.ndarray
    kernel: np.ndarray
    products: np.ndarray

    @property
    def total(self):
        """The sum of the products: the output's value there."""
        return float(self.products.sum())


def slide(image, kernel, row, column, stride=1, padding=0, flipped=False):
    """Return the ``Slide`` at an output; rows and columns beyond the last are the last."""
    kernel = np.array(kernel, dtype=float)
    if flipped:
        kernel = kernel[::-1, ::-1]
    out = conv2d(image[None, None], kernel[None, None], None, stride, padding)[0, 0]
    row, column = (min(max(place, 0), last - 1) for place, last in zip((row, column), out.shape, strict=True))
    top, left = row * stride, column * stride
    patch = np.pad(image, padding)[top : top + SIDE, left : left + SIDE]
    return Slide(out, row, column, (top - padding, left - padding), patch, kernel, patch * kernel)


def output_shape(shape, stride, padding):
    """Height and width of the map, (9.2)."""
    return tuple(output_size(size, SIDE, stride, padding) for size in shape)


def number(value):
    """A number as it fits into a cell."""
    text = f"{value:.2f}" if abs(value) < 100 else f"{value:.3g}"
    text = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")


def grey_limits(values, total=0.0):
    """``(low, high)``: black is 0 and white 1 where that is the range; else middle grey is 0.

    ``total`` is the sum of the kernel's weights: one that keeps the brightness is shown from 0 to 1, clipped.
    """
    low, high = float(values.min()), float(values.max())
    if abs(total - 1) < 1e-6:
        return 0.0, 1.0
    if low >= -1e-9:
        return 0.0, max(high, 1.0)
    reach = max(-low, high)
    return -reach, reach


def draw_cells(ax, title):
    """An empty 3 x 3 table; returns ``(image, texts)``."""
    ax.set_title(title, fontsize=13, pad=4)
    ax.spines[:].set_visible(False)
    image = ax.imshow(np.zeros((SIDE, SIDE)), cmap="PuOr_r", vmin=-1, vmax=1, interpolation="nearest", aspect="auto")
    ax.set(xticks=[], yticks=[], xlim=(-0.5, 2.5), ylim=(2.5, -0.5))
    texts = [ax.text(j, i, "", ha="center", va="center", fontsize=12) for i, j in np.ndindex(SIDE, SIDE)]
    return image, texts


def fill_cells(cells, values, limits, dark=False):
    """Show ``values (3, 3)``; ``dark`` says that low values are black, so that their numbers must be white."""
    image, texts = cells
    image.set_data(values)
    image.set_clim(*limits)
    middle = (limits[0] + limits[1]) / 2
    for text, value in zip(texts, values.ravel(), strict=True):
        text.set_text(number(value))
        text.set_color("white" if dark and value < middle else "black")


def draw_plane(ax, shape, title=""):
    """Axes in the picture's own pixels, with room for two pixels of padding; returns image, dashed border and box."""
    height, width = shape
    ax.set(xlim=(-2.8, width + 1.8), ylim=(height + 1.8, -2.8), xticks=[], yticks=[], aspect="equal")
    ax.set_title(title, fontsize=13)
    ax.spines[:].set_visible(False)
    image = ax.imshow(np.zeros(shape), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    border = Rectangle((-0.5, -0.5), width, height, fill=False, ls="--", lw=1.4, ec=BORDER, zorder=3)
    ax.add_patch(border)
    ax.set(xlim=(-2.8, width + 1.8), ylim=(height + 1.8, -2.8))
    (box,) = ax.plot([], [], "-", color=WINDOW, lw=3, zorder=5)
    return image, border, box


def input_extent(shape, padding):
    """Where ``imshow`` puts the padded picture."""
    height, width = shape
    return -0.5 - padding, width - 0.5 + padding, height - 0.5 + padding, -0.5 - padding


def output_extent(shape, stride, padding):
    """Where ``imshow`` puts a map of ``shape``, each output over the middle of its own window."""
    start = (SIDE - 1) / 2 - padding - stride / 2
    return start, start + shape[1] * stride, start + shape[0] * stride, start


def square(top, left, side):
    """x and y of a square's outline."""
    return np.array([left, left + side, left + side, left, left]), np.array([top, top, top + side, top + side, top])


def kernels_figure(name=None, kernels=("identity", "blur", "vertical edges", "horizontal edges", "sharpen", "emboss")):
    """Return ``(figure, alt)``: what several kernels make of a picture."""
    name = name or default_picture()
    image = picture(name)
    figure, axes = new_figure(11, 4.9, nrows=2, ncols=3)
    ranges = []
    for ax, kernel in zip(axes.ravel(), kernels, strict=True):
        out = slide(image, KERNELS[kernel], 0, 0).output
        low, high = grey_limits(out, np.sum(KERNELS[kernel]))
        ax.imshow(out, cmap="gray", vmin=low, vmax=high)
        ax.set(xticks=[], yticks=[])
        ax.set_title(kernel + (", grey is 0" if low < 0 else ""), fontsize=13)
        total = number(np.sum(KERNELS[kernel]))
        ranges.append(f"{kernel} (weights sum to {total})")
    height, width = out.shape
    return figure, f"The picture {name} after six 3 × 3 kernels, {height} × {width} pixels each: {', '.join(ranges)}."


def flip_figure():
    """Return ``(figure, alt)``: one bright pixel, cross-correlated and convolved with one kernel."""
    image, kernel = picture("one bright pixel")[3:8, 5:10], np.arange(1.0, 10).reshape(3, 3)
    figure, axes = new_figure(11, 3.1, ncols=4)
    said = []
    shown = [("one bright pixel", image), ("the kernel", kernel)]
    for flipped, name in ((False, "cross-correlation"), (True, "convolution")):
        out = slide(image, kernel, 0, 0, flipped=flipped).output
        shown.append((name, out))
        said.append(f"{name} gives {', '.join(number(value) for value in out.ravel())}")
    for ax, (name, values) in zip(axes, shown, strict=True):
        ax.imshow(values, cmap="Blues", vmin=0, vmax=max(values.max() * 1.6, 1))
        for (i, j), value in np.ndenumerate(values):
            ax.text(j, i, number(value), ha="center", va="center", fontsize=14)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, fontsize=14)
    return figure, f"One bright pixel under the kernel 1 to 9, row by row: {'; '.join(said)}."
