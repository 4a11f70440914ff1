"""Chapter 7's figures: drawn without a warning, alt text with the finding, nothing cut off."""

import re
import warnings

import numpy as np
import pytest

from course_lib.chapters.ch07_batchnorm.experiments import shift_run
from course_lib.chapters.ch07_batchnorm.figures.batch_size import smooth
from course_lib.chapters.ch07_batchnorm.figures.batchnorm import (
    NORMALISERS,
    axes_figure,
    features_figure,
    growth_figure,
    shift_figure,
)
from course_lib.chapters.ch07_batchnorm.figures.loss_ahead import PAIR, ahead_text


def _features():
    x = np.random.default_rng(0).normal(size=(50, 3))
    return features_figure(x, (x - x.mean(axis=0)) / x.std(axis=0))


FIGURES = {
    "axes": axes_figure,
    "features": _features,
    "shift": lambda: shift_figure({norm: shift_run(norm, depth=2, num_steps=30) for norm in PAIR}),
    "growth": lambda: growth_figure(np.arange(1.0, 9), 1 / np.arange(1.0, 9), np.arange(1.0, 9)),
}


@pytest.fixture(scope="module", params=FIGURES)
def drawn(request):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, alt = FIGURES[request.param]()
        figure.canvas.draw()
    return figure, alt


def test_the_alt_text_is_a_sentence_with_numbers(drawn):
    _, alt = drawn
    assert alt.endswith(".") and re.search(r"\d", alt) and 45 < len(alt) < 700
    assert not re.search(r"\bnan\b|\binf\b|np\.", alt)


def test_everything_written_lies_inside_the_figure_and_no_legend_over_data(drawn):
    figure, _ = drawn
    renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
    texts = [text for ax in figure.axes for text in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    for thing in (*(text for text in texts if text.get_text()), *figure.legends):
        box = thing.get_window_extent(renderer)
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, thing
    for legend in figure.legends:
        assert not any(legend.get_window_extent(renderer).overlaps(ax.bbox) for ax in figure.axes)


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
