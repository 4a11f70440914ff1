"""Chapter 8's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.claims import training as ch08_training
from course_lib.chapters.ch08_dropout.claims.training import accuracy_without, epochs_to
from course_lib.chapters.ch08_dropout.errata import ERRATA
from course_lib.chapters.ch08_dropout.experiments.overfitting import cached_digits_run, digits_task
from course_lib.claims import CLAIMS

VERDICTS = {
    "C-08-1": "holds",
    "C-08-2": "holds if",
    "C-08-3": "holds if",
    "C-08-4": "fails",
    "C-08-5": "partly",
    "C-08-6": "holds if",
    "C-08-7": "holds if",
    "C-08-8": "holds if",
    "C-08-9": "holds if",
}
OTHERWISE = [
    ("C-08-1", {"deviation": 0.1}, "fails"),
    ("C-08-1", {"linear": 0.1}, "holds if"),
    ("C-08-2", {"deviation": 0.5}, "fails"),
    ("C-08-2", {"double": 1.0, "zero": 1.0}, "holds"),
    ("C-08-3", {"linear": 0.1}, "fails"),
    ("C-08-3", {"softmax": 0.0, "relu": 0.0}, "holds"),
    ("C-08-4", {"fit": 1.0}, "holds"),
    ("C-08-4", {"fit": 2.0}, "fails"),
    ("C-08-5", {"gain": -0.1}, "fails"),
    ("C-08-5", {"gain": 0.0}, "not shown"),
    ("C-08-5", {"dead": -0.1}, "holds"),
    ("C-08-6", {"formula": 0.1}, "fails"),
    ("C-08-6", {"dropout_low": 0.2}, "holds"),
    ("C-08-6", {"dropout_high": 1.5}, "fails"),
    ("C-08-7", {"formula": 0.1}, "fails"),
    ("C-08-7", {"order": 0.5}, "fails"),
    ("C-08-7", {"flat": 0.5}, "fails"),
    ("C-08-7", {"all": 0.0}, "holds"),
    ("C-08-8", {"few": -0.1}, "fails"),
    ("C-08-8", {"few": 0.0}, "not shown"),
    ("C-08-8", {"clean": 0.1, "many": 0.1, "narrow": 0.1}, "holds"),
    ("C-08-9", {"gain": -0.1}, "fails"),
    ("C-08-9", {"gain": 0.0}, "not shown"),
    ("C-08-9", {"missed": 0.0}, "holds"),
]
HERE = list(VERDICTS)


@pytest.fixture(scope="module")
def results():
    """The claims of this chapter, run once."""
    return {claim_id: CLAIMS[claim_id].run() for claim_id in HERE}


def test_every_claim_has_the_verdict_that_the_chapter_quotes(results):
    assert {claim_id: result.verdict.kind for claim_id, result in results.items()} == VERDICTS
    assert [claim_id for claim_id in CLAIMS if claim_id.startswith("C-08")] == HERE


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


@pytest.mark.parametrize("claim_id", ["C-08-1", "C-08-2", "C-08-3", "C-08-6", "C-08-7"])
def test_every_experiment_without_training_comes_out_the_same_twice(results, claim_id):
    assert str(CLAIMS[claim_id].run()) == str(results[claim_id])


def test_a_training_comes_out_the_same_twice():
    one, other = (cached_digits_run.__wrapped__(100, 0.2, 0.5, 1, 5) for _ in range(2))
    np.testing.assert_array_equal(one.losses, other.losses)


def test_dropout_that_drops_nothing_is_noticed(monkeypatch):
    monkeypatch.setattr(
        ch08_training,
        "_pairs",
        lambda: [[cached_digits_run(100, 0.2, 0.0, seed, 60)] * 2 for seed in ch08_training.SEEDS],
    )
    assert CLAIMS["C-08-4"].run().verdict.kind == "holds"
    assert CLAIMS["C-08-5"].run().verdict.kind == "fails"
    assert CLAIMS["C-08-8"].run().verdict.kind == "fails"


def test_measurements_stay_close_to_the_closed_form(results):
    assert results["C-08-1"].numbers["deviation"].value < 1e-12
    assert results["C-08-6"].numbers["formula"].value < 1e-10
    assert results["C-08-6"].numbers["dropout_low"].value == pytest.approx(0.6)
    assert results["C-08-7"].numbers["formula"].value < 1e-12


def test_epochs_to_a_level():
    assert epochs_to([3, 2, 1, 0.5, 1], 1) == 2
    assert epochs_to([3, 2], 1) == 2


def test_with_no_unit_gone_the_accuracy_is_that_of_the_net():
    run, (_, test) = cached_digits_run(100, 0.2, 0.0, 0, 60), digits_task(100, 0.2, 0)
    assert accuracy_without(run.net, test, 0.0, np.random.default_rng(0), draws=2) == run.accuracies[-1]


def test_figures_of_all_claims_can_be_drawn(results):
    for claim_id in HERE:
        figure, alt = results[claim_id].figure()
        figure.canvas.draw()
        assert results[claim_id].verdict.kind in alt and "nan" not in alt


def test_the_chapters_errata_are_there_and_their_columns_differ_where_they_should():
    assert [erratum.id for erratum in ERRATA] == ["E5", "E50"]
    assert all(erratum.claim in CLAIMS for erratum in ERRATA if erratum.claim)
    rows = ERRATA[0].compare()
    assert [row.cells()[1] == row.cells()[2] for row in rows] == [True, True, False, False]
    assert all(row.cells()[1] != row.cells()[2] for row in ERRATA[1].compare())
