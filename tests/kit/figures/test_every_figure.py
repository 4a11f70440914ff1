"""Every figure of every chapter: drawn without a warning, nothing cut off or covered, and not by colour alone.

A figure is a public function ``..._figure`` of a chapter's ``figures``. It is drawn as it stands, or as the chapter's
table ``tests/chapters/chNN_name/drawn.py`` says under its name.
"""

import inspect
import re
import warnings
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from pkgutil import iter_modules

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from course_lib.chapters import parts
from course_lib.figures.curves import curves_figure
from course_lib.figures.methods import COLOURS, method_of
from course_lib.figures.regions import regions
from course_lib.figures.student import bars_figure, lines_figure
from course_lib.figures.surface import surface_figure
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES
from tests.kit.figures.colour_vision import APART, apart
from tests.kit.figures.looks import is_grey, looks, only_by_colour, strange

CHAPTERS = parts("figures")
NEEDS_TORCH = "ch10_cnn_training"


def functions(chapter):
    """``{name without "_figure": function}`` of the figures that a chapter has."""
    package = CHAPTERS[chapter]
    modules = [import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__)]
    return {
        name.removesuffix("_figure"): value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_figure") and not name.startswith("_") and value.__module__ == module.__name__
    }


def table(chapter):
    """How the chapter's table draws, ``{"name case": function of nothing}``."""
    if chapter == NEEDS_TORCH and find_spec("torch") is None:
        return {}
    return import_module(f"tests.chapters.{chapter}.drawn").FIGURES


def race(name, learning_rate, num_steps=50):
    surface = SURFACES[name]
    optimizers = {cls.__name__: cls(learning_rate) for cls in (SGD, Momentum, Nesterov)}
    return race_figure(
        surface, {label: descend(surface, opt, surface.start, num_steps) for label, opt in optimizers.items()}
    )


FIGURES = {  # those of the kit
    "race": lambda: race("beale", 0.002),
    "race saddle": lambda: race("classical_saddle", 0.05),
    "race diverging": lambda: race("ravine", 1e9),
    "curves": lambda: curves_figure({"a": ([1, 2], [1, 3]), "b": ([1, 2], [2, 2])}, "Two curves", "step", "loss"),
    "lines": lambda: lines_figure({"a": np.arange(1.0, 9), "b": np.ones(8)}, "step", "distance", log=True),
    "bars": lambda: bars_figure([np.arange(5), np.arange(5, 8)], 8),
    **{f"surface {name}": (lambda name=name: surface_figure(SURFACES[name])) for name in SURFACES},
}
for chapter in CHAPTERS:
    drawn_by_table = table(chapter)
    for key, function in functions(chapter).items():
        if key not in {case.split(" ")[0] for case in drawn_by_table}:
            FIGURES[f"{chapter} {key}"] = function
    FIGURES |= {f"{chapter} {case}": function for case, function in drawn_by_table.items()}


@pytest.mark.parametrize("chapter", [chapter for chapter in CHAPTERS if chapter != NEEDS_TORCH or find_spec("torch")])
def test_every_figure_of_a_chapter_can_be_drawn_here(chapter):
    found = functions(chapter)
    in_table = {case.split(" ")[0] for case in table(chapter)}
    for name, function in found.items():
        needs = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
        assert name in in_table or not needs, f"{name}_figure needs arguments: say which in drawn.py of {chapter}"


@pytest.fixture(scope="module", params=FIGURES)
def drawn(request):
    """``(figure, alt)``, drawn once, any warning an error."""
    if NEEDS_TORCH in request.param:
        pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, alt = FIGURES[request.param]()
        figure.canvas.draw()
    return figure, alt


