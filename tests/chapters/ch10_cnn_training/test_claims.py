"""Chapter 10's claims: judged from stored trainings, by rules that could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch10_cnn_training.claims.measured import STORE, made_with, measured
from course_lib.claims import CLAIMS
from course_lib.claims.runs import largest_rate


@pytest.mark.parametrize("claim_id", [claim_id for claim_id in CLAIMS if claim_id.startswith("C-10-")])
def test_the_condition_says_with_what_it_was_measured(claim_id):
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
