"""Paths cut to the window, limits without inf, contour levels, and one update taken apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.chapters.ch03_momentum.figures.step import step_parts
from course_lib.figures.style import new_figure
from course_lib.figures.surface import contour_levels, draw_surface, surface_alt, surface_grid
from course_lib.figures.trajectories import (
    best_value,
    draw_trajectories,
    draw_values,
    ending,
    race_figure,
    value_limits,
    visible_path,
)
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES, ravine

WINDOW = ((-1.0, 1.0), (-2.0, 2.0))


def test_a_path_inside_is_left_as_it_is():
    thetas = np.array([[0.0, 0.0], [0.5, 1.0]])
    path = visible_path(thetas, WINDOW)
    assert np.array_equal(path.points, thetas)
    assert path.exit is None
    assert path.fate == "inside"


def test_a_path_that_leaves_and_comes_back_is_inside():
    assert visible_path([[0.0, 0.0], [3.0, 0.0], [0.5, 0.0]], WINDOW).fate == "inside"


def test_the_exit_lies_on_the_border_on_the_segment_that_crosses_it():
    path = visible_path([[0.0, 0.0], [2.0, 1.0]], WINDOW)
    assert path.fate == "leaves"
    assert np.allclose(path.exit, [1.0, 0.5])


@pytest.mark.parametrize("end", [[1e300, 0.0], [np.inf, 0.0], [np.nan, np.nan], [-1e9, 1e9], [np.inf, -np.inf]])
def test_a_diverging_path_has_no_huge_point_and_an_exit(end):
    path = visible_path([[0.0, 0.0], [0.5, 0.5], end, end], WINDOW)
    assert path.fate == "diverges"
    assert np.nanmax(np.abs(path.points)) < 20
    assert -1 <= path.exit[0] <= 1
    assert -2 <= path.exit[1] <= 2
    assert np.any(np.isclose(np.abs(path.exit), [1, 2])), "on the border"


def test_the_step_that_flies_off_keeps_its_direction():
    path = visible_path([[0.0, 0.0], [1e6, 1e6]], WINDOW)
    assert path.points[1, 0] == pytest.approx(path.points[1, 1])
    assert path.points[1, 0] > 1


def test_a_path_that_never_was_inside_has_no_exit():
    path = visible_path([[5.0, 5.0], [1e9, 0.0]], WINDOW)
    assert path.exit is None
    assert path.fate == "diverges"


coordinates = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=8))
def test_whatever_a_run_does_its_path_can_be_drawn(thetas):
    path = visible_path(np.array(thetas), WINDOW)
    shown = path.points[np.isfinite(path.points)]
    assert np.all(np.abs(shown) <= 10 + 1e-9)
    assert path.exit is None or np.all(np.isfinite(path.exit))


@given(st.lists(st.lists(coordinates, min_size=1, max_size=8), min_size=1, max_size=3))
def test_whatever_values_do_the_limits_are_finite_and_ordered(curves):
    low, high, scale = value_limits([np.array(curve) for curve in curves])
    assert np.isfinite(low)
    assert np.isfinite(high)
    assert low < high
    assert scale == "symlog" or low > 0


def test_values_are_drawn_as_distance_to_the_best_known_one():
    _, ax = new_figure()
    lines = draw_values(ax, {"run": np.array([3.0, 1.5, 1.0])}, best=1.0)
    assert np.allclose(lines["run"].get_ydata()[:2], [2.0, 0.5])
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "distance to the lowest value"


def test_negative_values_without_a_best_one_get_a_symmetric_axis():
    _, ax = new_figure()
    draw_values(ax, {"run": np.array([3.0, -1.5])})
    assert ax.get_yscale() == "symlog"


def test_a_diverging_run_ends_in_a_mark_at_the_top():
    _, ax = new_figure()
    draw_values(ax, {"run": np.array([1.0, 1e30, np.inf, np.nan]), "other": np.array([1.0, 0.5, 0.2, 0.1])}, best=0.0)
    marks = [line for line in ax.lines if line.get_marker() == "X"]
    assert len(marks) == 1
    assert marks[0].get_ydata()[0] == ax.get_ylim()[1] <= 100.0


def test_every_path_is_labelled_and_a_diverging_one_says_so():
    surface = ravine(30)
    runs = {
        "calm": descend(surface, SGD(0.05), surface.start, 30),
        "wild": descend(surface, SGD(0.2), surface.start, 900),
    }
    _, ax = new_figure()
    draw_surface(ax, surface)
    before = ax.get_xlim(), ax.get_ylim()
    paths = draw_trajectories(ax, {label: run.thetas for label, run in runs.items()}, surface.window)
    labels = ax.get_legend_handles_labels()[1]
    assert "calm" in labels
    assert "wild (diverges)" in labels
    assert (paths["calm"].fate, paths["wild"].fate) == ("inside", "diverges")
    assert (ax.get_xlim(), ax.get_ylim()) == before == surface.window


def test_the_alt_text_says_how_each_run_ended():
    surface = SURFACES["rosenbrock"]
    runs = {
        "SGD": descend(surface, SGD(2e-4), surface.start, 50),
        "huge": descend(surface, SGD(1.0), surface.start, 50),
    }
    _, alt = race_figure(surface, runs)
    assert f"SGD goes from f = {runs['SGD'].values[0]:.3g} to f = {runs['SGD'].values[-1]:.3g}" in alt
    assert "huge diverges" in alt
    assert "2 runs of 50 steps" in alt


def test_an_end_at_the_lowest_value_is_called_that():
    assert ending("SGD", np.array([5.0, 1e-12]), 0.0) == "SGD goes from f = 5 to the lowest known value"
    assert "to f = 1e-12" in ending("SGD", np.array([5.0, 1e-12]), None)


def test_without_a_minimum_the_way_down_has_no_end():
    surface = SURFACES["classical_saddle"]
    _, alt = race_figure(surface, {"SGD": descend(surface, SGD(0.05), surface.start, 200)})
    assert "SGD runs off downhill, where there is no minimum" in alt


@pytest.mark.parametrize("name", SURFACES)
def test_levels_rise_from_the_minimum_to_the_top_and_split_the_window(name):
    surface = SURFACES[name]
    _, _, z = surface_grid(surface)
    best = best_value(surface)
    lowest = z.min() if best is None else min(best, z.min())
    levels = contour_levels(z, lowest)
    assert np.all(np.diff(levels) > 0)
    assert levels[0] <= z.min()
    assert levels[-1] == pytest.approx(z.max())
    bands = np.histogram(z, levels)[0] / z.size
    assert bands.max() < 0.35, "no band swallows the picture"


def test_a_surface_is_computed_once():
    assert surface_grid(SURFACES["beale"]) is surface_grid(SURFACES["beale"])


def test_the_cached_grid_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        surface_grid(SURFACES["beale"])[2][0, 0] = 1.0


def test_the_alt_text_of_a_surface_names_its_points():
    assert surface_alt(SURFACES["classical_saddle"]) == "Contours of Saddle, from f = -4 to f = 4; saddle at (0, 0)."
    assert surface_alt(SURFACES["himmelblau"]).count("(") == 9


@pytest.mark.parametrize("optimizer", [Momentum(0.02, 0.9), Nesterov(0.02, 0.9)])
def test_the_parts_of_a_step_add_up_to_the_step_of_the_optimizer(optimizer):
    surface, theta, velocity = SURFACES["beale"], np.array([1.0, 1.2]), np.array([0.3, -0.5])
    parts = step_parts(surface, optimizer, theta, velocity)
    assert np.allclose(parts.theta + parts.carried + parts.gradient_part, parts.new_theta)
    assert np.allclose(parts.carried, 0.9 * velocity)
    assert np.allclose(parts.gradient_part, -0.02 * surface.gradient(parts.asked_at))
    look_ahead = theta + 0.9 * velocity if isinstance(optimizer, Nesterov) else theta
    assert np.array_equal(parts.asked_at, look_ahead)
