"""Drawing at the speed of the hand: a background that is drawn once, moving artists on top, a quick PNG.

Four fifths of a matplotlib redraw is text that did not change. A ``Stage`` keeps the drawn background
and draws only the artists that move (blitting).
"""

import struct
import threading
import zlib

import numpy as np

LOCK = threading.RLock()  # matplotlib is not thread-safe, and widget callbacks run on a thread of their own


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode_png(pixels):
    """PNG bytes of ``pixels``, uint8 of shape ``(height, width, 3 or 4)``; alpha is left out.

    Three times as quick as a general encoder: no row filters, compression level 2 (PNG specification, 9 and 10).
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # the first byte of a row names its filter: 0, none
    rows[:, 1:].reshape(height, width, 3)[...] = pixels[..., :3]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 2)) + _chunk(b"IEND", b"")
    )


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
        with LOCK:
            figure.canvas.draw()
            figure.set_layout_engine("none")  # the layout stands; a later draw must not shift it
            self._bare = self._background = figure.canvas.copy_from_bbox(figure.bbox)

    def settle(self):
        """Draw the ``seldom`` artists into the background as they stand now."""
        with LOCK:
            self.figure.canvas.restore_region(self._bare)
            for artist in self.seldom:
                (artist.axes or self.figure).draw_artist(artist)
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
            for artist in self.moving:
                (artist.axes or self.figure).draw_artist(artist)
            return encode_png(np.asarray(canvas.buffer_rgba()))

    def boxes(self):
        """Where the axes lie, for a front end: pixels from the top left corner, limits, and which are logarithmic."""
        width, height = self.figure.canvas.get_width_height()
        return {
            "size": [width, height],
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
