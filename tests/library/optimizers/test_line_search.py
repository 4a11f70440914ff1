"""Line searches: their conditions hold, for every member of a stack."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.objective import Objective
from course_lib.optimizers import armijo, exact_on_quadratic, strong_wolfe
from course_lib.surfaces import SURFACES, quadratic

BOUNDED = [name for name in SURFACES if name not in ("classical_saddle", "monkey_saddle")]


def along(surface, theta, direction, step_size):
    there = theta + step_size[..., None] * direction
    return surface.value(there), np.sum(surface.gradient(there) * direction, axis=-1)


def starts_and_directions(surface, seed, stretch=1.0):
    """100 starts; directions up to 80 degrees away from steepest descent."""
    rng = np.random.default_rng(seed)
    theta = rng.uniform(-1.5, 1.5, size=(100, 2))
    gradient = surface.gradient(theta)
    turned = np.stack([-gradient[:, 1], gradient[:, 0]], axis=-1)
    return theta, stretch * (-gradient + rng.uniform(-5, 5, size=(100, 1)) * turned)


@pytest.mark.parametrize("name", SURFACES)
def test_armijos_step_decreases_enough_and_the_trial_before_did_not(name):
    surface = SURFACES[name]
    theta, direction = starts_and_directions(surface, 0, stretch=3.0)
    search = armijo(surface, theta, direction, shrink=0.7, sufficient_decrease=0.3)
    assert search.found.all()
    value, slope = along(surface, theta, direction, np.zeros(100))
    new_value, _ = along(surface, theta, direction, search.step_size)
    assert np.all(new_value <= value + 0.3 * search.step_size * slope)
    before = search.step_size / 0.7
    shrunk = search.step_size < 1
    old_value, _ = along(surface, theta, direction, before)
    assert np.all((old_value > value + 0.3 * before * slope)[shrunk])
    assert shrunk.any()


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("curvature", [0.9, 0.1])
def test_both_wolfe_conditions_hold(name, curvature):
    surface = SURFACES[name]
    for stretch in (1e-3, 1.0, 1e3):
        theta, direction = starts_and_directions(surface, 1, stretch)
        search = strong_wolfe(surface, theta, direction, curvature=curvature)
        assert search.found.all()
        value, slope = along(surface, theta, direction, np.zeros(100))
        new_value, new_slope = along(surface, theta, direction, search.step_size)
        assert np.all(new_value <= value + 1e-4 * search.step_size * slope + 1e-14 * np.abs(value))
        assert np.all(np.abs(new_slope) <= curvature * np.abs(slope))
        assert np.all(search.step_size > 0)


@settings(max_examples=100, deadline=None)
@given(
    weights=st.tuples(*[st.floats(-3, 3)] * 4),
    first_step=st.floats(1e-4, 1e4),
    curvature=st.floats(0.05, 0.95),
    part=st.floats(0.01, 0.9),
)
def test_wolfe_finds_a_step_on_any_wavy_bowl(weights, first_step, curvature, part):
    a, b, c, d = weights
    sufficient_decrease = part * curvature

    def value(x):
        return (x**2 / 2 + a * np.sin(2 * x) + b * np.cos(3 * x) + c * np.sin(5 * x) + d * x)[..., 0]

    def gradient(x):
        return x + 2 * a * np.cos(2 * x) - 3 * b * np.sin(3 * x) + 5 * c * np.cos(5 * x) + d

    objective, theta = Objective(value, gradient), np.array([1.7])
    slope = gradient(theta)
    if abs(slope[0]) < 1e-3:
        return
    wanted = {"sufficient_decrease": sufficient_decrease, "curvature": curvature}
    search = strong_wolfe(objective, theta, -slope, first_step=first_step, max_trials=80, **wanted)
    assert search.found
    there = theta - search.step_size * slope
    assert value(there) <= value(theta) - sufficient_decrease * search.step_size * slope[0] ** 2 + 1e-12
    assert abs(gradient(there)[0]) <= curvature * abs(slope[0])


def test_a_small_curvature_makes_the_search_exact():
    bowl, theta = quadratic(np.array([1.0, 9.0])), np.array([3.0, -2.0])
    direction = -bowl.gradient(theta)
    search = strong_wolfe(bowl, theta, direction, sufficient_decrease=1e-9, curvature=1e-8)
    np.testing.assert_allclose(search.step_size, exact_on_quadratic(bowl, theta, direction).step_size, rtol=1e-7)


def test_exact_on_quadratic_ends_where_the_slope_is_0():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(5, 5))
    bowl, theta = quadratic(root @ root.T, rng.normal(size=5)), rng.normal(size=(20, 5))
    direction = -bowl.gradient(theta)
    search = exact_on_quadratic(bowl, theta, direction)
    new_slope = along(bowl, theta, direction, search.step_size)[1]
    assert np.all(np.abs(new_slope) < 1e-11 * np.sum(direction**2, axis=-1))


def test_where_there_is_no_bottom_exact_stays_and_wolfe_takes_the_longest_step_it_tried():
    saddle, theta = SURFACES["classical_saddle"], np.array([0.0, 1.0])
    direction = np.array([0.0, 1.0])
    exact = exact_on_quadratic(saddle, theta, direction)
    assert exact.step_size == 0 and not exact.found
    search = strong_wolfe(saddle, theta, direction, max_trials=6)
    assert search.step_size == 32 and not search.found


def test_a_search_that_runs_out_of_trials_says_so_and_stays():
    bowl, theta = SURFACES["global_minimum"], np.array([1.0, 1.0])
    search = armijo(bowl, theta, -bowl.gradient(theta), first_step=1e9, max_trials=3)
    assert search.step_size == 0 and not search.found and len(search.tried) == 3


@pytest.mark.parametrize("search", [armijo, strong_wolfe, exact_on_quadratic])
def test_an_uphill_direction_is_refused(search):
    bowl, theta = SURFACES["global_minimum"], np.array([1.0, 1.0])
    with pytest.raises(ValueError, match=r"leads downhill.*use -gradient"):
        search(bowl, theta, bowl.gradient(theta))


@pytest.mark.parametrize("search", [armijo, strong_wolfe, exact_on_quadratic])
def test_at_a_critical_point_nothing_moves(search):
    found = search(SURFACES["global_minimum"], np.zeros(2), np.zeros(2))
    assert np.isfinite(found.step_size)


@pytest.mark.parametrize("search", [armijo, partial(strong_wolfe, curvature=0.3), exact_on_quadratic])
def test_a_stack_is_searched_as_if_each_were_alone_and_gradient_is_only_a_saving(search):
    surface = SURFACES["himmelblau"]
    theta, direction = starts_and_directions(surface, 2)
    together = search(surface, theta, direction)
    again = search(surface, theta, direction, surface.gradient(theta))
    np.testing.assert_array_equal(together.step_size, again.step_size)
    for i in range(100):
        alone = search(surface, theta[i], direction[i])
        assert alone.found == together.found[i]
        np.testing.assert_allclose(together.step_size[i], alone.step_size, rtol=1e-12)


@pytest.mark.parametrize(
    "search, settings",
    [
        (armijo, {"sufficient_decrease": 0.0}),
        (armijo, {"sufficient_decrease": 1.0}),
        (armijo, {"shrink": 1.0}),
        (armijo, {"shrink": float("nan")}),
        (armijo, {"first_step": -1.0}),
        (armijo, {"max_trials": 0}),
        (strong_wolfe, {"curvature": 1e-5}),
        (strong_wolfe, {"curvature": 1.5}),
        (strong_wolfe, {"first_step": float("inf")}),
        (strong_wolfe, {"max_trials": 2.5}),
    ],
)
def test_bad_settings_are_named(search, settings):
    bowl, theta = SURFACES["global_minimum"], np.ones(2)
    with pytest.raises(ValueError, match=next(iter(settings))):
        search(bowl, theta, -theta, **settings)
