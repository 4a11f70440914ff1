"""Chapter 9: pooling, and where its gradient goes."""

import traitlets

from course_lib.chapters.ch09_convolution.figures.kernel import square
from course_lib.chapters.ch09_convolution.figures.pooling import (
    INPUTS,
    LAYERS,
    SIZE,
    WINDOW,
    draw_table,
    fill_table,
    pooled,
)
from course_lib.figures.style import new_figure
from course_lib.layers import output_size
from course_lib.validation import in_range
from course_lib.widgets.controls import Menu, Point, Slider
from course_lib.widgets.live import LiveFigure


class Pooling(LiveFigure):
    """Pooling forward and back; see ``pooling``.

    Attributes:
        kind: "max" or "average".
        values: name of an input.
        size, stride: of the windows.
        shift: columns by which the input is moved to the right.
        row, column: of the output whose window is shown; beyond the last, the last.
        point: ``[x, y]`` near the middle of that window.
    """

    kind = traitlets.Unicode("max").tag(sync=True)
    values = traitlets.Unicode("all different").tag(sync=True)
    size = traitlets.Int(2).tag(sync=True)
    stride = traitlets.Int(2).tag(sync=True)
    shift = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(1).tag(sync=True)
    column = traitlets.Int(1).tag(sync=True)
    point = traitlets.List(traitlets.Float(), default_value=[2.5, 2.5], minlen=2, maxlen=2).tag(sync=True)

    def controls(self):
        return (
            Menu("kind", "Pooling", tuple((name, name) for name in LAYERS)),
            Menu("values", "Input", tuple((name, name) for name in INPUTS)),
            Slider("size", "Window", (1, 2, 3, 4)),
            Slider("stride", "Stride", (1, 2, 3, 4)),
            Slider("shift", "Shift the input", (0, 1, 2, 3, 4)),
            Slider("row", "Row", tuple(range(SIZE))),
            Slider("column", "Column", tuple(range(SIZE))),
            Point("point", "Middle of the window", axes=(0, 1, 2)),
        )

    def follow(self, changed):
        """Point, row and column are one."""
        self.check()
        last, offset = output_size(SIZE, self.size, self.stride) - 1, (self.size - 1) / 2
        if "point" in changed and not {"row", "column"} & set(changed):
            self.row, self.column = (round((self.point[1 - axis] - offset) / self.stride) for axis in (0, 1))
        self.row, self.column = min(max(self.row, 0), last), min(max(self.column, 0), last)
        if "point" not in changed or {"row", "column"} & set(changed):
            self.point = [self.column * self.stride + offset, self.row * self.stride + offset]

    def check(self):
        if self.kind not in LAYERS:
            raise ValueError(f'The pooling is "max" or "average", not {self.kind!r}.')
        if self.values not in INPUTS:
            raise ValueError(f"There is no input {self.values!r}. Choose from: {', '.join(INPUTS)}.")
        in_range("Window", self.size, 1, SIZE)
        in_range("Stride", self.stride, 1, SIZE)
        in_range("Shift", self.shift, 0, SIZE)

    def build(self):
        figure, axes = new_figure(11.5, 4.4, ncols=3)
        titles = "input x", "output y, over its windows", "1 comes to every y: this goes back"
        colours = "Blues", "Blues", "Oranges"
        tables = [draw_table(ax, SIZE, SIZE, *look) for ax, *look in zip(axes, titles, colours, strict=True)]
        self.tables = tables
        borders = WINDOW, WINDOW, "black"
        self.boxes_drawn = [ax.plot([], [], "-", color=c, lw=3)[0] for ax, c in zip(axes, borders, strict=True)]
        seldom = [artist for image, texts in tables for artist in (image, *texts)]
        self.drawn = None
        return figure, self.boxes_drawn, seldom

    def update(self):
        result = pooled(self.kind, self.values, self.size, self.stride, self.shift)
        setting = self.kind, self.values, self.size, self.stride, self.shift
        if self.drawn != setting:
            start = (self.size - self.stride) / 2 - 0.5
            end = start + len(result.y) * self.stride
            extents = None, (start, end, end, start), None
            for table, values, extent in zip(self.tables, (result.x, result.y, result.d_x), extents, strict=True):
                fill_table(table, values, extent, zeros=table is not self.tables[2])
            self.stage.settle()
            self.drawn = setting
        top, left = self.row * self.stride - 0.5, self.column * self.stride - 0.5
        middle = (self.size - self.stride) / 2
        for box, (a, b, side) in zip(
            self.boxes_drawn,
            ((top, left, self.size), (top + middle, left + middle, self.stride), (top, left, self.size)),
            strict=True,
        ):
            box.set_data(*square(a, b, side))
        return self._caption(result)

    def _caption(self, result):
        rows = slice(self.row * self.stride, self.row * self.stride + self.size)
        columns = slice(self.column * self.stride, self.column * self.stride + self.size)
        window = result.x[rows, columns]
        value = result.y[self.row, self.column]
        equal = int((window == window.max()).sum())
        tie = f", {equal} entries tie and the first gets it all" if self.kind == "max" and equal > 1 else ""
        several = int((result.d_x > 1).sum()) if self.kind == "max" else 0
        twice = f" {several} of them win{'s' if several == 1 else ''} more than one window." if several else ""
        return (
            f"{self.kind.capitalize()} pooling, windows of {self.size} × {self.size}, stride {self.stride}: {SIZE} × "
            f"{SIZE} becomes {len(result.y)} × {len(result.y)}. The window of output ({self.row}, {self.column}) gives "
            f"{value:.3g}{tie}. On the way back {int((result.d_x != 0).sum())} of {SIZE * SIZE} entries get a "
            f"gradient, {result.d_x.sum():.3g} in all.{twice}"
        )


def pooling(kind="max", values="all different", size=2, stride=2, **more):
    """Return the live pooling layer: windows, outputs, and where the gradient goes.

    Args:
        kind: "max" or "average".
        values: name of an input; a wrong name's error lists them.
        size, stride: of the windows.
        more: shift, row, column.

    Raises:
        ValueError: an unknown name, a number out of range.
    """
    return Pooling(kind=kind, values=values, size=size, stride=stride, **more)
