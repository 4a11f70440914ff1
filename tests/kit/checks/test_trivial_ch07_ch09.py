"""Chapters 7 and 9: answers that compute nothing earn nothing, and near misses are told from right answers."""

import numpy as np
import pytest

from course_lib.checks import EXERCISES
from tests.chapters.ch07_batchnorm.answers import batch_norm
from tests.chapters.ch09_convolution.answers import layer_sizes

NOTHING = {
    "07-1": (
        lambda x, gamma, beta, eps: np.zeros_like(x) + beta,
        lambda x, gamma, beta, eps: gamma * x + beta,
        lambda x, gamma, beta, eps: x,
    ),
    "07-2": (
        lambda d_y, x_hat, std, gamma: (d_y, gamma, std),
        lambda d_y, x_hat, std, gamma: (0 * d_y, 0 * std, 0 * std),
    ),
    "07-3": (lambda x, gamma, beta, mean, var, *_: (gamma * x + beta, mean, var),),
    "07-4": (
        lambda x, num_groups, gamma, beta, eps: gamma[:, None, None] * x + beta[:, None, None],
        lambda x, num_groups, gamma, beta, eps: np.zeros_like(x) + beta[:, None, None],
    ),
    "09-3": (lambda x, d_y, size, stride: np.zeros_like(x), lambda x, d_y, size, stride: x),
    "09-4": (lambda shape, *_: (shape[1], shape[2], 1, 0.5),),
}
CASES = [(id, answer) for id, answers in NOTHING.items() for answer in answers]


@pytest.mark.parametrize(("id", "answer"), CASES, ids=[id for id, _ in CASES])
def test_an_answer_that_computes_nothing_earns_nothing(id, answer):
    assert [EXERCISES[id].run(answer, seed).points for seed in range(5)] == [0] * 5


@pytest.mark.parametrize("training", [True, False])
def test_an_answer_in_one_mode_only_earns_less_than_half(training):
    for mistake in EXERCISES["07-3"].mistakes:
        if mistake.name == ("always in training" if training else "always at inference"):
            report = EXERCISES["07-3"].run(mistake.function, 0)
            assert 0 < report.points < 0.5 * report.max_points
            return
    pytest.fail("the bank has no such mistake")


def test_batch_norm_without_its_two_indirect_paths_earns_less_than_half():
    detached = next(m for m in EXERCISES["07-2"].mistakes if m.name == "mean and variance treated as constants")
    report = EXERCISES["07-2"].run(detached.function, 0)
    assert report.points < 0.5 * report.max_points


def test_an_eps_of_ones_own_costs_its_check_and_the_whole():
    report = EXERCISES["07-1"].run(lambda x, gamma, beta, eps: batch_norm(x, gamma, beta, 1e-5), 0)
    assert [result.mistake for result in report.results if not result.passed] == ["eps fixed at 0.00001"] * 2


@pytest.mark.parametrize(
    "rule",
    [
        lambda n, k, s: (n - k + 1) // s,
        lambda n, k, s: round((n - k) / s) + 1,
        lambda n, k, s: -(-(n - k + 1) // s) + 1,
    ],
)
def test_output_sizes_that_are_right_for_some_remainders_fail_with_every_seed(rule):
    def nearly(shape, filters, kernel, stride, padding):
        sides = (rule(side + 2 * padding, kernel, stride) for side in shape[1:])
        return *sides, *layer_sizes(shape, filters, kernel, stride, padding)[2:]

    assert all(not EXERCISES["09-4"].run(nearly, seed).results[0].passed for seed in range(20))


def test_a_second_result_is_called_one_and_not_rows_of_different_lengths():
    report = EXERCISES["07-1"].run(lambda x, gamma, beta, eps: (batch_norm(x, gamma, beta, eps), x.mean(axis=0)), 0)
    assert "2 results came out" in report.results[0].sentence