def texts(figure):
    """Titles and labels that are seen."""
    found = [text for ax in figure.axes if ax.axison for text in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    found += [ax.title for ax in figure.axes if not ax.axison]
    return [text for text in (*found, figure._suptitle) if text and text.get_text()]


def test_the_alt_text_is_a_sentence_with_numbers(drawn):
    _, alt = drawn
    assert alt.endswith(".")
    assert re.search(r"\d", alt)
    assert 20 < len(alt) < 700
    assert not re.search(r"\bnan\b|\binf\b|np\.", alt)


def test_everything_written_lies_inside_the_figure(drawn):
    figure, _ = drawn
    renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
    for thing in (*texts(figure), *figure.legends):
        box = thing.get_window_extent(renderer)
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, thing


def test_no_legend_lies_over_data(drawn):
    figure, _ = drawn
    assert not [child for ax in figure.axes for child in ax.get_children() if isinstance(child, Legend)]
    renderer = figure.canvas.get_renderer()
    for legend in figure.legends:
        for ax in figure.axes:
            assert not legend.get_window_extent(renderer).overlaps(ax.bbox)


def test_titles_do_not_meet(drawn):
    figure, _ = drawn
    renderer = figure.canvas.get_renderer()
    boxes = [ax.title.get_window_extent(renderer) for ax in figure.axes if ax.get_title()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_no_word_is_cut_where_a_phone_shows_panel_by_panel(drawn):
    figure, _ = drawn
    renderer, height = figure.canvas.get_renderer(), figure.bbox.height
    panels = [(x, height - y - h, x + w, height - y) for x, y, w, h in regions(figure)["panels"]]
    words = [text for legend in figure.legends for text in legend.get_texts()] + [*texts(figure), *figure.texts]
    for box in (word.get_window_extent(renderer) for word in words if word.get_text()):
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        (around,) = [p for p in panels if p[0] <= middle[0] <= p[2] and p[1] <= middle[1] <= p[3]]
        assert around[0] - 2 <= box.x0 and box.x1 <= around[2] + 2


def test_type_is_large_enough_for_the_last_row(drawn):
    figure, _ = drawn
    ticks = [label.get_fontsize() for ax in figure.axes for label in ax.get_xticklabels()]
    legends = [text.get_fontsize() for legend in figure.legends for text in legend.get_texts()]
    small = {text.get_text(): text.get_fontsize() for text in texts(figure) if text.get_fontsize() < 13}
    assert not small
    assert min(ticks, default=11) >= 11  # a graph has none
    assert min(legends, default=12) >= 12


def test_limits_are_finite(drawn):
    figure, _ = drawn
    for ax in figure.axes:
        assert np.all(np.isfinite([*ax.get_xlim(), *ax.get_ylim()]))


def test_lines_with_a_name_differ_in_more_than_colour(drawn):
    figure, _ = drawn
    for ax in figure.axes:
        named = [line for line in ax.lines if not line.get_label().startswith("_")]
        looks = [
            (line.get_linestyle(), line.get_linewidth(), line.get_marker(), line.get_markersize()) for line in named
        ]
        assert len(set(looks)) == len(looks), [line.get_label() for line in named]


def test_no_two_lines_differ_by_colour_alone(drawn):
    figure, _ = drawn
    assert only_by_colour(figure) == []


def test_a_method_looks_as_it_does_everywhere(drawn):
    figure, _ = drawn
    assert strange(looks(figure)) == []


def test_methods_of_one_figure_have_colours_of_their_own(drawn):
    figure, _ = drawn
    colors = {}
    for one in looks(figure):
        if method_of(one.label) in (name := one.label.lower(), None) and not is_grey(one.color):
            colors.setdefault(one.color, set()).add(name.partition(",")[0])
    shared = [names for names in colors.values() if len(names) > 1 and any(map(method_of, names))]
    assert not shared or sum(map(len, colors.values())) > COLOURS


def look(handle):
    """``(colour, everything else)`` of what stands beside a word in a legend."""
    if isinstance(handle, Line2D):
        marks = handle.get_linestyle(), handle.get_linewidth(), handle.get_marker(), handle.get_markersize()
        return to_hex(handle.get_color()), marks
    filled = np.atleast_2d(handle.get_facecolor())
    return to_hex(filled[0] if len(filled) else handle.get_edgecolor()[0]), (type(handle), handle.get_hatch())


def test_who_sees_colours_otherwise_can_tell_apart_what_a_legend_names(drawn):
    figure, _ = drawn
    named = {handle.get_label(): look(handle) for legend in figure.legends for handle in legend.legend_handles}
    for (one, (colour, marks)), (other, (its_colour, its_marks)) in combinations(named.items(), 2):
        assert marks != its_marks or apart(colour, its_colour) >= APART, (one, other)
