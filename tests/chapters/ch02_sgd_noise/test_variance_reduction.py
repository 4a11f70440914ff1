"""Variance reduction pays on a linear model and not on a deep one; the comparison is fair."""

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments.variance_reduction import (
    METHODS,
    RATES,
    SIZE,
    WIDTHS,
    finite_sum_runs,
    network,
    snapshot_ratios,
)


@pytest.fixture(scope="module")
def runs():
    return finite_sum_runs(seed=1)


def test_saga_and_svrg_arrive_where_sgd_does_not(runs):
    ends = {name: gaps[-1] for name, (_, _, gaps) in runs.items()}
    assert ends["SAGA"] < 0.1 * ends["SVRG"] < 0.1 * 0.1 * ends["SGD"]
    assert all(gaps[0] == pytest.approx(runs["SGD"][2][0]) for _, _, gaps in runs.values())


def test_every_best_rate_lies_inside_the_grid_and_all_spend_the_same(runs):
    for name, (rate, passes, _) in runs.items():
        assert RATES[0, 0] < rate < RATES[-1, 0], name
        assert passes[-1] == pytest.approx(16, abs=0.1)
    assert METHODS["SVRG"].cost == 3 * METHODS["SGD"].cost == 3 / SIZE


def test_the_deeper_the_network_the_less_a_snapshot_serves():
    found = [np.mean([snapshot_ratios(name, seed) for seed in (5, 6)], axis=0) for name in WIDTHS]
    linear, shallow, deep = found
    assert np.all(linear < 0.1) and np.all(linear < shallow) and np.all(shallow < deep)
    assert deep[0] > 1 / 3 and deep[-1] > 2 / 3


def test_a_network_has_the_layers_that_its_name_says():
    rng = np.random.default_rng(0)
    assert [len(network(widths, rng).layers) for widths in WIDTHS.values()] == [1, 3, 7]
