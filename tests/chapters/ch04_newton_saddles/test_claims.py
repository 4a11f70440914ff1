"""Chapter 4's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import math

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
from course_lib.claims import CLAIMS
from course_lib.gradcheck import check_gradient
from course_lib.surfaces import SURFACES

VERDICTS = {
    "C-04-1": "holds",
    "C-04-2": "holds if",
    "C-04-3": "holds if",
    "C-04-4": "partly",
    "C-04-5": "holds if",
    "C-04-6": "partly",
    "C-04-7": "holds",
    "C-04-8": "holds if",
    "C-04-9": "holds if",
    "C-04-10": "holds",
    "C-04-11": "holds if",
}
OTHERWISE = [
    ("C-04-1", {"saddle": 0.01}, "fails"),
    ("C-04-1", {"descent": 0.4}, "fails"),
    ("C-04-2", {"error": 0.0}, "fails"),
    ("C-04-2", {"saddle": 0.0}, "holds"),
    ("C-04-3", {"reach": 3.0, "up_negative": 0.0}, "holds"),
    ("C-04-3", {"reach": 3.0}, "not shown"),
    ("C-04-3", {"up_positive": 0.9}, "fails"),
    ("C-04-4", {"bend_full": 2.0}, "not shown"),
    ("C-04-4", {"bend_half": -2.0}, "fails"),
    ("C-04-4", {"maxima_half": 0.01}, "holds"),
    ("C-04-4", {"maxima_half": 0.3}, "not shown"),
    ("C-04-5", {"own10": 2.0}, "holds"),
    ("C-04-5", {"general200": 0.5}, "fails"),
    ("C-04-5", {"general10": 1.2}, "not shown"),
    ("C-04-6", {"off": 6.0}, "not shown"),
    ("C-04-6", {"ratio": 1.0}, "holds"),
    ("C-04-6", {"ratio": 4.0}, "fails"),
    ("C-04-7", {"r8": 0.1, "r12": 0.1, "r16": 0.1}, "fails"),
    ("C-04-7", {"off": 0.11}, "not shown"),
    ("C-04-7", {"network": 0.1}, "holds if"),
    ("C-04-8", {"arrived": 0.5}, "fails"),
    ("C-04-8", {"sides1": 1.0, "sides2": 1.0}, "holds"),
    ("C-04-8", {"sides1": 1.0}, "partly"),
    ("C-04-8", {"joined": 0.5}, "fails"),
    ("C-04-9", {"near": 25.0}, "fails"),
    ("C-04-9", {"near_noise": 190.0}, "partly"),
    ("C-04-9", {"far_noise": 10.0}, "holds"),
    ("C-04-10", {"growth": 1.0}, "fails"),
    ("C-04-10", {"last": 1.02}, "fails"),
    ("C-04-10", {"off": 6.0}, "not shown"),
    ("C-04-10", {"saddles7": 0.3}, "holds if"),
    ("C-04-11", {"sgd": -0.5}, "fails"),
    ("C-04-11", {"full": 0.5}, "holds"),
]


@pytest.mark.parametrize("claim_id", VERDICTS)
def test_every_claim_has_the_verdict_that_the_chapter_quotes(results, claim_id):
    assert results[claim_id].verdict.kind == VERDICTS[claim_id]


def test_no_claim_of_the_chapter_is_left_out():
    assert [claim_id for claim_id in CLAIMS if claim_id.startswith("C-04")] == list(VERDICTS)


@pytest.mark.parametrize(("claim_id", "changes", "kind"), OTHERWISE)
def test_the_rule_can_say_something_else(results, claim_id, changes, kind):
    numbers = dict(results[claim_id].numbers)
    assert not set(changes) - set(numbers), "the rule reads a number that the experiment does not return"
    for name, value in changes.items():
        numbers[name] = numbers[name]._replace(value=value, low=None, high=None)
    assert CLAIMS[claim_id].judge(numbers).kind == kind


def test_every_rule_has_been_made_to_say_something_else():
    for claim_id, kind in VERDICTS.items():
        assert any(case[0] == claim_id and case[2] != kind for case in OTHERWISE), claim_id


@pytest.mark.parametrize("claim_id", ["C-04-1", "C-04-3", "C-04-8", "C-04-9"])
def test_the_quick_experiments_come_out_the_same_twice(results, claim_id):
    assert str(CLAIMS[claim_id].run()) == str(results[claim_id])


def test_every_claim_can_be_drawn(results):
    for claim_id in VERDICTS:
        assert results[claim_id].claim.statement in results[claim_id].figure()[1]


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


def test_the_lectures_errata_on_newton_and_saddles_are_all_there():
    assert [erratum.id for erratum in ERRATA] == ["E26", "E27", "E28", "E29", "E30", "E31"]
    assert all(erratum.claim in CLAIMS for erratum in ERRATA if erratum.claim)


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda erratum: erratum.id)
def test_printed_and_right_give_different_numbers(erratum):
    rows = erratum.compare()
    assert all(math.isfinite(row.printed) and math.isfinite(row.right) for row in rows)
    assert any(row.cells()[1] != row.cells()[2] for row in rows)


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
