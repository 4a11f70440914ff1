"""Chapter 4's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import math

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.claims.krylov import TanhFit, problem
from course_lib.chapters.ch04_newton_saddles.claims.landscape import ranks, turned, two_layers
from course_lib.chapters.ch04_newton_saddles.claims.newton import LIMIT_START, log_cosh, x_cos
from course_lib.chapters.ch04_newton_saddles.errata import ERRATA, printed_newton
from course_lib.claims import CLAIMS
from course_lib.gradcheck import check_gradient
from course_lib.surfaces import SURFACES

VERDICTS = {
    "C-04-1": "holds if",
    "C-04-2": "holds if",
    "C-04-3": "holds if",
    "C-04-4": "fails",
    "C-04-5": "holds if",
    "C-04-6": "holds if",
    "C-04-7": "holds if",
    "C-04-8": "holds if",
    "C-04-9": "holds if",
    "C-04-10": "holds",
    "C-04-11": "holds if",
}
OTHERWISE = [
    ("C-04-1", {"saddle": 0.01}, "fails"),
    ("C-04-1", {"maximum": 0.0}, "holds"),
    ("C-04-2", {"error": 0.0}, "fails"),
    ("C-04-2", {"saddle": 0.0}, "holds"),
    ("C-04-3", {"reach": 3.0, "up_negative": 0.0}, "holds"),
    ("C-04-3", {"up_positive": 0.9}, "fails"),
    ("C-04-4", {"bend": 2.0}, "holds"),
    ("C-04-4", {"maxima": 0.01}, "holds if"),
    ("C-04-5", {"newton_30": 7000.0}, "holds"),
    ("C-04-5", {"newton_100": 100.0}, "fails"),
    ("C-04-6", {"off": 6.0}, "fails"),
    ("C-04-6", {"ratio": 1.0}, "holds"),
    ("C-04-7", {"r8": 0.1}, "fails"),
    ("C-04-8", {"arrived": 0.5}, "fails"),
    ("C-04-8", {"barrier": 0.0}, "holds"),
    ("C-04-8", {"barrier": 0.0, "wide": 0.5}, "fails"),
    ("C-04-9", {"held": 0.0}, "fails"),
    ("C-04-9", {"slope": 100.0}, "fails"),
    ("C-04-9", {"beside": 3000.0}, "holds"),
    ("C-04-10", {"growth": 1.0}, "fails"),
    ("C-04-10", {"minima": 80.0}, "fails"),
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
