"""Texts and images at the speed of the hand: matplotlib's own pixels, kept, in the place of matplotlib's detours.

A text of a table is laid out and rasterised anew for each picture; here each word is drawn once and its pixels are
kept. While a figure is drawn, its layout asks ten times for the same texts and ticks; here they are measured once. An
image whose cells are larger than a pixel is resampled with a general method; here each pixel takes its cell.
"""

from contextlib import contextmanager
from copy import copy
from functools import lru_cache

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.image import AxesImage
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

BORDER = 2  # pixels around a word; around its box as many as the letters are high, in addition
MEASURED = 4096  # looks of texts whose layout is kept
LARGER = 3  # pixels a cell, from which on matplotlib itself takes the nearest one


def draw(artist, renderer):
    """Draw ``artist`` with ``renderer`` (of the Agg canvas), quickly where that can be."""
    if not artist.get_visible():
        return
    if type(artist) is Text and _is_plain(artist):
        _draw_text(artist, renderer)
    elif type(artist) is AxesImage and _is_nearest(artist):
        _draw_image(artist, renderer)
    else:
        artist.draw(renderer)


def _is_plain(text):
    return not (text.get_clip_on() or text.get_path_effects() or text.get_usetex())


def _draw_text(text, renderer):
    if not text.get_text().strip():
        return
    x, y = text.get_transform().transform(text.get_unitless_position())
    if not np.isfinite([x, y]).all():
        return
    look = _Look(text)
    pixels, left, bottom = _word(look)
    _put(renderer, pixels, round(x) + left, round(y) + bottom)


def _layout_key(text):
    """What the layout of a text depends on, its place aside."""
    return (
        text.get_figure(root=True).dpi,
        text.get_text(),
        hash(text.get_fontproperties()),  # of its values, which may change
        text.get_rotation(),
        text.get_ha(),
        text.get_va(),
        text.get_rotation_mode(),
        text.get_parse_math(),
        text._linespacing,
        text._multialignment,
    )


_measured: dict[tuple, tuple] = {}


def _layout(measure, text, renderer):
    """What ``measure``, matplotlib's own way, finds; for each look once."""
    if text.get_wrap() or text.get_usetex() or type(renderer) is not RendererAgg:
        return measure(text, renderer)
    key = _layout_key(text)
    if key not in _measured:
        if len(_measured) >= MEASURED:
            _measured.clear()
        _measured[key] = measure(text, renderer)
    return _measured[key]


def _ticks(update, known, axis):
    """The ticks that ``update``, matplotlib's own way, puts on ``axis``; once for each place and limits."""
    key = axis, *axis.axes.bbox.bounds, *axis.get_view_interval()
    if key not in known:
        known[key] = update(axis)
    return known[key]


@contextmanager
def measured_once():
    """Inside, nothing may change but the layout: texts and ticks are measured once. Not for two threads at a time."""
    measure, update, known = Text._get_layout, Axis._update_ticks, {}
    Text._get_layout = lambda text, renderer: _layout(measure, text, renderer)
    Axis._update_ticks = lambda axis: _ticks(update, known, axis)
    try:
        yield
    finally:
        Text._get_layout, Axis._update_ticks = measure, update


def _share_formulas():
    """Keep labels such as 10 to the power of -3 for all figures; matplotlib keeps fifty, of one figure."""
    parse = getattr(MathTextParser._parse_cached, "__wrapped__", None)
    if parse:
        MathTextParser.__eq__ = lambda parser, other: parser._output_type == getattr(other, "_output_type", None)
        MathTextParser.__hash__ = lambda parser: hash(parser._output_type)
        MathTextParser._parse_cached = lru_cache(maxsize=1024)(parse)


_share_formulas()


class _Look:
    """What the pixels of a text depend on, its place aside."""

    def __init__(self, text):
        self.text = text
        self.key = (*_layout_key(text), text.get_color(), text.get_alpha(), _of_box(text.get_bbox_patch()))

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return self.key == other.key


def _of_box(box):
    """What the pixels of the box around a text depend on."""
    if box is None:
        return None
    style = box.get_boxstyle()
    about = box.get_facecolor(), box.get_edgecolor(), box.get_linewidth(), box.get_alpha()
    return type(style), *vars(style).values(), *about


@lru_cache(maxsize=4096)
def _word(look):
    """``(pixels, left, bottom)``: RGBA of a text, and where its corner lies from the place of the text."""
    text = copy(look.text)
    look.text = None  # the key is kept, the figure is not
    text.set_transform(IdentityTransform())
    text.set_position((0, 0))
    dpi = look.key[0]
    box = text.get_window_extent(RendererAgg(1, 1, dpi))
    around = BORDER if text.get_bbox_patch() is None else BORDER + round(text.get_fontsize() * dpi / 72)
    left, bottom = int(np.floor(box.x0)) - around, int(np.floor(box.y0)) - around
    width, height = int(np.ceil(box.x1)) + around - left, int(np.ceil(box.y1)) + around - bottom
    text.set_position((-left, -bottom))
    renderer = RendererAgg(width, height, dpi)
    text.draw(renderer)
    return np.array(renderer.buffer_rgba()), left, bottom


def _is_nearest(image):
    """Whether each pixel shows one cell, on axes without a logarithm."""
    if image.get_path_effects() or not image.get_transform().is_affine or image.get_array() is None:
        return False
    if image.get_interpolation() == "nearest":
        return True
    left, right, bottom, top = _edges(image)
    rows, columns = image.get_array().shape[:2]
    return image.get_interpolation() in ("auto", "antialiased") and (
        min(abs(right - left) / columns, abs(top - bottom) / rows) > LARGER
    )


def _edges(image):
    """Left, right, bottom and top of an image in pixels."""
    left, right, bottom, top = image.get_extent()
    (x0, y0), (x1, y1) = image.get_transform().transform([(left, bottom), (right, top)])
    return x0, x1, y0, y1


def _cells(start, end, low, high, number):
    """``(first pixel, cell of each pixel)`` between ``low`` and ``high``; the image goes from ``start`` to ``end``."""
    first = round(max(min(start, end), low))
    last = round(min(max(start, end), high))
    share = (np.arange(first, last) + 0.5 - start) / (end - start)
    return first, np.clip((share * number).astype(int), 0, number - 1)


def _draw_image(image, renderer):
    left, right, bottom, top = _edges(image)
    if image.origin == "upper":
        bottom, top = top, bottom  # row 0 lies at the top
    clip = image.axes.bbox
    values = image.get_array()
    first, columns = _cells(left, right, clip.x0, clip.x1, values.shape[1])
    lowest, rows = _cells(bottom, top, clip.y0, clip.y1, values.shape[0])
    if not (len(rows) and len(columns)):
        return
    colours = np.ascontiguousarray(image.to_rgba(values, bytes=True, alpha=image.get_alpha()))
    whole = colours.view(np.uint32)[..., 0][rows[::-1]].take(columns, axis=1)  # four bytes of a colour at once
    _put(renderer, whole.view(np.uint8).reshape(*whole.shape, 4), first, lowest)


def _put(renderer, pixels, x, y):
    """Lay ``pixels``, the first row on top, over the picture, the lowest left one at ``(x, y)``."""
    renderer.draw_image(renderer.new_gc(), x, y, pixels[::-1])
