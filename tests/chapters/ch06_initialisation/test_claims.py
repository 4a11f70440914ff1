"""Chapter 6's claims and errata: verdicts, what other numbers would have said, and the experiments' own checks."""

import numpy as np
import pytest

from course_lib.chapters.ch06_initialisation.claims.signals import second_moments
from course_lib.chapters.ch06_initialisation.errata import overwriting_draws
from course_lib.chapters.ch06_initialisation.experiments.signals import predict
from course_lib.chapters.ch06_initialisation.experiments.symmetry import (
    STARTS,
    UNITS,
    optimizer_for,
    problem,
    spread,
    spreads,
    start,
    units,
)
from course_lib.chapters.ch06_initialisation.experiments.zigzag import condition, run
from course_lib.finite_differences import central_difference
from course_lib.optimizers import BY_GRADIENTS, OPTIMIZERS, Adam, CoordinateDescent, Newton
from course_lib.run import descend


def test_measured_second_moments_meet_the_theory(results):
    for activation in ("linear", "relu"):
        found = second_moments(activation, np.full(4, 16), 1.5, 4000, 7)
        theory = predict(np.full(4, 16), np.full(3, 1.5 / 16), activation).z
        assert np.all(np.abs(found.mean(0) - theory) < 5 * found.std(0) / np.sqrt(4000))
    law = results["C-06-3"].numbers
    assert law["xavier_forward"].lower <= law["law"].value <= law["xavier_forward"].upper


def test_the_condition_number_of_shifted_inputs_is_one_and_six_mean_squares():
    rng, mean = np.random.default_rng(0), 1.5
    x = mean + rng.uniform(-1, 1, size=(200_000, 2))
    assert condition(x.T @ x / len(x)) == pytest.approx(1 + 6 * mean**2, rel=0.02)


def test_a_full_batch_of_the_zigzag_is_gradient_descent():
    found = run(1.0, 64, 0.5)
    values, vectors = np.linalg.eigh(found.hessian)
    rate = 0.5 / values[-1]
    error = (found.path[0] - np.array([0.6, -0.6])) @ vectors * (1 - rate * values) ** 150
    np.testing.assert_allclose((found.path[-1] - np.array([0.6, -0.6])) @ vectors, error, atol=1e-12)


def test_every_kind_of_start_is_what_its_name_says():
    objective = problem()
    apart = {kind: spread(objective, start(objective, kind)) for kind in STARTS}
    assert apart[STARTS[0]] == apart[STARTS[1]] == 0
    assert 1e-7 < apart[STARTS[3]] < 1e-5
    assert apart[STARTS[2]] > 0.1 and apart[STARTS[4]] > 0.1
    rows = units(objective, start(objective, STARTS[2]))
    assert np.ptp(rows[:, :3], axis=0).max() == 0 < np.ptp(rows[:, 3:], axis=0).max()


@pytest.mark.parametrize("cls", OPTIMIZERS, ids=lambda cls: cls.__name__)
def test_one_step_of_every_optimizer_but_coordinate_descent_leaves_tied_units_tied(cls):
    apart, before, after = spreads(cls, STARTS[0], 3)
    assert (apart[1] < 1e-6) == (cls is not CoordinateDescent)
    assert after < before


def test_where_the_units_are_told_apart_by_the_outgoing_weights_every_method_unties_them():
    for cls in BY_GRADIENTS:
        objective = problem()
        theta = descend(objective, optimizer_for(cls), start(objective, STARTS[2]), 5).thetas[-1]
        assert np.ptp(units(objective, theta)[:, :2], axis=0).max() > 1e-3


def test_newton_is_damped_because_the_hessian_of_tied_units_is_singular():
    objective = problem()
    theta = start(objective, STARTS[0])
    eigenvalues = np.linalg.eigvalsh(objective.hessian(theta))
    assert np.sum(np.abs(eigenvalues) < 1e-6) >= UNITS - 1
    assert optimizer_for(Newton).damping == 1.0
    np.testing.assert_allclose(central_difference(objective.value, theta, 1e-5), objective.gradient(theta), atol=1e-8)


def test_adam_magnifies_a_small_difference_and_no_difference_stays_none():
    objective = problem()
    for kind, apart in ((STARTS[0], False), (STARTS[3], True)):
        run_ = descend(objective, Adam(0.03), start(objective, kind), 800)
        assert (spread(objective, run_.thetas[-1]) > 0.1) == apart
        assert (run_.values[-1] < 0.1) == apart


def test_e44_the_three_draws_have_the_sums_of_variances_that_theory_gives():
    left, each = overwriting_draws(np.random.default_rng(1))
    np.testing.assert_allclose(each, [32 * 0.05**2 / 3, 32 * 0.5**2 / 3, 1], rtol=5 * np.sqrt(2 / 4096))
    assert left == each[-1]
