"""Chapter 7's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import math

import numpy as np
import pytest

from course_lib.chapters.ch07_batchnorm.claims import exact as ch07_exact
from course_lib.chapters.ch07_batchnorm.claims.exact import scale_free_loss, small_net
from course_lib.chapters.ch07_batchnorm.errata import ERRATA, printed_batch_norm
from course_lib.claims import CLAIMS
from course_lib.finite_differences import central_difference
from course_lib.layers import BatchNorm

VERDICTS = {
    "C-07-1": "holds if",
    "C-07-2": "partly",
    "C-07-3": "holds",
    "C-07-4": "holds if",
    "C-07-5": "holds",
    "C-07-6": "holds",
    "C-07-7": "fails",
}
OTHERWISE = [
    ("C-07-1", {"spread": 0.9}, "fails"),
    ("C-07-1", {"change": 0.9}, "fails"),
    ("C-07-1", {"change": 1.0}, "not shown"),
    ("C-07-1", {"local": 1.5}, "holds"),
    ("C-07-2", {"calm": 0.5}, "fails"),
    ("C-07-2", {"lost": 0.4}, "holds"),
    ("C-07-2", {"lost": 0.15}, "not shown"),
    ("C-07-2", {"jumps": 0.5}, "not shown"),
    ("C-07-3", {"group_1": 3.0}, "fails"),
    ("C-07-3", {"batch_2": 2.0}, "holds if"),
    ("C-07-3", {"batch_1": 4.0}, "fails"),
    ("C-07-4", {"gradient": 0.1}, "fails"),
    ("C-07-4", {"after": 0.0}, "holds"),
    ("C-07-5", {"ratio": 0.5}, "fails"),
    ("C-07-5", {"ratio": 1.0}, "not shown"),
    ("C-07-5", {"best": 0.9}, "partly"),
    ("C-07-6", {"angle": 0.1}, "fails"),
    ("C-07-6", {"growth": 1.0}, "holds if"),
    ("C-07-7", {"shallow": 1.5, "deep": 1.5}, "holds"),
    ("C-07-7", {"deep": 1.5}, "holds if"),
    ("C-07-7", {"shallow": 1.0, "deep": 1.0}, "not shown"),
]
CHEAP = ("C-07-3", "C-07-4", "C-07-6")  # the others train for seconds with the same seeded functions


def test_every_claim_has_the_verdict_that_the_chapter_quotes(results):
    kinds = {claim_id: result.verdict.kind for claim_id, result in results.items() if claim_id.startswith("C-07")}
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


@pytest.mark.parametrize("claim_id", CHEAP)
def test_experiments_come_out_the_same_twice(results, claim_id):
    assert str(CLAIMS[claim_id].run()) == str(results[claim_id])


def test_figures_of_all_claims_can_be_drawn(results):
    for claim_id in VERDICTS:
        figure, alt = results[claim_id].figure()
        figure.canvas.draw()
        assert results[claim_id].verdict.kind in alt and "nan" not in alt


def test_the_weights_before_the_norm_have_the_gradient_that_differences_find():
    loss = scale_free_loss(3)
    numeric = central_difference(loss.value, loss.start)
    np.testing.assert_allclose(loss.gradient(loss.start), numeric, atol=1e-7)


def test_without_a_norm_the_length_of_the_weights_matters(monkeypatch):
    class Through(BatchNorm):
        def __init__(self, num_features, eps):
            super().__init__(num_features)

        def forward(self, x, training=False):
            return x

        def backward(self, d_y):
            return d_y

    monkeypatch.setattr(ch07_exact, "StubbornBatchNorm", Through)
    assert CLAIMS["C-07-6"].run().verdict.kind == "fails"


def test_a_norm_that_forgets_its_mean_makes_the_constant_count(monkeypatch):
    class Uncentred(BatchNorm):
        def forward(self, x, training=False):
            return super().forward(x, training) + x.mean(axis=0)

    monkeypatch.setattr(ch07_exact, "BatchNorm", Uncentred)
    assert CLAIMS["C-07-4"].run().verdict.kind == "fails"


def test_nets_with_and_without_the_constant_start_from_the_same_weights():
    with_bias, without = (small_net(np.random.default_rng(0), bias=bias)[0] for bias in (True, False))
    np.testing.assert_array_equal(with_bias.params["weight"], without.params["weight"])


# --- Errata -------------------------------------------------------------------------------------------


def test_the_lectures_errata_on_normalisation_are_all_there_and_point_to_claims_that_exist():
    assert [erratum.id for erratum in ERRATA] == ["E47", "E48", "E49"]
    assert all(erratum.claim in CLAIMS for erratum in ERRATA if erratum.claim)


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda erratum: erratum.id)
def test_printed_and_right_give_different_numbers(erratum):
    rows = erratum.compare()
    assert all(math.isfinite(row.printed) and math.isfinite(row.right) for row in rows)
    assert all(row.cells()[1] != row.cells()[2] for row in rows)


def test_the_printed_formula_is_right_wherever_features_vary():
    x = np.random.default_rng(1).normal(size=(9, 3))
    np.testing.assert_allclose(printed_batch_norm(x), BatchNorm(3, eps=1e-14).forward(x, training=True), rtol=1e-10)
