"""Zeros: the penalty in the loss makes none, FTRL nearly all that it should; the comparison is fair."""

import numpy as np
import pytest

from course_lib.chapters.ch05_adaptive.experiments import sparsity
from course_lib.chapters.ch05_adaptive.experiments.sparsity import PENALTIES, RATES, Sparse, data, methods


@pytest.fixture(scope="module")
def measured():
    return {name: Sparse(*np.mean([sparsity.sparsity(name, seed) for seed in range(4)], axis=0)) for name in methods()}


def test_only_ftrl_leaves_out_what_is_useless_and_all_keep_what_is_useful(measured):
    assert measured["Adagrad, penalty in the loss"].kept_useless == 1
    assert measured["proximal Adagrad"].kept_useless > 0.8
    assert measured["FTRL"].kept_useless < 0.1
    assert all(one.kept_useful == 1 for one in measured.values())
    assert measured["FTRL"].loss < measured["proximal Adagrad"].loss


def test_the_best_rate_and_penalty_lie_inside_the_grid():
    training, validation, _ = data(0)
    for name, (optimizer, penalty) in methods().items():
        losses = validation.value(sparsity._walk(optimizer, penalty, training, np.random.default_rng(0)))
        rate, weight = np.unravel_index(np.argmin(losses), losses.shape)
        assert 0 < rate < len(RATES) - 1 and 0 < weight < len(PENALTIES) - 1, name


def test_training_validation_and_test_are_different_samples_of_one_world():
    training, validation, test = data(1)
    theta = np.full(sparsity.NUM_FEATURES, 0.1)
    values = [part.value(theta) for part in (training, validation, test)]
    assert len(set(values)) == 3 and np.ptp(values) < 0.3
