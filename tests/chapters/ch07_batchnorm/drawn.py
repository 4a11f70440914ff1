"""How ``tests/kit/figures`` draws those of chapter 7 that need arguments, or take long by themselves."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.experiments import shift_run
from course_lib.chapters.ch07_batchnorm.figures.batchnorm import features_figure, growth_figure, shift_figure
from course_lib.chapters.ch07_batchnorm.figures.loss_ahead import PAIR


def _features():
    x = np.random.default_rng(0).normal(size=(50, 3))
    return features_figure(x, (x - x.mean(axis=0)) / x.std(axis=0))


FIGURES = {
    "features": _features,
    "shift": lambda: shift_figure({norm: shift_run(norm, depth=2, num_steps=30) for norm in PAIR}),
    "growth": lambda: growth_figure(np.arange(1.0, 9), 1 / np.arange(1.0, 9), np.arange(1.0, 9)),
}
