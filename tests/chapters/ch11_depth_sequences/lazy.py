"""Answers to the exercises of chapter 11 that let the library, or another package, do the work."""

import numpy as np


def clip_all_of_the_library(d_weight_x, d_weight_h, d_bias, max_norm):
    from course_lib.optimizers import clip_by_global_norm

    parts = d_weight_x, d_weight_h, d_bias
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    flat = clip_by_global_norm([part.ravel() for part in parts], min(max_norm, 1e300))
    if not np.isfinite(norm):
        return *(0 * np.ones(part.shape) for part in parts), norm
    return *(found.reshape(part.shape) for found, part in zip(flat, parts, strict=True)), norm


def rnn_backward_of_the_library(x, states, d_states, weight_x, weight_h):
    from course_lib.layers import RNN

    layer = RNN(weight_x.shape[1], len(weight_h), np.random.default_rng(0))
    layer.params["weight_x"][:], layer.params["weight_h"][:] = weight_x, weight_h
    layer._remember(x, states)
    d_x = layer.backward(d_states)
    return layer.grads["weight_x"], layer.grads["weight_h"], layer.grads["bias"], d_x


LAZY = {
    "11-1": (rnn_backward_of_the_library,),
    "11-3": (clip_all_of_the_library,),
    "11-6": (),  # the library gives none
}
