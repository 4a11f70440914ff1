"""Where a drawn figure can be taken apart: its panels, and what keeps its colours on a dark page.

A phone shows the panels one below another; a dark page turns lightness round, but not in photographs. Both work on
the one picture that there is, so all they need is where: ``[x, y, width, height]`` in pixels from the top left.
"""

from itertools import pairwise

import numpy as np
from matplotlib.collections import QuadMesh
from matplotlib.image import AxesImage
from matplotlib.transforms import Bbox

GREYS = ("gray", "gray_r")  # the colour maps of photographs and of what is made of them
KEPT = "colours kept"


def keep_colours(axes):
    """What ``axes`` show stays as it is on a dark page: its colours are named in a text, or are those of a thing."""
    axes.set_gid(KEPT)


def regions(figure):
    """``{"size": [width, height], "dpi": ..., "panels": [...], "kept": [...]}`` of a figure that has been drawn.

    Each panel has the words and the colour bar that belong to it; the entries of a legend that several share are
    panels of their own.
    """
    width, height = figure.canvas.get_width_height()
    axes = [ax for ax in figure.axes if ax.get_visible()]
    drawn, words = _elements(figure, axes)
    cut = _cut([*drawn, *words], Bbox([[0, 0], [width, height]]))
    return {
        "size": [width, height],
        "dpi": figure.dpi,
        "panels": [_rectangle(_held(inside, room, drawn), height) for inside, room in cut],
        "kept": [_rectangle(ax.bbox, height) for ax in axes if _keeps_colours(ax)],
    }


def _held(inside, room, drawn):
    """A panel keeps its room, since it may change; words need no more than their place."""
    if any(box in drawn for box in inside):
        return room
    return Bbox.intersection(Bbox.union(inside).padded(4), room)


def _keeps_colours(axes):
    """Photographs do, and maps whose colours end before white: they are no bright slab on a dark page."""
    bar = getattr(axes, "_colorbar", None)
    shown = [bar.mappable] if bar else [*axes.images, *axes.collections]
    filled = [one for one in shown if isinstance(one, (AxesImage, QuadMesh)) or getattr(one, "filled", False) or bar]
    return axes.get_gid() == KEPT or any(map(_is_kept, filled))


def _is_kept(shown):
    cmap, values = shown.get_cmap(), shown.get_array()
    if cmap.name in GREYS:
        return True
    in_colours = isinstance(shown, AxesImage) and np.ndim(values) == 3  # those of classes, which a legend has too
    return not in_colours and cmap(np.linspace(0, 1, 33))[:, :3].min(axis=1).max() < 0.5


def _rectangle(box, height):
    left, right = round(box.x0), round(box.x1)
    top, bottom = round(height - box.y1), round(height - box.y0)
    return [left, top, right - left, bottom - top]


def _elements(figure, axes):
    """The boxes of what must not be cut through: of the ``axes`` with all that belongs to them, and of other words."""
    renderer = figure.canvas.get_renderer()
    found = {ax: [ax.get_tightbbox(renderer)] for ax in axes}
    for ax in axes:
        parents = getattr(ax, "_colorbar_info", {}).get("parents", ())
        if len(parents) == 1 and parents[0] in found:
            found[parents[0]] += found.pop(ax)
    drawn = [Bbox.union([box for box in boxes if box is not None]) for boxes in found.values() if any(boxes)]
    words = [text.get_window_extent(renderer) for text in figure.texts if text.get_text()]
    return drawn, [*words, *(box for legend in figure.legends for box in _entries(legend, renderer))]


def _entries(legend, renderer):
    if legend.get_frame_on():
        return [legend.get_window_extent(renderer)]
    pairs = zip(legend.legend_handles, legend.get_texts(), strict=True)
    return [Bbox.union([part.get_window_extent(renderer) for part in pair]) for pair in pairs]


def _cut(elements, room):
    """``[(elements, part of the room), ...]`` side by side; in rows only where a row can be cut side by side."""
    columns = _apart(elements, room, 0)
    if len(columns) > 1:
        return [piece for column in columns for piece in _cut(*column)]
    rows = _apart(elements, room, 1)
    pieces = [_cut(*row) for row in reversed(rows)] if len(rows) > 1 else []
    whole = [(elements, room)]
    return [piece for row in pieces for piece in row] if any(len(row) > 1 for row in pieces) else whole


def _apart(elements, room, axis):
    """``[(elements, part of the room), ...]`` along one axis, cut in the middle of what is empty between them."""
    groups = []
    for box in sorted(elements, key=lambda box: box.min[axis]):
        if groups and box.min[axis] < groups[-1][1]:
            groups[-1][0].append(box)
            groups[-1][1] = max(groups[-1][1], box.max[axis])
        else:
            groups.append([[box], box.max[axis]])
    cuts = [(end + min(box.min[axis] for box in after)) / 2 for (_, end), (after, _) in pairwise(groups)]
    edges = [room.min[axis], *cuts, room.max[axis]]
    parts = []
    for (inside, _), (low, high) in zip(groups, pairwise(edges), strict=True):
        corners = room.get_points().copy()
        corners[:, axis] = low, high
        parts.append((inside, Bbox(corners)))
    return parts


def around(kept, panel):
    """CSS that leaves ``kept`` out of an area that covers ``panel``; "" where there are none."""
    left, top, width, height = panel
    holes = []
    for x, y, w, h in kept:
        low, high = max(x, left), min(x + w, left + width)
        first, last = max(y, top), min(y + h, top + height)
        if low < high and first < last:
            corners = [(low, first), (high, first), (high, last), (low, last), (low, first)]
            holes += [((a - left) / width, (b - top) / height) for a, b in corners] + [(0, 0)]
    if not holes:
        return ""
    outline = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), *holes]
    return f"clip-path:polygon(evenodd,{','.join(f'{a:.2%} {b:.2%}' for a, b in outline)})"
