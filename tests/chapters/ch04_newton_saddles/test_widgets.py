"""The live figures of chapter 4, without a browser: every control to its ends, out of order, and what they then say."""

import re
import warnings

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.experiments import (
    basins,
    median_escape,
    probability_all_positive,
    saxe_product,
)
from course_lib.chapters.ch04_newton_saddles.experiments.basins import METHODS, grid
from course_lib.chapters.ch04_newton_saddles.figures.basins import NAMES, path_of, percent, surface_of
from course_lib.chapters.ch04_newton_saddles.figures.escape import escape_paths
from course_lib.chapters.ch04_newton_saddles.figures.spectrum import (
    EDGES,
    half_circle,
    share_positive,
    spectrum,
)
from course_lib.chapters.ch04_newton_saddles.widgets import basin_map, eigenvalue_explorer, saddle_escape, two_layers
from course_lib.chapters.ch04_newton_saddles.widgets.basins import COARSE, DAMPINGS, KNOWN
from course_lib.widgets.film import film_later

warnings.simplefilter("error")


@pytest.fixture(scope="module")
def explorer():
    return eigenvalue_explorer()


@pytest.fixture(scope="module")
def escape():
    return saddle_escape()


@pytest.fixture(scope="module")
def layers():
    return two_layers()


@pytest.fixture(scope="module")
def coarse_map():
    return basin_map(detail="coarse")


def positions(figure, trait):
    return next(control.positions for control in figure.controls() if control.trait == trait)


