"""The live phase map, without a browser: every control to its ends, out of order, and what it then says."""

import re
import struct
import warnings

import numpy as np
import pytest
import traitlets

from course_lib.chapters.ch03_momentum.experiments import (
    momentum_rate,
    nesterov_rate,
    optimal_momentum,
    optimal_nesterov,
)
from course_lib.chapters.ch03_momentum.widgets import NUM_STEPS, ellipses, phase_map


@pytest.fixture(scope="module")
def figure():
    return phase_map()


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def reset(figure):
    for name, value in (("method", "momentum"), ("condition_number", 30.0), ("point", [1.0, 0.6])):
        setattr(figure, name, value)
    return figure


def said(figure):
    """Theory's rate and the measured one, as the caption says them."""
    theory = re.search(r"theory says a rate of (\S+) a step", figure.caption).group(1)
    measured = re.search(rf"its run of {NUM_STEPS} steps measures (\S+):", figure.caption)
    return float(theory), float(measured.group(1)) if measured else None


def test_the_caption_gives_theory_and_measurement_at_the_point_and_the_optimum(figure):
    reset(figure).point = [2.5, 0.7]
    exact = max(momentum_rate(2.5 / 30, 0.7, curvature) for curvature in (1.0, 30.0))
    theory, measured = said(figure)
    assert theory == pytest.approx(exact, rel=1e-3)
    assert measured == pytest.approx(exact, rel=1e-3)
    learning_rate, momentum, rate = optimal_momentum(1.0, 30.0)
    assert f"The best pair is learning rate {learning_rate:.3g}, momentum {momentum:.3g}" in figure.caption
    assert f"with a rate of {rate:.4g}." in figure.caption


def test_nesterov_has_its_own_rates_optimum_and_axis(figure):
    reset(figure).method = "Nesterov"
    theory, measured = said(figure)
    exact = max(nesterov_rate(1.0 / 30, 0.6, curvature) for curvature in (1.0, 30.0))
    assert theory == pytest.approx(exact, rel=1e-3)
    assert measured == pytest.approx(exact, rel=1e-3)
    assert f"learning rate {optimal_nesterov(1.0, 30.0)[0]:.3g}" in figure.caption
    assert figure.boxes["axes"][0]["x"] == figure.boxes["axes"][1]["x"] == [0.0, 2.0]
    figure.method = "momentum"
    assert figure.boxes["axes"][0]["x"] == figure.boxes["axes"][1]["x"] == [0.0, 4.0]


def test_a_click_sets_both_sliders_and_a_slider_moves_the_point(figure):
    reset(figure).point = [3.1, 0.25]
    assert (figure.scaled_rate, figure.momentum) == (3.1, 0.25)
    figure.momentum = 0.5
    assert figure.point == [3.1, 0.5]
    figure.scaled_rate = 0.7
    assert figure.point == [0.7, 0.5]
    for cross in figure.crosses:
        assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (0.7, 0.5)


def test_a_click_draws_once(figure):
    pictures = []
    reset(figure).observe(lambda change: pictures.append(change), "picture")
    figure.point = [3.0, 0.4]
    figure.unobserve_all("picture")
    assert len(pictures) == 1


def test_only_a_new_map_is_computed_again(figure):
    reset(figure)
    maps = figure.drawn
    figure.point = [0.5, 0.5]
    assert figure.drawn is maps
    figure.condition_number = 100.0
    assert figure.drawn is not maps
    assert figure.drawn.condition_number == 100.0


@pytest.mark.parametrize("method", ["momentum", "Nesterov"])
@pytest.mark.parametrize("control", ["condition_number", "scaled_rate", "momentum"])
def test_every_slider_at_its_ends_and_middle_shows_another_picture(figure, method, control):
    reset(figure).method = method
    positions = next(c for c in figure.controls() if c.trait == control).positions
    pictures = []
    for position in (positions[-1], positions[0], positions[len(positions) // 2]):
        setattr(figure, control, position)
        assert figure.problem == ""
        pictures.append(figure.png())
    assert len(set(pictures)) == 3
    for artist in figure.stage.moving:
        values = np.asarray(artist.get_xydata(), dtype=float)
        assert not np.isinf(values).any()


def test_sliders_moved_in_any_order_end_at_the_same_picture(figure):
    reset(figure)
    for name, value in (("momentum", 0.9), ("condition_number", 100.0), ("scaled_rate", 3.0), ("method", "Nesterov")):
        setattr(figure, name, value)
    one = figure.png(), figure.caption
    reset(figure)
    for name, value in (("method", "Nesterov"), ("scaled_rate", 3.0), ("condition_number", 100.0), ("momentum", 0.9)):
        setattr(figure, name, value)
    assert (figure.png(), figure.caption) == one


def test_the_whole_map_says_what_single_points_say(figure):
    reset(figure)
    phases = figure.drawn
    for row, column in ((20, 30), (150, 120), (100, 199)):
        figure.point = [float(phases.learning_rates[column] * 30), float(phases.momenta[row])]
        theory, measured = said(figure)
        assert theory == pytest.approx(phases.theory[row, column], rel=1e-3)
        assert measured == pytest.approx(phases.measured[row, column], rel=1e-3)


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ([3.5, 0.2], "it diverges"),
        ([1e9, 0.5], "its run leaves the range of numbers: it diverges"),
        ([0.0, 0.5], "it never comes to rest"),
        ([2.0, 1.0], "it never comes to rest"),
    ],
)
def test_what_becomes_of_a_run_is_said_in_words(figure, point, words):
    reset(figure).point = point
    assert figure.problem == ""
    assert words in figure.caption


