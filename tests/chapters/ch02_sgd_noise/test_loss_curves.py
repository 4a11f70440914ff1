"""What the five curves are said to show, with other seeds than the one that is drawn."""

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments.loss_curves import RATES, loss_curves

TOO_SMALL, RIGHT, TOO_LARGE, OTHERS, SIGN = range(5)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rates_and_bugs_look_as_the_text_says(seed):
    curves = list(loss_curves(seed).values())
    assert all(curve[0] == pytest.approx(np.log(2)) for curve in curves)
    ends = [curve[-200:].mean() for curve in curves]
    assert ends[RIGHT] < ends[TOO_SMALL] < 0.65 < ends[OTHERS] < 0.85 < ends[TOO_LARGE] < ends[SIGN]
    assert np.all(np.diff(curves[SIGN][::50]) > 0)  # smoothly up
    roughness = [np.abs(np.diff(curve[-200:])).mean() for curve in curves]
    assert roughness[TOO_LARGE] > 5 * roughness[RIGHT] > 5 * roughness[TOO_SMALL]


def test_the_names_say_the_rates():
    names = list(loss_curves())
    assert names[:3] == [f"{name}, {rate:g}" for name, rate in RATES.items()]