def drive(figure, trait):
    """Pictures and captions at both ends and in the middle, out of order."""
    places = positions(figure, trait)
    before, seen = getattr(figure, trait), []
    for value in (places[-1], places[0], places[len(places) // 2]):
        setattr(figure, trait, value)
        assert figure.problem == ""
        seen.append((figure.png(), figure.caption))
    setattr(figure, trait, before)
    return seen


# --- Basins ---------------------------------------------------------------------------------------------------


def test_the_caption_says_the_shares_of_the_ensemble_run(coarse_map):
    coarse_map.set(surface="himmelblau", method="Newton", damping=0.0, start=[-1.0, 3.6])
    surface = surface_of("himmelblau")
    shares = basins(surface, "Newton", grid(surface, COARSE)).shares()
    for kind in ("minimum", "saddle", "maximum"):
        assert f"{percent(shares[kind])} at a {kind}" in coarse_map.caption
    assert "ends at a saddle, (0.087, 2.884)" in coarse_map.caption


def test_the_coarse_map_is_refined_to_400_x_400_and_kept():
    KNOWN.clear()  # a figure of an earlier test may have refined it
    figure = basin_map()
    assert f"{COARSE} × {COARSE}" in figure.caption
    before = figure.png()
    figure.refine()
    assert "400 × 400" in figure.caption and "Refined" not in figure.caption
    assert figure.png() != before
    figure.start = [2.0, 2.0]  # another run, the same map
    assert "400 × 400" in figure.caption
    figure.damping = 50.0
    figure.refine()
    figure.damping = 0.0
    assert "400 × 400" in figure.caption  # at once: it was kept


def test_a_new_setting_stops_the_refinement():
    figure = basin_map(surface="saddle_point", method="gradient descent")
    figure.detail = "coarse"
    figure.refine()
    assert f"{COARSE} × {COARSE}" in figure.caption


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", METHODS)
def test_every_surface_with_every_method_is_drawn(coarse_map, name, method):
    coarse_map.set(surface=name, method=method)
    assert coarse_map.problem == ""
    assert "starts" in coarse_map.caption and "run from" in coarse_map.caption
    for artist in coarse_map.stage.moving[:4]:
        assert np.isfinite(np.asarray(artist.get_xydata(), dtype=float)).all()


def test_damping_at_its_ends_and_middle(coarse_map):
    coarse_map.set(surface="himmelblau", method="Newton")
    seen = drive(coarse_map, "damping")
    assert len({picture for picture, _ in seen}) == 3
    assert "never arrive" in seen[0][1] and "damping" in seen[0][1]
    assert DAMPINGS[0] == 0


def test_the_hidden_sliders_are_those_that_do_nothing(coarse_map):
    coarse_map.method = "gradient descent"
    assert coarse_map.hidden == ["damping"]
    seen = drive(coarse_map, "learning_rate")
    assert len({picture for picture, _ in seen}) == 3
    coarse_map.method = "BFGS"
    assert coarse_map.hidden == ["damping", "learning_rate"]
    coarse_map.method = "Newton"
    assert coarse_map.hidden == ["learning_rate"]


def test_a_wrong_value_gets_a_sentence_and_the_picture_stays(coarse_map):
    before = coarse_map.png()
    for trait, value, words in (
        ("damping", -1.0, "damping"),
        ("surface", "plateaux", "Choose one of"),
        ("method", "Adam", "Choose one of"),
        ("detail", "finest", "fine or coarse"),
        ("damping", float("nan"), ""),
    ):
        setattr(coarse_map, trait, value)
        assert coarse_map.problem and words in coarse_map.problem
        assert coarse_map.png() == before
    with pytest.raises(KeyError, match="no basin map"):
        basin_map("nowhere")


def test_a_path_is_cut_where_it_leaves():
    path = path_of(surface_of("classical_saddle"), "gradient descent", [1.5, 0.01], 0.0, 0.1)
    assert np.isfinite(path).all() and np.abs(path).max() <= 16 + 1e-9  # four windows of 4


# --- Eigenvalues ----------------------------------------------------------------------------------------------


def test_the_explorer_says_measured_coin_flip_and_exact_probability(explorer):
    explorer.set(n=2, shift=0.0, sample=1)
    found = spectrum(2)
    exact = probability_all_positive(2)
    assert abs(found.minima - exact) < 5 * np.sqrt(exact / found.number)
    assert "Coin flips would say 0.25, exactly 0.146" in explorer.caption
    explorer.n = 200
    assert "about 10^-4771" in explorer.caption


def test_the_histogram_is_the_half_circle_in_high_dimension_and_shifts_with_the_slider():
    found = spectrum(200, shift=1.0)
    edges = EDGES
    middle = (edges[1:] + edges[:-1]) / 2
    assert np.abs(found.heights - half_circle(middle, 1.0)).mean() < 0.03
    assert found.positive == pytest.approx(share_positive(1.0), abs=0.03)
    assert share_positive(2.0) == 1 and share_positive(0.0) == 0.5


@pytest.mark.parametrize(("trait", "value"), [("n", 0), ("n", 201), ("shift", 9.0), ("sample", 0)])
def test_the_explorer_keeps_its_picture_when_a_value_is_wrong(explorer, trait, value):
    before = explorer.png()
    setattr(explorer, trait, value)
    assert explorer.problem
    assert explorer.png() == before


# --- Escape ---------------------------------------------------------------------------------------------------


def test_without_noise_all_runs_end_at_the_saddle(escape):
    escape.set(noise=0.0, learning_rate=0.1, step=240)
    assert "0 of 30 runs have left; without noise none ever leaves" in escape.caption
    assert np.abs(escape_paths(0.0, 0.1)[-1]).max() < 1e-9


def test_the_measured_time_is_theorys(escape):
    escape.set(noise=0.001, learning_rate=0.1, step=240)
    median, theory = re.search(r"need (\d+) steps or fewer \(.*\), theory (\S+)\.", escape.caption).groups()
    assert float(theory) == pytest.approx(float(median_escape(0.001, 0.1)), abs=0.06)
    assert float(median) == pytest.approx(float(theory), abs=4)


@pytest.mark.parametrize(("trait", "value"), [("noise", -1.0), ("learning_rate", 0.0), ("step", 999)])
def test_the_escape_keeps_its_picture_when_a_value_is_wrong(escape, trait, value):
    before = escape.png()
    setattr(escape, trait, value)
    assert escape.problem
    assert escape.png() == before


# --- Two layers -----------------------------------------------------------------------------------------------


def test_saxes_curve_lies_on_the_run_and_only_for_balanced_weights(layers):
    layers.set(size=0.1, learning_rate=0.005)
    off = float(re.search(r"at most (\S+) away", layers.caption)[1])
    assert off < 0.005
    exact = layers.products[1].get_ydata()
    np.testing.assert_allclose(exact, saxe_product(0.005 * np.arange(len(exact)), 0.01))
    layers.start = [-0.3, 0.1]
    assert "not balanced" in layers.caption and len(layers.products[1].get_ydata()) == 0


def test_starts_end_on_their_branch_or_at_the_saddle(layers):
    for start, words in (([0.5, 0.2], "positive branch"), ([-0.5, -0.2], "negative branch"), ([0.5, -0.5], "saddle")):
        layers.set(start=start, learning_rate=0.05)
        assert words in layers.caption


def test_the_two_layers_diverge_with_words(layers):
    layers.set(start=[2.2, 2.2], learning_rate=0.5)
    assert "diverges" in layers.caption or "is at" in layers.caption
    layers.start = [9.0, 0.0]
    assert "between" in layers.problem


def test_a_run_that_jumps_out_of_the_window_is_said_to_leave_it():
    figure = basin_map("monkey_saddle", "BFGS", detail="coarse")
    assert "leaves the window for good" in figure.caption
    path = path_of(surface_of("monkey_saddle"), "BFGS", [1.0, 0.1], 0.0, 0.1)
    assert np.isfinite(path).all() and len(path) > 1


def test_a_film_at_hand_has_every_position_and_goes_on_while_its_own_slider_leads_others(layers):
    slider = next(control for control in layers.controls() if control.trait == "size")
    thread = film_later(layers, "size")
    layers.set(size=slider.positions[3])  # and the start with it
    thread.join()
    assert layers.film["controls"]["size"]["values"] == list(slider.positions)


def test_a_film_ends_when_another_control_is_set(layers):
    before = layers.film
    thread = film_later(layers, "size")
    layers.set(learning_rate=layers.learning_rate / 2)
    thread.join()
    assert layers.film is before


@pytest.mark.parametrize(("n", "shift"), [(2, 0.0), (11, 0.0), (200, 0.0), (200, 2.5)])
def test_in_every_dimension_one_mark_says_where_here_is(explorer, n, shift):
    explorer.set(n=n, shift=shift)
    dot, bound, words = explorer.here
    shown = [len(dot.get_xdata()) > 0, len(bound.get_xdata()) > 0, bool(words.get_text())]
    assert sum(shown) == 1 and shown[2] == (n > 12)
    found = spectrum(n, shift=shift)
    if shown[1]:
        assert found.minima == 0 and bound.get_ydata()[0] == 1 / found.number
