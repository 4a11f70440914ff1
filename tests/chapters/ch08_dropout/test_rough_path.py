"""The way of a training: the same start for all arms, and cosines that are cosines."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.experiments.rough_path import ARMS, NUM_STEPS, path


@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_path_has_one_loss_a_step_and_one_cosine_between_two(batch_size):
    for arm in ARMS:
        found = path(arm, batch_size, 1)
        assert found.losses.shape == (NUM_STEPS,) and found.cosines.shape == (NUM_STEPS - 1,)
        assert np.all(np.abs(found.cosines) <= 1 + 1e-12) and found.losses[-1] < found.losses[0]


def test_without_chance_gradient_descent_hardly_turns():
    assert path("no dropout", None, 2).cosines.mean() > 0.98
    losses = path("no dropout", None, 2).losses
    assert np.all(np.diff(losses) < 0)


def test_dropout_redraws_the_loss_so_that_it_goes_up_at_times():
    assert np.any(np.diff(path("0.5 on hidden units", None, 2).losses) > 0)
