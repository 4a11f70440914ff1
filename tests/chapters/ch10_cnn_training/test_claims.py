"""Chapter 10's claims: judged from stored trainings, by rules that could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch10_cnn_training.claims.measured import STORE, made_with, measured
from course_lib.claims import CLAIMS
from course_lib.claims.runs import largest_rate

VERDICTS = {
    "C-10-1": "not shown",
    "C-10-2": "holds if",
    "C-10-3": "holds",
    "C-10-4": "not shown",
    "C-10-5": "fails",
    "C-10-6": "holds if",
    "C-10-7": "not shown",
    "C-10-8": "not shown",
}
WAYS = ("LeNet, longer", "LeNet with batchnorm")
OTHERWISE = [
    ("C-10-1", dict.fromkeys(("LeNet", *WAYS), 0.98), "fails"),
    ("C-10-1", {"LeNet": 0.98, "LeNet, longer": 0.99}, "holds if"),
    ("C-10-1", {"LeNet": 0.99}, "holds"),
    ("C-10-2", {"lead_1": -0.01}, "fails"),
    ("C-10-2", {"lead_1": 0.0}, "not shown"),
    ("C-10-2", {"lead_10": 0.01}, "holds"),
    ("C-10-3", {"ratio": 0.5}, "fails"),
    ("C-10-3", {"ratio": 1.0}, "not shown"),
    ("C-10-4", {"wrong labels": -0.01}, "fails"),
    ("C-10-4", {"wrong labels": 0.05, "more": 0.04}, "holds"),
    ("C-10-4", {"wrong labels": 0.05, "more": -0.04}, "partly"),
    ("C-10-5", {"lenet": 0.03}, "not shown"),
    ("C-10-5", {"lenet": 0.1, "residual": 0.0}, "holds if"),
    ("C-10-5", {"lenet": 0.1, "residual": 0.1}, "holds"),
    ("C-10-6", {"too small": -0.1, "too large": -0.1}, "fails"),
    ("C-10-6", {"too large": 0.0}, "not shown"),
    ("C-10-6", {"all alike, bn": 0.95}, "holds"),
    ("C-10-7", {"difference": -0.01}, "fails"),
    ("C-10-7", {"difference": 0.01}, "holds"),
    ("C-10-8", dict.fromkeys(("SGD", "momentum", "Adam"), -0.5), "fails"),
    ("C-10-8", {"SGD": 0.0, "momentum": -0.5}, "holds if"),
    ("C-10-8", {"SGD": 0.0, "momentum": 0.0}, "holds"),
]


def test_every_claim_has_the_verdict_that_the_chapter_quotes():
    ids = [claim_id for claim_id in CLAIMS if claim_id.startswith("C-10")]
    assert {claim_id: CLAIMS[claim_id].run().verdict.kind for claim_id in ids} == VERDICTS


@pytest.mark.parametrize(("claim_id", "changes", "kind"), OTHERWISE)
def test_the_rule_can_say_something_else(claim_id, changes, kind):
    numbers = dict(CLAIMS[claim_id].run().numbers)
    assert not set(changes) - set(numbers)
    for name, value in changes.items():
        numbers[name] = numbers[name]._replace(value=value, low=None, high=None)
    assert CLAIMS[claim_id].judge(numbers).kind == kind


@pytest.mark.parametrize("claim_id", VERDICTS)
def test_figures_can_be_drawn_and_say_what_was_measured_where(claim_id):
    figure, alt = CLAIMS[claim_id].run().figure()
    figure.canvas.draw()
    assert CLAIMS[claim_id].statement in alt
    assert "stored result: PyTorch" in CLAIMS[claim_id].condition


def test_paired_differences_are_taken_seed_by_seed():
    found = measured("dropout")["wrong labels"]
    difference = np.array(found["0.5"]["accuracy"]) - np.array(found["0"]["accuracy"])
    assert CLAIMS["C-10-4"].run().numbers["wrong labels"].value == pytest.approx(difference.mean())


def test_the_edge_of_what_learns_is_looked_for_inside_of_the_grid():
    assert largest_rate([1, 2, 4, 8], [0.5, 0.9, 1.5, 0.2]) == 2
    assert largest_rate([1, 2, 4], [0.5, 0.9, np.nan]) == 2
    for losses in ([2.0, 0.5], [0.5, 0.5]):
        with pytest.raises(ValueError, match="outside of the rates"):
            largest_rate([1, 2], losses)


def test_every_experiment_is_stored_with_what_it_was_made():
    from course_lib.chapters.ch10_cnn_training.experiments.runs import EXPERIMENTS

    assert STORE.file.is_file()
    for name in EXPERIMENTS:
        assert measured(name)
        assert made_with(name).startswith("stored result: PyTorch 2.")
