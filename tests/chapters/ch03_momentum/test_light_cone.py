"""News of the minimum travels one coordinate a step, for all that see gradients only."""

import numpy as np

from course_lib.chapters.ch03_momentum.figures.light_cone import light_cone_figure, light_cone_runs


def test_after_k_steps_k_coordinates_have_moved_and_newton_moves_all():
    runs = light_cone_runs(n=15, num_steps=12)
    awake = {name: np.count_nonzero(thetas, axis=1) for name, thetas in runs.items()}
    for name in ("gradient descent", "Nesterov", "Adam"):
        np.testing.assert_array_equal(awake[name], np.arange(13))
    assert awake["Newton"][1] == 15


def test_inside_the_cone_nesterov_is_ahead_of_descent():
    runs = light_cone_runs()
    assert np.all(runs["Nesterov"][20, :20] > runs["gradient descent"][20, :20])


def test_the_caption_counts_what_is_drawn():
    assert "after 6 steps: gradient descent 6, Nesterov 6, Adam 6, Newton 21." in light_cone_figure(21, 15, after=6)[1]
