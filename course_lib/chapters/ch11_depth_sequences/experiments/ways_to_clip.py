"""Four ways to make a gradient shorter, for a list of the gradients of several layers."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.clipping import rescaled
from course_lib.optimizers import clip_by_global_norm, clip_by_norm, clip_by_value

WAYS = ("by value", "each layer by its norm", "by the global norm", "always rescaled")


def clipped(way, gradients, threshold):
    """The list of ``gradients (n_k,)`` after clipping ``way``; the last is the formula without the minimum (E17)."""
    if way == "by value":
        return [clip_by_value(gradient, threshold) for gradient in gradients]
    if way == "each layer by its norm":
        return [clip_by_norm(gradient, threshold) for gradient in gradients]
    if way == "by the global norm":
        return clip_by_global_norm(gradients, threshold)
    ends = np.cumsum([len(gradient) for gradient in gradients])[:-1]
    return np.split(rescaled(np.concatenate(gradients), threshold), ends)


def angle(gradients, others):
    """Degrees between two lists of gradients, each taken as one vector; 0 where one of them is 0."""
    one, other = np.concatenate(gradients), np.concatenate(others)
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return float(np.degrees(np.arccos(np.clip(one @ other / lengths, -1, 1)))) if lengths else 0.0
