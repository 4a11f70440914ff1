"""Chapter 2's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import math

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.claims import minima as ch02_minima
from course_lib.chapters.ch02_sgd_noise.claims import noise as ch02_noise
from course_lib.chapters.ch02_sgd_noise.claims import rules as ch02_rules
from course_lib.chapters.ch02_sgd_noise.errata import ERRATA, implicit_descent, l3_program
from course_lib.claims import CLAIMS
from course_lib.gradcheck import check_gradient
from course_lib.optimizers import SGD
from course_lib.schedules import cosine_restarts

VERDICTS = {
    "C-02-1": "holds if",
    "C-02-2": "holds if",
    "C-02-3": "holds",
    "C-02-4": "holds if",
    "C-02-5": "holds if",
    "C-02-6": "holds if",
    "C-02-7": "holds",
    "C-02-8": "holds if",
    "C-02-9": "holds if",
    "C-02-10": "partly",
    "C-02-11": "not shown",
}
OTHERWISE = [
    ("C-02-1", {"bias": 9.0}, "fails"),
    ("C-02-1", {"slope": -0.5}, "fails"),
    ("C-02-1", {"half": 1.0}, "holds"),
    ("C-02-2", {"ball": 0.0}, "fails"),
    ("C-02-2", {"deviation": 0.5}, "fails"),
    ("C-02-2", {"interpolated": 0.3}, "holds"),
    ("C-02-3", {"ratio": 1.1}, "fails"),
    ("C-02-3", {"slope": -0.5}, "fails"),
    ("C-02-3", {"end": 50.0}, "holds if"),
    ("C-02-4", {"fitted": -1.0}, "holds"),
    ("C-02-4", {"disagree": 0.0}, "fails"),
    ("C-02-5", {"late": 0.0}, "fails"),
    ("C-02-5", {"first": 0.4}, "holds"),
    ("C-02-6", {"small": 3.0}, "fails"),
    ("C-02-6", {"large": 1.0}, "holds"),
    ("C-02-7", {"rate": 0.9}, "fails"),
    ("C-02-7", {"at_limit": 0.9}, "fails"),
    ("C-02-7", {"beyond": 0.99}, "fails"),
    ("C-02-8", {"last_n": 0.9}, "fails"),
    ("C-02-8", {"all": 0.5}, "holds"),
    ("C-02-9", {"slope": -1.0}, "fails"),
    ("C-02-9", {"fixed": 0.0}, "holds"),
    ("C-02-10", {"sharp_same": 0.8}, "fails"),
    ("C-02-10", {"sharp_same": math.nan}, "not shown"),
    ("C-02-10", {"train": 1.2}, "not shown"),
    ("C-02-10", {"test": 1.3}, "holds"),
    ("C-02-10", {"test": 0.8}, "not shown"),
    ("C-02-11", {"train": 0.8}, "not shown"),
    ("C-02-11", {"test": 0.9}, "fails"),
    ("C-02-11", {"test": 1.3}, "holds"),
]


def test_every_claim_has_the_verdict_that_the_chapter_quotes(results):
    kinds = {claim_id: result.verdict.kind for claim_id, result in results.items() if claim_id.startswith("C-02")}
    assert kinds == VERDICTS


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


@pytest.mark.parametrize("claim_id", VERDICTS)
def test_every_experiment_comes_out_the_same_twice(results, claim_id):
    assert str(CLAIMS[claim_id].run()) == str(results[claim_id])


@pytest.mark.parametrize(
    ("claim_id", "name", "bound"),
    [
        ("C-02-1", "theory", 0.08),
        ("C-02-2", "deviation", 0.03),
        ("C-02-3", "formula", 1e-9),
        ("C-02-6", "theory", 0.05),
    ],
)
def test_measurements_stay_close_to_the_closed_form(results, claim_id, name, bound):
    assert abs(results[claim_id].numbers[name].value) < bound


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


def test_figures_of_all_claims_can_be_drawn(results):
    for claim_id in VERDICTS:
        figure, alt = results[claim_id].figure()
        figure.canvas.draw()
        assert results[claim_id].verdict.kind in alt and "nan" not in alt


# --- Errata -------------------------------------------------------------------------------------------


def test_the_lectures_errata_on_noise_are_all_there_and_point_to_claims_that_exist():
    assert [erratum.id for erratum in ERRATA] == ["E11", "E12", "E13", "E14", "E15", "E16", "E19"]
    assert all(erratum.claim in CLAIMS for erratum in ERRATA if erratum.claim)


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda erratum: erratum.id)
def test_printed_and_right_give_different_numbers(erratum):
    rows = erratum.compare()
    assert all(math.isfinite(row.printed) and math.isfinite(row.right) for row in rows)
    assert any(row.cells()[1] != row.cells()[2] for row in rows)


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
