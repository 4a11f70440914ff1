"""Drawing at the speed of the hand: a background that is drawn once, moving artists on top, a quick PNG.

Four fifths of a matplotlib redraw is text that did not change. A ``Stage`` keeps the drawn background
and draws only the artists that move (blitting).
"""

import struct
import threading
import zlib
from collections import OrderedDict
from functools import cached_property
from weakref import WeakSet

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from PIL import Image

from course_lib.figures.regions import regions
from course_lib.widgets.quick import draw, measured_once

LOCK = threading.RLock()  # matplotlib is not thread-safe, and widget callbacks run on a thread of their own


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode_png(pixels):
    """PNG bytes of ``pixels``, uint8 of shape ``(height, width, 3 or 4)``; alpha is left out.

    Three times as quick as a general encoder: no row filters, compression level 2 (PNG specification, 9 and 10).
    """
    height, width = pixels.shape[:2]
    if pixels.shape[2] == 4:
        pixels = np.asarray(Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels)).convert("RGB"))
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # the first byte of a row names its filter: 0, none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 2)) + _chunk(b"IEND", b"")
    )


def _show_whole_on_border(artist):
    """Clip a line that is markers only so far beyond its axes that a marker on their border is seen whole."""
    if isinstance(artist, Line2D) and artist.get_clip_on() and artist.get_linestyle() == "None" and artist.axes:
        half = artist.get_markersize() / 72 * artist.figure.dpi / 2
        artist.set_clip_path(None)
        artist.set_clip_box(artist.axes.bbox.padded(half + 1))


class Stage:
    """A drawn figure and the artists that move on it.

    Args:
        figure: on an Agg canvas of its own (``course_lib.figures.style.new_figure``).
        moving: artists that change; they are drawn on top of the rest, in this order.
        seldom: artists that change now and then (images); they become part of the background at each ``settle``.
    """

    def __init__(self, figure, moving, seldom=()):
        self.figure = figure
        self.moving = tuple(moving)
        self.seldom = tuple(seldom)
        for artist in (*self.seldom, *self.moving):
            artist.set_animated(True)
        with LOCK, measured_once():
            figure.canvas.draw()
            figure.set_layout_engine("none")  # the layout stands; a later draw must not shift it
            for artist in self.moving:
                _show_whole_on_border(artist)
            self._bare = self._background = figure.canvas.copy_from_bbox(figure.bbox)

    def settle(self):
        """Draw the ``seldom`` artists into the background as they stand now."""
        with LOCK:
            self.figure.canvas.restore_region(self._bare)
            renderer = self.figure.canvas.get_renderer()
            for artist in self.seldom:
                draw(artist, renderer)
            self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)

    def background_png(self):
        """PNG bytes of what does not move."""
        with LOCK:
            self.figure.canvas.restore_region(self._background)
            return encode_png(np.asarray(self.figure.canvas.buffer_rgba()))

    def png(self):
        """PNG bytes of the background with the moving artists as they stand now."""
        with LOCK:
            canvas = self.figure.canvas
            canvas.restore_region(self._background)
            renderer = canvas.get_renderer()
            for artist in self.moving:
                draw(artist, renderer)
            return encode_png(np.asarray(canvas.buffer_rgba()))

    @cached_property
    def boxes(self):
        """Where the axes lie, for a front end: pixels from the top left corner, limits, and which are logarithmic.

        With them where the picture may be cut, as ``course_lib.figures.regions`` has it.
        """
        height = self.figure.canvas.get_width_height()[1]
        with LOCK, measured_once():
            where = regions(self.figure)
        return {
            **where,
            "axes": [
                {
                    "left": axes.bbox.x0,
                    "right": axes.bbox.x1,
                    "top": height - axes.bbox.y1,
                    "bottom": height - axes.bbox.y0,
                    "x": [float(limit) for limit in axes.get_xlim()],
                    "y": [float(limit) for limit in axes.get_ylim()],
                    "log": [axes.get_xscale() == "log", axes.get_yscale() == "log"],
                }
                for axes in self.figure.axes
            ],
        }

    def put_aside(self):
        """Let go of the canvas's pixels; the next picture has new ones."""
        FigureCanvasAgg(self.figure)


_WINGS: WeakSet["Wings"] = WeakSet()  # of all figures


class Wings:
    """Stages that were drawn before, each with the attributes that were made with it: putting one up costs nothing.

    A stage that is put up again stands as it was left; ``LiveFigure.update`` moves it to where the traits are.
    """

    KEPT = 24  # of the figure that the hand is at; 3 to 12 MB each
    LEFT = 4  # of each of the others

    def __init__(self):
        _WINGS.add(self)
        self._aside = OrderedDict()
        self._own = set()  # names of what belongs to a stage, in the figure that shows it
        self._up = None

    def change(self, attributes, key, make):
        """Put up the stage of ``key``: set ``attributes`` (a figure's ``vars``) as they stood, or call ``make()``."""
        self._take_down(attributes)
        if key in self._aside:
            attributes.update(self._aside.pop(key))
        else:
            before = dict(attributes)
            make()
            self._own |= {name for name, value in attributes.items() if value is not before.get(name, self)}
        self._up = key

    def _take_down(self, attributes):
        if self._up is not None:
            attributes["stage"].put_aside()
            self._aside[self._up] = {name: attributes[name] for name in self._own}
            self._keep(self.KEPT)
        self._up = None

    def _keep(self, most):
        while len(self._aside) > most:
            self._aside.popitem(last=False)

    def come_near(self):
        """The hand is at this figure: the others let go of most of what they have put aside."""
        for other in list(_WINGS):
            if other is not self:
                other._keep(self.LEFT)

    def take_over(self, other):
        """Keep the stages of ``other`` too, which is used no more: a twin has drawn them meanwhile."""
        self._own |= other._own
        for key, stage in other._aside.items():
            if key != self._up:
                self._aside.setdefault(key, stage)
