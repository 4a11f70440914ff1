"""Chapter 9: a kernel slides over a picture, and one sees what is multiplied and added."""

from fractions import Fraction

import numpy as np
import traitlets

from course_lib.chapters.ch09_convolution.figures.kernel import (
    KERNELS,
    SIDE,
    WINDOW,
    draw_cells,
    draw_plane,
    fill_cells,
    grey_limits,
    input_extent,
    number,
    output_extent,
    output_shape,
    slide,
    square,
)
from course_lib.data import available_pictures, default_picture, picture
from course_lib.figures.style import new_figure
from course_lib.validation import count, in_range
from course_lib.widgets.controls import Grid, Menu, Point, Slider
from course_lib.widgets.live import LiveFigure

OPERATIONS = ("cross-correlation", "convolution")
MOST_ROWS, MOST_COLUMNS = 46, 68
OWN = "your own"


def as_number(entry):
    """A kernel's entry, a number or a text such as "1/9" or "0,5", as float; the text itself if it is none."""
    try:
        return float(Fraction(str(entry).replace(",", "."))) if isinstance(entry, str) else float(entry)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        return entry


def close_kernels(one, other):
    """Whether two kernels show the same numbers."""
    return np.allclose(np.array(one, dtype=float), np.array(other, dtype=float), atol=1e-6)


def _check_kernel(kernel):
    if len(kernel) != SIDE or any(len(row) != SIDE for row in kernel):
        raise ValueError("The kernel needs three rows of three numbers.")
    for i, j in np.ndindex(SIDE, SIDE):
        if not isinstance(kernel[i][j], (int, float)) or not abs(kernel[i][j]) <= 1e6:
            raise ValueError(
                f"Row {i + 1}, column {j + 1} of the kernel must be a number such as -1, 0.25 or 1/9, but it is "
                f"{kernel[i][j]!r}."
            )


