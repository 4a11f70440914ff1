"""Chapter 8's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.claims import training as ch08_training
from course_lib.chapters.ch08_dropout.claims.training import accuracy_without, epochs_to
from course_lib.chapters.ch08_dropout.errata import ERRATA
from course_lib.chapters.ch08_dropout.experiments.overfitting import cached_digits_run, digits_task
from course_lib.claims import CLAIMS


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
    assert CLAIMS["C-08-5"].run().verdict.kind == "not shown"
    assert CLAIMS["C-08-8"].run().verdict.kind == "not shown"


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


def test_the_chapters_errata_are_there_and_their_columns_differ_where_they_should():
    rows = ERRATA[0].compare()
    assert [row.cells()[1] == row.cells()[2] for row in rows] == [True, True, False, False]
    assert all(row.cells()[1] != row.cells()[2] for row in ERRATA[1].compare())
