"""Answers to the exercises of chapter 6 that let the library, or another package, do the work."""

import numpy as np


def predict_second_moments(weight_variances, widths, activation):
    from course_lib.chapters.ch06_initialisation.experiments.signals import predict

    found = predict(widths, weight_variances, activation)
    return found.z, found.d_x[:-1]


def xavier(fan_in, fan_out, rng, distribution):
    from course_lib import initializers

    return getattr(initializers, f"xavier_{distribution}")(fan_in, fan_out, rng)


def he(fan_in, fan_out, rng, slope):
    from course_lib.initializers import he_normal

    return he_normal(fan_in, fan_out, rng) / np.sqrt(1 + slope**2)


LAZY = {
    "06-1": (predict_second_moments,),
    "06-2": (xavier,),
    "06-3": (he,),
    "06-4": (),  # the library gives none
}