class SlidingKernel(LiveFigure):
    """A kernel on its way over a picture; see ``sliding_kernel``.

    Attributes:
        image: name of a picture.
        preset: name of a kernel, or "your own".
        kernel: three rows of three numbers.
        operation: "cross-correlation", or "convolution", which turns the kernel by 180 degrees first.
        stride, padding: as everywhere; padding at most 2.
        row, column: of the output that is shown; beyond the last, the last.
        point: ``[x, y]`` in pixels of the picture, near the middle of the window.
    """

    image = traitlets.Unicode("temple").tag(sync=True)
    preset = traitlets.Unicode("vertical edges").tag(sync=True)
    kernel = traitlets.List(traitlets.List()).tag(sync=True)
    operation = traitlets.Unicode("cross-correlation").tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(12).tag(sync=True)
    column = traitlets.Int(8).tag(sync=True)
    point = traitlets.List(traitlets.Float(), default_value=[9.0, 13.0], minlen=2, maxlen=2).tag(sync=True)

    rebuild_on = ("image",)

    def controls(self):
        return (
            Menu("image", "Picture", tuple((name, name.removeprefix("painted ")) for name in available_pictures())),
            Menu("preset", "Kernel", tuple((name, name) for name in (*KERNELS, OWN))),
            Grid("kernel", "Weights"),
            Menu("operation", "Operation", tuple((name, name.removeprefix("cross-")) for name in OPERATIONS)),
            Slider("row", "Row", tuple(range(MOST_ROWS))),
            Slider("column", "Column", tuple(range(MOST_COLUMNS))),
            Slider("stride", "Stride", (1, 2, 3, 4)),
            Slider("padding", "Padding", (0, 1, 2)),
            Point("point", "Middle of the window", axes=(0, 1)),
        )

    def follow(self, changed):
        """A preset brings its kernel, a kernel its preset's name; point, row and column are one."""
        if self.preset in KERNELS and (not self.kernel or ("preset" in changed and "kernel" not in changed)):
            self.kernel = [list(map(float, row)) for row in KERNELS[self.preset]]
        elif "kernel" in changed:
            self._read_kernel()
        self.check()
        last = output_shape(picture(self.image).shape, self.stride, self.padding)
        offset = (SIDE - 1) / 2 - self.padding  # of the middle of window 0
        if "point" in changed and not {"row", "column"} & set(changed):
            self.row, self.column = (round((self.point[1 - axis] - offset) / self.stride) for axis in (0, 1))
        self.row = int(np.clip(self.row, 0, last[0] - 1))
        self.column = int(np.clip(self.column, 0, last[1] - 1))
        if "point" not in changed or {"row", "column"} & set(changed):
            self.point = [self.column * self.stride + offset, self.row * self.stride + offset]

    def _read_kernel(self):
        kernel = [[as_number(entry) for entry in row] for row in self.kernel]
        _check_kernel(kernel)
        self.kernel = kernel
        named = [name for name, values in KERNELS.items() if close_kernels(values, kernel)]
        self.preset = named[0] if named else OWN

    def check(self):
        if self.image not in available_pictures():
            raise ValueError(
                f"There is no picture {self.image!r} here. Choose from: {', '.join(available_pictures())}."
            )
        if self.preset not in (*KERNELS, OWN):
            raise ValueError(f"There is no kernel {self.preset!r}. Choose from: {', '.join(KERNELS)}.")
        if self.operation not in OPERATIONS:
            raise ValueError(f'The operation is "cross-correlation" or "convolution", not {self.operation!r}.')
        _check_kernel(self.kernel)
        in_range("stride", count("stride", self.stride), 1, 4)
        in_range("padding", self.padding, 0, 2)

    def build(self):
        image = picture(self.image)
        figure, (left, middle, right) = new_figure(11.5, 4.6, ncols=3, width_ratios=(1.5, 0.8, 1.5))
        middle.remove()
        cells = middle.get_subplotspec().subgridspec(3, 1, hspace=0.02).subplots()
        self.input, *marks = draw_plane(left, image.shape, "input (beyond the dashed line: padding)")
        self.map, *more_marks = draw_plane(right, image.shape)
        right.set_title(" ", fontsize=13, pad=4)
        self.heading = right.title
        titles = "pixels in the window", "× kernel", "= products"
        self.cells = [draw_cells(ax, title) for ax, title in zip(cells, titles, strict=True)]
        for (cell, _), colours in zip(self.cells, ("gray", "PuOr_r", "PuOr_r"), strict=True):
            cell.set_cmap(colours)
        self.total = cells[2].text(1, 2.62, "", ha="center", va="top", fontsize=15, weight="bold", color=WINDOW)
        cells[2].set_xlabel(" ", fontsize=15)
        kernel_image, kernel_texts = self.cells[1]
        self.kernel_title = cells[1].title
        seldom = [self.input, self.map, kernel_image, *kernel_texts, self.kernel_title, self.heading]
        (_, self.window), (_, self.spot) = marks, more_marks
        moving = [*marks, *more_marks, self.total]
        for cell, texts in (self.cells[0], self.cells[2]):
            moving += [cell, *texts]
        self.drawn = None
        return figure, moving, seldom

    def update(self):
        image = picture(self.image)
        flipped = self.operation == "convolution"
        now = slide(image, self.kernel, self.row, self.column, self.stride, self.padding, flipped)
        setting = (self.image, self.operation, self.stride, self.padding, now.kernel.tobytes())
        if self.drawn != setting:
            self._change_map(image, now)
            self.drawn = setting
        self.window.set_data(*square(now.corner[0] - 0.5, now.corner[1] - 0.5, SIDE))
        x0, _, _, y0 = output_extent(now.output.shape, self.stride, self.padding)
        self.spot.set_data(*square(y0 + now.row * self.stride, x0 + now.column * self.stride, self.stride))
        fill_cells(self.cells[0], now.patch, (0, 1), dark=True)
        reach = 2.2 * max(np.abs(now.products).max(), 1e-9)
        fill_cells(self.cells[2], now.products, (-reach, reach))
        self.total.set_text(f"sum: {number(now.total)}")
        return self._caption(image, now)

    def _change_map(self, image, now):
        self.input.set(data=np.pad(image, self.padding), extent=input_extent(image.shape, self.padding))
        low, high = grey_limits(now.output, now.kernel.sum())
        self.map.set(data=now.output, extent=output_extent(now.output.shape, self.stride, self.padding))
        self.map.set_clim(low, high)
        reach = 2.2 * max(np.abs(now.kernel).max(), 1e-9)
        fill_cells(self.cells[1], now.kernel, (-reach, reach))
        self.kernel_title.set_text("× kernel, turned" if self.operation == "convolution" else "× kernel")
        height, width = now.output.shape
        self.heading.set_text(f"output {height} × {width}" + (", grey is 0" if low < 0 else ""))
        self.stage.settle()

    def _caption(self, image, now):
        (height, width), (rows, columns), (top, left) = image.shape, now.output.shape, now.corner
        weights = "; ".join(" ".join(number(entry) for entry in row) for row in self.kernel)
        return (
            f"{self.operation.capitalize()} of “{self.image}”, {height} × {width}, with the kernel {weights}, stride "
            f"{self.stride}, padding {self.padding}: {rows} × {columns} outputs from {number(now.output.min())} to "
            f"{number(now.output.max())}. Output ({now.row}, {now.column}) sees rows {top} to {top + SIDE - 1} and "
            f"columns {left} to {left + SIDE - 1}; its nine products sum to {number(now.total)}."
        )


def sliding_kernel(image=None, preset="vertical edges", kernel=None, **values):
    """Return the live kernel: drag row and column, click the picture, or type weights, and see products and sum.

    Args:
        image: name of a picture; the temple, or the painted landscape where scikit-learn is missing.
        preset: name of a kernel.
        kernel: instead, three rows of three numbers.
        values: of operation, stride, padding, row, column.

    Raises:
        ValueError: what is wrong with a name, a number or the kernel, in one sentence.
    """
    image = image or default_picture()
    if kernel is not None:
        return SlidingKernel(image=image, preset=OWN, kernel=[list(row) for row in kernel], **values)
    return SlidingKernel(image=image, preset=preset, **values)
