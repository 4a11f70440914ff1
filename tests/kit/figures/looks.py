"""How the lines of a figure are drawn, read off its axes and its legends."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from course_lib.figures.methods import COLOURS, STYLE_NUMBERS, method_of
from course_lib.figures.style import line_style

NONE = ("None", "none", "", " ", None)


class Look(NamedTuple):
    """What is seen of one line; dash pattern and marker are "" where it has none."""

    label: str
    color: str
    dashes: str
    marker: str


def look(label, color, dashes, marker):
    """A ``Look`` of what Matplotlib, or a track of a reel, says."""
    return Look(label, to_hex(color), *("" if how in NONE else str(how) for how in (dashes, marker)))


def looks(figure):
    """Every line of ``figure`` that has a label, and what its legends show."""
    lines = [(line.get_label(), line) for ax in figure.axes for line in ax.lines]
    for legend in figure.legends:
        lines += [(text.get_text(), line) for text, line in zip(legend.get_texts(), legend.legend_handles, strict=True)]
    return [
        look(label, line.get_color(), line.get_linestyle(), line.get_marker())
        for label, line in lines
        if isinstance(line, Line2D) and not label.startswith("_")
    ]


def is_grey(color):
    """Black, white or a grey: what methods are compared with."""
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return max(red, green, blue) - min(red, green, blue) < 40


def strange(seen):
    """``[(look, its own style), ...]`` of those in ``seen`` that begin with a method's name and do not look like it.

    A label that says more than the name ("Adam, beta1 = 0") may have another dash pattern and marker of that colour.
    """
    wrong = []
    for one in seen:
        name = method_of(one.label)
        if name is None or is_grey(one.color):
            continue
        turns = 1 if one.label.lower() == name else 4
        own = [line_style(STYLE_NUMBERS[name] + turn * COLOURS) for turn in range(turns)]
        if not any(fits(one, style) for style in own):
            wrong.append((one, own[0]))
    return wrong


def fits(one, style):
    """Whether a ``Look`` is that of ``style``; a dense curve may go without markers, and markers without a line."""
    return one.color == style.color.lower() and one.dashes in ("", style.dashes) and one.marker in ("", style.marker)


def only_by_colour(figure):
    """``[(label, label), ...]`` of lines in one axes that differ in their colour and in nothing else that is seen."""
    found = []
    for ax in figure.axes:
        seen = [line for line in ax.lines if line.get_visible() and len(line.get_xdata()) > 1]
        drawn = [line for line in seen if line.get_linestyle() not in NONE]
        for one, other in combinations(drawn, 2):
            colours = {to_hex(one.get_color()), to_hex(other.get_color())}
            if len(colours) == 2 and _seen(one) == _seen(other):
                found.append((one.get_label(), other.get_label()))
    return found


def _seen(line):
    """Dash pattern, width, and the marker if one lies inside the axes."""
    return line.get_linestyle(), line.get_linewidth(), line.get_marker() if _shows_a_marker(line) else ""


def _shows_a_marker(line):
    every, points = line.get_markevery(), line.get_transform().transform(line.get_xydata())
    if isinstance(every, int):
        points = points[::every]
    elif isinstance(every, tuple) and isinstance(every[1], int):
        points = points[every[0] :: every[1]]
    inside = [line.axes.bbox.contains(*point) for point in points if np.isfinite(point).all()]
    return line.get_marker() not in NONE and any(inside)
