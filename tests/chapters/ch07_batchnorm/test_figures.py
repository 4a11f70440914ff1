"""Chapter 7's figures: drawn without a warning, alt text with the finding, nothing cut off."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.figures.batch_size import smooth
from course_lib.chapters.ch07_batchnorm.figures.batchnorm import (
    NORMALISERS,
)
from course_lib.chapters.ch07_batchnorm.figures.loss_ahead import PAIR, ahead_text


def test_the_picture_of_the_axes_groups_as_the_layers_do():
    """A sample of large numbers in the batch changes another sample's output only where they share a square."""
    from course_lib.layers import BatchNorm, GroupNorm, LayerNorm

    layers = (BatchNorm(6), LayerNorm((6, 2, 2)), GroupNorm(2, 6), GroupNorm(6, 6))
    x = np.random.default_rng(1).normal(size=(4, 6, 2, 2))
    for (_, group), layer in zip(NORMALISERS, layers, strict=True):
        base = layer.forward(x, training=True)
        for sample, channel in ((2, 1), (0, 4)):
            louder = x.copy()
            louder[sample, channel] *= 50
            moved = np.abs(layer.forward(louder, training=True) - base).max(axis=(2, 3)) > 1e-9
            if type(layer) is GroupNorm and layer.num_groups == 6:
                assert not moved[np.arange(4) != sample].any()  # a channel alone hardly sees its own scale
                continue
            same = [[group(n, c) == group(sample, channel) for c in range(6)] for n in range(4)]
            np.testing.assert_array_equal(moved, same)


def test_smoothing_is_a_mean_of_at_most_fifteen_losses():
    losses = np.arange(40.0)
    np.testing.assert_allclose(smooth(losses)[[0, 3, 39]], [0.0, 1.5, losses[-15:].mean()])
    assert smooth(np.zeros(0)).shape == (0,)


def test_a_run_that_diverged_is_said_to_have_no_end():
    from course_lib.chapters.ch07_batchnorm.experiments import DISTANCES, Landscape

    wild = np.full((5, len(DISTANCES)), np.nan)
    run = Landscape(np.full(20, np.nan), np.arange(0, 20, 4), wild, wild, np.full(5, np.nan))
    assert "no end (it diverged)" in ahead_text(dict.fromkeys(PAIR, run), 2, 0.5, 10)
