"""Chapter 9: a calculator for sizes and parameters, with the windows drawn."""

import math

import traitlets

from course_lib.chapters.ch09_convolution.figures.sizes import (
    MOST_PIXELS,
    PADDING,
    PIXEL,
    count_sentence,
    counted,
    counts,
    draw_row,
    lay_out,
    room_for,
    size_sentence,
    spaced,
)
from course_lib.figures.style import new_figure
from course_lib.layers import Window
from course_lib.validation import count
from course_lib.widgets.controls import Menu, Slider
from course_lib.widgets.live import LiveFigure

CHANNELS = (1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 256, 512)
OWN, DENSE = 0.58, 0.8  # of the axis, its bars at most: the number stands after them


class SizeCalculator(LiveFigure):
    """Output size and parameters; see ``size_calculator``.

    Attributes:
        size: height and width of the image.
        kernel, stride, padding, dilation: of the layer, the same in both directions.
        in_channels, out_channels: of the layer.
        bias: "with" or "without".
    """

    size = traitlets.Int(12).tag(sync=True)
    kernel = traitlets.Int(3).tag(sync=True)
    stride = traitlets.Int(2).tag(sync=True)
    padding = traitlets.Int(0).tag(sync=True)
    dilation = traitlets.Int(1).tag(sync=True)
    in_channels = traitlets.Int(3).tag(sync=True)
    out_channels = traitlets.Int(16).tag(sync=True)
    bias = traitlets.Unicode("with").tag(sync=True)
    room = traitlets.Int(16)  # pixels of the row
    decades = traitlets.Int(6)  # of the axis of parameters

    rebuild_on = ("room", "decades")

    def controls(self):
        return (
            Slider("size", "Size", tuple(range(1, 33))),
            Slider("kernel", "Kernel", tuple(range(1, 12))),
            Slider("stride", "Stride", tuple(range(1, 7))),
            Slider("padding", "Padding", tuple(range(0, 6))),
            Slider("dilation", "Dilation", (1, 2, 3, 4)),
            Slider("in_channels", "Channels in", CHANNELS),
            Slider("out_channels", "Channels out", CHANNELS),
            Menu("bias", "Bias", (("with", "with"), ("without", "without"))),
        )

    def check(self):
        for name in ("size", "kernel", "stride", "dilation", "in_channels", "out_channels"):
            count(name.replace("_", " "), getattr(self, name))
        count("padding", self.padding, minimum=0)
        if self.bias not in ("with", "without"):
            raise ValueError(f'The bias is "with" or "without", not {self.bias!r}.')
        if self.size + 2 * self.padding > MOST_PIXELS:
            raise ValueError(f"Size and padding together may be {MOST_PIXELS} pixels here: more cannot be drawn.")
        if max(self.in_channels, self.out_channels) > 4096:
            raise ValueError("At most 4096 channels can be shown here.")
        self._window().output_size(self.size)

    def follow(self, changed):
        self.check()
        shares = (math.log10(number) / share for number, share in zip(self._counts(), (OWN, DENSE), strict=True))
        axes = room_for(self.size + 2 * self.padding), max(2, math.ceil(max(shares)))
        if axes == (self.room, self.decades):
            return ()
        self.room, self.decades = axes
        return ("room", "decades")

    def _counts(self):
        return counts(self._window(), self.size, self.in_channels, self.out_channels, self.bias == "with")

    def _window(self):
        return Window(self.kernel, self.stride, self.padding, self.dilation)

    def build(self):
        figure, (row, bars) = new_figure(11, 4.4, nrows=2, height_ratios=(1.7, 1))
        self.row = draw_row(row, self.room)
        row.legend(loc="upper center", bbox_to_anchor=(0.5, 1.3), ncols=4, frameon=False, fontsize=13)
        for handle in row.get_legend().legend_handles[:3]:
            handle.set_markersize(13)
        self.said = row.text(0, 5.0, "", fontsize=16, va="center")
        row.set_ylim(5.6, -0.9)
        bars.set(xscale="log", xlim=(1, 10**self.decades), ylim=(1.6, -0.9), yticks=(0, 1), xlabel="parameters")
        bars.set_yticks((0, 1), labels=("this convolution", "dense layer"))
        self.bars = bars.barh((0, 1), (1, 1), color=(PIXEL, PADDING), height=0.62)
        self.numbers = [bars.text(1, y, "", va="center", fontsize=14) for y in (0, 1)]
        return figure, [*self.row, self.said, *self.bars, *self.numbers]

    def update(self):
        window, has_bias = self._window(), self.bias == "with"
        place = lay_out(window, self.size)
        for artist, name in zip(self.row, ("image", "padding", "unseen"), strict=False):
            artist.set_data(place[name], 0 * place[name])
        for artist, name in zip(self.row[3:], ("bars", "taps"), strict=True):
            artist.set_data(*place[name].T)
        self.said.set_text(f"output size  {size_sentence(window, self.size)}")
        own, dense = self._counts()
        texts = count_sentence(window, self.in_channels, self.out_channels, has_bias), spaced(dense)
        for bar, text, value, said in zip(self.bars, self.numbers, (own, dense), texts, strict=True):
            bar.set_width(value)
            text.set_text(said)
            text.set_x(value * 10 ** (self.decades / 100))
        return self._caption(window, place, own, dense)

    def _caption(self, window, place, own, dense):
        out = window.output_size(self.size)
        lost = len(place["unseen"])
        seen = "every pixel is seen" if not lost else f"no window sees {lost} of {self.size} pixels in a row"
        times = f"{dense / own:,.3g}" if dense / own < 1000 else spaced(round(dense / own))
        more = "just as many" if dense == own else f"{times} times as many"
        return (
            f"{self.size} pixels, kernel {self.kernel}, stride {self.stride}, padding {self.padding}, dilation "
            f"{self.dilation}: {counted(out, 'output')} in a row, {seen}. "
            f"{self.in_channels} × {self.size} × {self.size} in, "
            f"{self.out_channels} × {out} × {out} out, {self.bias} bias: {counted(own, 'parameter')}; a dense layer "
            f"between the same maps has {spaced(dense)}, {more}."
        )


def size_calculator(size=12, kernel=3, stride=2, padding=0, **values):
    """Return the live calculator: sizes and parameters follow the sliders, and the windows are drawn.

    Args:
        size: height and width of the image.
        kernel, stride, padding: of the layer.
        values: of dilation, in_channels, out_channels, and bias ("with" or "without").

    Raises:
        ValueError: a kernel that does not fit, a number out of range, in one sentence.
    """
    return SizeCalculator(size=size, kernel=kernel, stride=stride, padding=padding, **values)
