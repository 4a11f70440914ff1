"""Chapter 4's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.claims.krylov import TanhFit, problem
from course_lib.chapters.ch04_newton_saddles.claims.landscape import ranks, turned, two_layers
from course_lib.chapters.ch04_newton_saddles.claims.newton import LIMIT_START, log_cosh, x_cos
from course_lib.chapters.ch04_newton_saddles.errata import ERRATA, printed_newton
from course_lib.gradcheck import check_gradient
from course_lib.surfaces import SURFACES

# --- The numbers meet the theory ----------------------------------------------------------------------------------


def test_the_reach_of_newton_on_log_cosh_is_where_a_step_only_turns_the_sign(results):
    assert np.sinh(2 * LIMIT_START) == pytest.approx(4 * LIMIT_START, rel=1e-6)
    reach = results["C-04-3"].numbers["reach"].value
    assert reach == pytest.approx(LIMIT_START, abs=0.011)  # the starts are 0.01 apart


def test_the_time_to_escape_has_the_slope_of_theory(results):
    n = results["C-04-9"].numbers
    assert n["slope"].value == pytest.approx(n["theory"].value, rel=0.03)
    assert n["held"].value == 1


def test_the_exponent_is_log_3_over_4(results):
    n = results["C-04-6"].numbers
    assert n["exponent"].value == pytest.approx(n["limit"].value, rel=0.01)
    assert n["off"].value < 4.5


def test_saxes_curve_is_the_run_as_steps_get_small(results):
    assert results["C-04-8"].numbers["saxe"].value < 1e-3


def test_loss_and_index_follow_the_half_circle(results):
    assert results["C-04-7"].numbers["off"].value == 1


# --- What the experiments are made of -----------------------------------------------------------------------------


@pytest.mark.parametrize("objective", [log_cosh(), x_cos(), two_layers(2)], ids=["log cosh", "x cos", "two layers"])
def test_the_experiments_have_the_gradients_of_their_values(objective):
    theta = np.random.default_rng(0).normal(size=4 if objective.value(np.ones(4)) is not None else 1)
    theta = theta if objective.gradient(theta).shape == theta.shape else theta[:1]
    assert check_gradient(objective.value, objective.gradient, theta).passed


def test_the_small_network_has_the_gradient_of_its_value_on_stacks_and_batches():
    whole, starts = problem()
    part = whole.on(np.arange(20))
    for fit in (whole, part):
        for theta in starts[:2]:
            assert check_gradient(fit.value, fit.gradient, theta).passed
    np.testing.assert_allclose(whole.gradient(starts)[1], whole.gradient(starts[1]), atol=1e-15)


def test_costs_are_counted_by_the_share_of_samples():
    whole, starts = problem()
    part = whole.on(np.arange(20))
    assert isinstance(part, TanhFit) and part.spent == 0
    part.gradient(starts[0])
    part.value(starts[0])
    part.hvp(starts[0], starts[1])
    assert part.spent == pytest.approx(0.1 * (1 + 0.5 + 2))


def test_turning_both_layers_keeps_the_loss():
    theta = np.array([0.3, -1.2, 0.7, 0.4])
    values = [two_layers(2).value(turned(theta, angle)) for angle in np.linspace(0, 7, 20)]
    np.testing.assert_allclose(values, values[0], rtol=1e-12)
    np.testing.assert_allclose(turned(theta, np.pi), -theta, atol=1e-15)


def test_ranks_share_ties():
    np.testing.assert_array_equal(ranks(np.array([3.0, 1.0, 3.0, 2.0])), [3.5, 1.0, 3.5, 2.0])


# --- Errata -------------------------------------------------------------------------------------------------------


def test_himmelblaus_census_is_the_one_of_the_erratum():
    row = ERRATA[0].compare()[1]
    assert row.printed == pytest.approx(703 / 1681)
    assert row.right == 0


def test_l3s_formula_as_printed_forgets_where_it_was():
    surface = SURFACES["booth"]
    one, two = (printed_newton(surface, np.array(start), 1) for start in ((-3.0, 0.0), (5.0, 1.0)))
    minimum = np.array(surface.minima[0])
    np.testing.assert_allclose([-3.0, 0.0] - one, minimum, atol=1e-12)  # the step is right, the place is not
    np.testing.assert_allclose([5.0, 1.0] - two, minimum, atol=1e-12)
