"""Chapter 2's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.claims import minima as ch02_minima
from course_lib.chapters.ch02_sgd_noise.claims import noise as ch02_noise
from course_lib.chapters.ch02_sgd_noise.claims import rules as ch02_rules
from course_lib.chapters.ch02_sgd_noise.errata import implicit_descent, l3_program
from course_lib.claims import CLAIMS
from course_lib.gradcheck import check_gradient
from course_lib.optimizers import SGD
from course_lib.schedules import cosine_restarts


def test_the_exact_example_and_its_runs_agree_within_the_interval(results):
    n = results["C-02-3"].numbers["runs"]
    assert n.low - 0.05 < 1 < n.high + 0.05
    np.testing.assert_allclose(ch02_noise.exact_example(9), 1 / np.arange(1, 11))


def test_gradient_descent_is_quickest_at_2_over_the_sum(results):
    n = results["C-02-7"].numbers
    assert n["best"].value == pytest.approx((1 - 0.05) / (1 + 0.05), abs=1e-4)


def test_without_a_sample_of_its_own_no_run_is_noisy(monkeypatch):
    monkeypatch.setattr(ch02_noise, "with_gradient_noise", lambda objective, scale: _quiet(objective))
    assert CLAIMS["C-02-2"].run().verdict.kind == "fails"


def _quiet(objective):
    from course_lib.stochastic import with_gradient_noise

    return with_gradient_noise(objective, 0.0)


def test_an_average_that_averages_nothing_is_noticed(monkeypatch):
    monkeypatch.setattr(ch02_rules, "PolyakAverage", lambda optimizer, **settings: SGD(optimizer.learning_rate))
    assert CLAIMS["C-02-8"].run().verdict.kind == "fails"


# --- Errata -------------------------------------------------------------------------------------------


def test_l3s_program_is_the_schedule_that_does_not_reach_its_lowest():
    ours = [cosine_restarts(0.1, 0.01, 10, 2, reach_lowest=False)(t) for t in range(1, 71)]
    np.testing.assert_allclose(l3_program(70), ours, rtol=1e-13)
    assert l3_program(70).min() == pytest.approx(0.010138720, abs=5e-10)


def test_the_implicit_method_solves_the_printed_equation():
    theta = implicit_descent(1.0, 0.5, 1)
    assert theta == pytest.approx(1.0 - 0.5 * theta)


def test_at_the_largest_rate_the_largest_eigenvalue_is_2_over_the_rate_and_at_small_ones_it_is_not(results):
    n = results["C-02-11"].numbers
    assert n["edge"].value == pytest.approx(2, rel=0.15)  # Cohen et al. 2021
    assert n["edge_low"].upper < 1.5


def test_sharpness_is_the_largest_eigenvalue():
    train, _, thetas = ch02_minima.problems([3])
    columns = np.eye(thetas.shape[-1])
    hessian = np.array(
        [
            (ch02_minima.gradient(thetas + 1e-5 * e, train) - ch02_minima.gradient(thetas - 1e-5 * e, train))[0]
            for e in columns
        ]
    )
    exact = np.linalg.eigvalsh((hessian + hessian.T) / 4e-5)[-1]
    assert ch02_minima.sharpness(thetas, train, rounds=500)[0] == pytest.approx(exact, rel=1e-3)


def test_the_stacked_network_has_the_gradient_of_its_loss():
    train, _, thetas = ch02_minima.problems([5])
    assert check_gradient(
        lambda t: ch02_minima.loss(t, train)[0], lambda t: ch02_minima.gradient(t, train), thetas
    ).passed
