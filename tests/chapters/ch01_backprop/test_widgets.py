"""The graph stepper and the V without a browser: every control from end to end, out of order, and what they say."""

import re
import time
import warnings

import numpy as np
import pytest

from course_lib.chapters.ch01_backprop.figures.gradient_check import SUBJECTS
from course_lib.chapters.ch01_backprop.widgets import gradient_check, graph_stepper
from course_lib.chapters.ch01_backprop.widgets.graph import GRAPHS, STARTS
from course_lib.figures.graph import frames
from course_lib.finite_differences import METHODS

DRAWN = [name for name in GRAPHS if GRAPHS[name]]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", DRAWN)
def test_every_step_of_every_graph_shows_another_picture(name, mode):
    figure = graph_stepper(graph=name, mode=mode)
    total = int(re.search(r"of (\d+),", figure.caption).group(1))
    pictures = [figure.png()]
    for step in range(1, total + 1):
        figure.step = step
        pictures.append(figure.png())
    assert len(set(pictures)) == total + 1
    figure.step = total + 5
    assert figure.png() == pictures[-1] and figure.problem == ""


@pytest.mark.parametrize("name", DRAWN)
def test_the_last_deltas_are_those_of_backward_and_of_all_forward_passes(name):
    parsed = graph_stepper(graph=name)._parsed()
    back = frames(parsed)[-1].slopes
    parsed.result.backward()
    for leaf in parsed.inputs.values():
        assert back[leaf] == f"{float(leaf.delta):.3g}"
    tangents = [frame.slopes[parsed.result] for frame in frames(parsed, "forward")[1:] if parsed.result in frame.slopes]
    assert tangents == [back[leaf] for leaf in parsed.inputs.values()]


def test_a_formula_is_typed_and_its_unused_inputs_have_no_slider():
    figure = graph_stepper()
    figure.formula = "x*x*y + y"
    assert (figure.graph, figure.problem) == ("your own", "")
    assert figure.hidden == ["w", "z"]
    figure.step = 60
    assert "delta of y is 5" in figure.caption or "delta of x is 4" in figure.caption
    figure.graph = "one unit"
    assert figure.formula == GRAPHS["one unit"] and figure.hidden == ["y"]
    figure.graph = "your own"
    assert figure.formula == GRAPHS["one unit"]


@pytest.mark.parametrize(
    ("trait", "bad"),
    [
        ("formula", "__import__('os')"),
        ("formula", ""),
        ("formula", "q"),
        ("graph", "none"),
        ("mode", "sideways"),
        ("step", -1),
        ("x", float("nan")),
        ("x", 1e308),
    ],
)
def test_a_wrong_value_is_named_and_the_old_picture_stays(trait, bad):
    figure = graph_stepper("x * y * 10", step=3)
    before = figure.png(), figure.caption, figure.formula
    setattr(figure, trait, bad)
    assert len(figure.problem) > 20
    assert (figure.png(), figure.caption, figure.formula) == before
    figure.step = 4
    assert figure.problem == "" and figure.png() != before[0]


def test_inputs_move_values_and_deltas():
    figure = graph_stepper("x * y", step=60)
    for name in ("x", "y"):
        for value in (3.0, -3.0, 0.0):
            before = figure.png()
            setattr(figure, name, value)
            assert figure.png() != before and figure.problem == ""
    assert set(STARTS) >= set(figure.hidden)


def test_costs_are_in_the_caption():
    assert "path by path 48, forward mode 12, reverse mode 12" in graph_stepper(graph="paths that merge").caption


def test_a_step_is_drawn_within_a_few_frames():
    figure = graph_stepper(graph="paths that merge")
    times = []
    for step in range(1, 20):
        start = time.process_time()
        figure.step = step
        times.append(time.process_time() - start)
    assert np.median(times) < 0.08


# --- The V ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SUBJECTS)
def test_the_v_draws_every_function_method_and_step(name, method):
    figure = gradient_check(name, method)
    pictures = []
    for h in (1.0, 1e-16, 1e-8, 3e-5):
        figure.h = h
        pictures.append(figure.png())
        assert figure.problem == "" and f"h = {h:.2g}" in figure.caption
        assert np.all(np.isfinite(figure.mark.get_xydata()))
    assert len(set(pictures)) == 4


def test_the_caption_names_the_wall():
    figure = gradient_check("exp", "central", 1e-2)
    assert "right wall" in figure.caption
    figure.h = 1e-12
    assert "left wall" in figure.caption
    figure.method = "complex step"
    assert "no digits cancel" in figure.caption


def test_at_theorys_best_step_no_tenfold_change_helps_much():
    from course_lib.chapters.ch01_backprop.figures.gradient_check import best_steps, measured_v

    for name in SUBJECTS:
        curve = measured_v(name)
        for method, (h, _) in best_steps(name).items():
            errors = curve.errors[method]
            near = np.abs(np.log10(curve.steps / h)) < 0.5
            far = (np.abs(np.log10(curve.steps / h)) > 2) & (curve.steps > 1e-15)
            assert np.median(errors[near]) < np.median(errors[far])


@pytest.mark.parametrize(("trait", "bad"), [("h", 0.0), ("h", -1.0), ("h", 2.0), ("h", float("nan")), ("method", "x")])
def test_the_v_names_a_wrong_value_and_keeps_its_picture(trait, bad):
    figure = gradient_check()
    before = figure.png()
    setattr(figure, trait, bad)
    assert figure.problem and figure.png() == before


@pytest.mark.parametrize("name", DRAWN)
def test_no_edge_passes_behind_a_node_that_it_does_not_belong_to(name):
    figure = graph_stepper(graph=name, step=60)
    axes = figure.stage.figure.axes[0]
    texts = {text.get_text(): text for text in figure.drawing.names.values()}
    boxes = [
        text.get_bbox_patch().get_window_extent().transformed(axes.transData.inverted()) for text in texts.values()
    ]
    for line in figure.drawing.lines:
        path = line.get_xydata()
        inside = [box for box in boxes if any(box.contains(*point) for point in path[3:-3])]
        ends = [box for box in boxes if box.contains(*path[0]) or box.contains(*path[-1])]
        assert all(box in ends for box in inside), name
        assert axes.get_ylim()[0] < path[:, 1].min() and path[:, 1].max() < axes.get_ylim()[1]
