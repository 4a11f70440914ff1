"""Functions that NumPy does not have; each takes arrays, dual numbers and nodes alike."""

import numpy as np

from course_lib.autodiff.traced import elementwise, number, plain


@elementwise(lambda x, y: y * (1 - y))
def sigmoid(x):
    """1 / (1 + exp(-x)), without overflow for large negative x."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1 + small)


@elementwise(lambda x, y: np.where(x > 0, 1.0, 0.0))
def relu(x):
    """max(x, 0), with slope 0 at 0."""
    return np.maximum(x, 0.0)


@elementwise(lambda x, y: 0.0)
def stop_gradient(x):
    """x itself, with slope 0: what it is made from is taken as a constant. ``x.detach()`` in PyTorch."""
    return x * 1.0


def softplus(x):
    """log(1 + exp(x)), the smooth relu."""
    return np.logaddexp(number(x, "x"), 0.0)


def logsumexp(x, axis=None, keepdims=False):
    """log(sum(exp(x))), without overflow. Its gradient is the softmax."""
    x = number(x, "x")
    if np.size(x) == 0:
        raise ValueError(f"x must have at least one entry, but its shape is {np.shape(x)}.")
    # The shift cancels, so it is taken as a constant.
    shift = np.max(plain(x), axis=axis, keepdims=True)
    shift = np.where(np.isfinite(shift), shift, 0.0)
    with np.errstate(divide="ignore"):  # log 0 = -inf is the answer for entries that are all -inf
        y = np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return y if keepdims else np.reshape(y, np.sum(plain(x), axis=axis).shape)


def log_softmax(x, axis=-1):
    """x - logsumexp(x)."""
    x = number(x, "x")
    if np.ndim(x) == 0:
        raise ValueError("x must have at least one axis, but it is a single number.")
    return x - logsumexp(x, axis=axis, keepdims=True)


def softmax(x, axis=-1):
    """exp(x) / sum(exp(x))."""
    return np.exp(log_softmax(x, axis=axis))
