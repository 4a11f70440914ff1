"""Chapter 10's claims: judged from stored trainings, by rules that could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch10_cnn_training.claims.measured import FILE, made_with, measured
from course_lib.claims import CLAIMS


@pytest.mark.parametrize("claim_id", [claim_id for claim_id in CLAIMS if claim_id.startswith("C-10-")])
def test_the_condition_says_with_what_it_was_measured(claim_id):
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
