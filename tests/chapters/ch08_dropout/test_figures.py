"""Chapter 8's pictures: they draw at every setting, and their captions hold the numbers that theory gives."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.figures.masks import masks_text
from course_lib.chapters.ch08_dropout.figures.overfitting import scrubbed, scrubber_text
from course_lib.chapters.ch08_dropout.figures.regularisation import (
    averages,
    l1_paths,
    shrinkage_figure,
)


def test_the_caption_of_the_shrinkage_names_the_penalty_and_the_gap():
    alt = shrinkage_figure(0.1, 50)[1]
    assert "L2 penalty 0.2" in alt and "at most 0.209" in alt


def test_subgradient_steps_have_no_zeros_and_chatter_by_about_rate_times_penalty():
    proximal, subgradient, exact = l1_paths(0.5, 0.1, 200)
    assert np.sum(exact == 0) == np.sum(proximal[-1] == 0) == 4
    assert not np.any(subgradient[-1] == 0)
    chatter = np.abs(subgradient[-20:, exact == 0]).max()
    assert 0.5 * 0.05 < chatter < 2 * 0.05
    smaller = l1_paths(0.5, 0.01, 2000)[1][-20:, exact == 0]
    assert np.abs(smaller).max() < chatter / 5


def test_a_linear_net_needs_no_masks():
    found = averages(0.5, (1, 10), repetitions=5)
    assert found["one linear layer"][0] < 1e-12 < found["one layer, softmax"][0]


@pytest.mark.parametrize(
    ("form", "expected"),
    [("inverted", "expected 1.00"), ("as published", "expected 1.00"), ("not scaled", "expected 0.40")],
)
def test_only_the_unscaled_form_is_off_on_average(form, expected):
    assert expected in masks_text(0.6, 400, form)


def test_the_scrubber_says_where_patience_stops():
    settings, learning = scrubbed(3, 100)
    assert "ends the training at epoch 36 and returns epoch 26" in scrubber_text(settings, learning, 150, 10)
    assert "never runs out" in scrubber_text(settings, learning, 0, 150)