def test_at_the_star_nothing_is_better(figure):
    learning_rate, momentum, rate = optimal_momentum(1.0, 30.0)
    reset(figure).point = [learning_rate * 30, momentum]
    assert said(figure) == (pytest.approx(rate, rel=1e-3), pytest.approx(rate, rel=1e-3))
    assert "as good as the optimum" in figure.caption


def test_a_diverging_run_is_marked_at_the_border_and_stays_in_the_axes(figure):
    reset(figure).point = [3.9, 0.2]
    assert len(figure.off.get_xdata()) == 1
    assert np.nanmax(np.abs(figure.path.get_xydata())) < 10
    figure.point = [1.0, 0.6]
    assert len(figure.off.get_xdata()) == 0


def test_condition_number_one_without_momentum_is_there_in_one_step(figure):
    reset(figure).condition_number = 1.0
    figure.point = [1.0, 0.0]
    assert "reaches the minimum to the last digit" in figure.caption


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("scaled_rate", -1.0, "learning_rate must be a finite number that is 0 or larger"),
        ("scaled_rate", float("nan"), "learning_rate must be a finite number that is 0 or larger"),
        ("momentum", -0.1, "momentum must be a finite number that is 0 or larger"),
        ("momentum", float("inf"), "momentum must be a finite number that is 0 or larger"),
        ("condition_number", 0.5, "condition_number must be a finite number, at least 1"),
        ("condition_number", float("nan"), "condition_number must be a finite number, at least 1"),
        ("method", "adam", "There is no method 'adam' with a phase map"),
    ],
)
def test_a_bad_value_is_answered_and_the_picture_stays(figure, name, value, sentence):
    before = reset(figure).png()
    setattr(figure, name, value)
    assert sentence in figure.problem
    assert figure.png() == before
    assert (figure.method, figure.condition_number, figure.point) == ("momentum", 30.0, [1.0, 0.6]), "gone back"
    figure.momentum = 0.5
    assert figure.problem == ""


def test_a_typed_number_is_taken_and_a_typed_word_answered(figure):
    reset(figure)
    figure._message(figure, {"typed": "momentum", "text": "0,85"}, [])
    assert figure.point == [1.0, 0.85]
    figure._message(figure, {"typed": "momentum", "text": "much"}, [])
    assert "Momentum must be a number" in figure.problem


@pytest.mark.parametrize("arguments", [{"method": "adam"}, {"condition_number": 0.0}, {"momentum": -1.0}])
def test_a_figure_that_cannot_be_is_not_made(arguments):
    with pytest.raises(ValueError, match=r"must be|no method"):
        phase_map(**arguments)
    with pytest.raises(traitlets.TraitError, match="condition_number"):
        phase_map(condition_number="steep")


def test_the_start_can_be_given():
    figure = phase_map("Nesterov", 100, scaled_rate=1.2, momentum=0.8)
    assert figure.point == [1.2, 0.8]
    assert "condition number 100" in figure.caption


def test_without_a_front_end_it_is_a_picture_with_its_caption(figure):
    data, metadata = reset(figure)._repr_mimebundle_()
    width, height = struct.unpack(">II", data["image/png"][16:24])
    assert data["image/png"].startswith(b"\x89PNG")
    assert [width, height] == figure.boxes["size"] == [1050, 500]
    assert metadata["image/png"]["alt"] == figure.caption


def test_the_first_two_axes_are_the_maps_that_take_clicks(figure):
    reset(figure)
    theory, measured = figure.boxes["axes"][:2]
    assert theory["y"] == measured["y"] == [0.0, 1.0]
    assert theory["right"] < measured["left"]
    assert next(c for c in figure.controls() if c.trait == "point").axes == (0, 1)


def test_the_rings_are_contours_of_the_ravine():
    rings = ellipses(30.0)
    heights = (rings[:, 0] ** 2 + 30 * rings[:, 1] ** 2) / 2
    for piece in np.split(heights, np.flatnonzero(np.isnan(heights)))[:-1]:
        assert np.nanstd(piece) < 1e-9 * np.nanmax(piece)
    assert np.nanmax(rings[:, 1]) > 1.6, "out to the corners"
