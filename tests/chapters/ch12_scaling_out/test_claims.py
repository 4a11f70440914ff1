"""Chapter 12's claims: the numbers meet the theory, and the erratum is the factor that it says."""

import numpy as np
import pytest

from course_lib.chapters.ch12_scaling_out.claims.measured import measured
from course_lib.chapters.ch12_scaling_out.errata import WORKERS, losses, summed
from course_lib.chapters.ch12_scaling_out.experiments.machines import expected_round
from course_lib.chapters.ch12_scaling_out.experiments.parallel import average
from course_lib.chapters.ch12_scaling_out.experiments.runs import (
    BATCH_SIZES,
    batch_sizes,
    clusters,
    linear_scaling,
    minima,
    staleness,
)


def test_the_wait_for_the_slowest_is_what_order_statistics_say(results):
    numbers = results["C-12-2"].numbers
    # The mean of one machine of the same tail is 1 in theory; its sample over 300 rounds is a few percent less.
    assert numbers["wait"].value == pytest.approx(expected_round(16, 0.8, "heavy"), rel=0.2)
    assert numbers["spare"].value == pytest.approx(expected_round(14, 0.8, "heavy", 2), rel=0.1)


def test_gradients_are_as_old_as_there_are_other_workers(results):
    assert results["C-12-3"].numbers["updates"].value == pytest.approx(15, rel=0.01)


def test_the_stored_runs_are_of_the_sizes_that_the_claims_name():
    found = measured("batch_sizes")
    assert found["sizes"] == list(BATCH_SIZES) and np.shape(found["steps"]) == (len(BATCH_SIZES), 10)
    assert all(rate not in (found["rates"][0], found["rates"][-1]) for rate in found["best"])  # inside of the grid


def test_summed_gradients_step_as_many_times_too_far_as_there_are_workers():
    divided = losses(lambda parts: summed(parts) / WORKERS, num_steps=5)
    np.testing.assert_allclose(divided, losses(average, num_steps=5), rtol=1e-9)
    assert losses(summed)[-1] > 1.0 > 0.5 > losses(average)[-1]


def test_short_versions_of_the_long_runs_have_their_form():
    rates, few = (0.2, 0.4), {"seeds": (0,), "tuning": (100,)}
    sizes = batch_sizes((64, 256), rates, **few)
    assert sizes["best"][0] in rates and len(sizes["steps"]) == 2 and sizes["noise"][0] > 1
    scaled = linear_scaling(32, (1, 2), most=300, **few)
    assert len(scaled["at once"]) == len(scaled["warm-up"]) == 2
    ends = minima(64, 256, rates, target=0.6, **few)
    assert {arm["size"] for arm in ends.values()} == {64, 256} and ends["small"]["sharpness"][0] > 0
    assert set(clusters((0,), (100,), (0.05, 0.4), 400)["steady"]) == {"synchronous", "backups", "asynchronous"}
    with pytest.raises(ValueError, match="none of the rates"):
        clusters((0,), (100,), (0.4,), 5)
    assert len(staleness((1, 2), (0,), (100,), (0.2,))["gradients"]) == 2
