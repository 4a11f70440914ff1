"""Chapter 4's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.claims.krylov import problem
from course_lib.chapters.ch04_newton_saddles.claims.landscape import ranks
from course_lib.chapters.ch04_newton_saddles.claims.newton import LIMIT_START, log_cosh, x_cos
from course_lib.chapters.ch04_newton_saddles.claims.saddles import mirrored, trained
from course_lib.chapters.ch04_newton_saddles.errata import ERRATA, printed_newton
from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import linear_network, way_of_minima
from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import expected_number
from course_lib.chapters.ch04_newton_saddles.experiments.tanh_fit import TanhFit, network_critical_points
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


def test_the_random_losses_are_nearer_to_theory_than_to_no_theory(results):
    n = results["C-04-7"].numbers
    assert n["off"].value < n["flat"].value / 3


@pytest.mark.parametrize(("n", "number"), [(2, 5.29), (3, 10.55), (7, 80.2)])
def test_the_mean_number_of_critical_points_is_that_of_the_closed_form(n, number):
    mean, error = expected_number(n, np.random.default_rng(1))
    assert abs(mean - number) < 5 * error + 0.005 * number


# --- What the experiments are made of -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "size"),
    [(log_cosh(), 4), (x_cos(), 1), (linear_network(1, 1), 2), (linear_network(2, 2), 8), (linear_network(3, 2), 12)],
)
def test_the_experiments_have_the_gradients_of_their_values(objective, size):
    theta = np.random.default_rng(0).normal(size=size)
    assert check_gradient(objective.value, objective.gradient, theta).passed


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_way_leads_from_minimum_to_minimum_over_minima_if_a_unit_is_to_spare(n):
    network, ends = trained(n + 1, n)
    for begin, end in zip(ends[:10], ends[10:20], strict=True):
        way = way_of_minima(begin, end, n + 1, n)
        np.testing.assert_allclose(way[[0, -1]], [begin, end], atol=1e-9)
        assert network.value(way).max() < 1e-20


def test_without_a_unit_to_spare_there_is_a_way_only_between_minima_of_one_sign():
    network, ends = trained(2, 2)
    signs = np.sign(np.linalg.det(ends[:, :4].reshape(-1, 2, 2)))
    for i, j in ((i, j) for i in range(6) for j in range(6, 12)):
        way = way_of_minima(ends[i], ends[j], 2, 2)
        assert (way is None) == (signs[i] != signs[j])
        assert way is None or network.value(way).max() < 1e-20


def test_what_mirrors_a_unit_costs_a_half_without_a_third_one():
    assert linear_network(2, 2).value(mirrored(False)).max() == pytest.approx(0.5)
    assert linear_network(3, 2).value(mirrored(True)).max() < 1e-30


def test_the_networks_points_are_critical_and_of_several_kinds():
    points = network_critical_points(np.random.default_rng(0), num_starts=20)
    assert len(points.losses) > 3 and len(np.unique(points.indices)) > 2
    assert (np.diff(points.losses) >= 0).all()


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
