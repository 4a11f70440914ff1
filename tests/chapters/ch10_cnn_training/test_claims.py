"""Chapter 10's claims: judged from stored trainings, by rules that could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch10_cnn_training.claims.measured import FILE, made_with, measured
from course_lib.claims import CLAIMS

VERDICTS = {
    "C-10-1": "holds if",
    "C-10-2": "holds if",
    "C-10-3": "holds if",
    "C-10-4": "holds",
    "C-10-5": "fails",
    "C-10-6": "holds if",
    "C-10-7": "holds if",
    "C-10-8": "holds if",
}
OTHERWISE = [
    ("C-10-1", {"LeNet with batchnorm": 0.98, "LeNet, longer": 0.98}, "fails"),
    ("C-10-1", {"LeNet with batchnorm": 0.98}, "holds if"),
    ("C-10-1", {"LeNet, longer": 0.98}, "holds if"),
    ("C-10-1", {"LeNet": 0.99}, "holds"),
    ("C-10-2", {"early": -0.01}, "fails"),
    ("C-10-2", {"late": 0.01}, "holds"),
    ("C-10-3", {"range_bn": 2.0}, "fails"),
    ("C-10-3", {"largest": 3.2}, "holds"),
    ("C-10-4", {"wrong labels": 0.0}, "fails"),
    ("C-10-4", {"right labels": -0.01}, "holds if"),
    ("C-10-5", {"lenet": 0.01}, "holds if"),
    ("C-10-5", {"lenet": 0.01, "residual": 0.01}, "holds"),
    ("C-10-6", {"too small, bn": 0.5}, "fails"),
    ("C-10-6", {"too large, bn": 0.95, "all alike, bn": 0.95}, "holds"),
    ("C-10-7", {"difference": -0.01}, "fails"),
    ("C-10-7", {"difference": 0.01}, "holds"),
    ("C-10-8", {"SGD, tenth": -0.5}, "fails"),
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


@pytest.mark.parametrize("network", ["LeNet, longer", "LeNet with batchnorm"])
def test_the_median_of_any_five_stored_seeds_in_a_row_is_at_least_98_5_percent(network):
    found = measured("accuracies")[network]
    assert len(found) == 10
    assert all(np.median(found[i : i + 5]) >= 0.985 for i in range(6))


def test_paired_differences_are_taken_seed_by_seed():
    found = measured("dropout")["wrong labels"]
    difference = np.array(found["0.5"]) - np.array(found["0"])
    assert CLAIMS["C-10-4"].run().numbers["wrong labels"].value == pytest.approx(difference.mean())


def test_every_experiment_is_stored_with_what_it_was_made():
    from course_lib.chapters.ch10_cnn_training.experiments.runs import EXPERIMENTS

    assert FILE.is_file()
    for name in EXPERIMENTS:
        assert measured(name)
        assert made_with(name).startswith("stored result: PyTorch 2.")


def test_measuring_again_writes_what_is_read(monkeypatch, tmp_path):
    pytest.importorskip("torch")
    from course_lib.chapters.ch10_cnn_training.claims import measured as cnn_measured
    from course_lib.chapters.ch10_cnn_training.experiments import runs as experiments

    monkeypatch.setattr(cnn_measured, "FILE", tmp_path / "measured.json")
    monkeypatch.setitem(experiments.EXPERIMENTS, "pi", lambda: {"a": [3.14159265358979, (1, "x")]})
    cnn_measured.measure("pi")
    assert cnn_measured.measured("pi") == {"a": [3.14159, [1, "x"]]}
    assert cnn_measured.made_with("pi").endswith(" 0 s")
