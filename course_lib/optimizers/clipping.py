r"""Gradient clipping: one step may not be wrecked by one enormous gradient.

Three functions on gradients, and ``with_clipping``, which makes any optimizer use one of them.
"""

import numpy as np

from course_lib.objective import DerivedObjective
from course_lib.validation import non_negative


def clip_by_value(gradient, high, low=None):
    r"""Cut every coordinate to ``low <= g_i <= high``; ``low`` is ``-high`` if left out.

    .. math:: g_i \leftarrow \min(\text{high}, \max(\text{low}, g_i)) \tag{11.21}

    Turns the gradient: large coordinates lose more than small ones. L3 writes a for high and b for low.

    Source: L3 "Gradient clipping". PyTorch: ``clip_grad_value_(clip_value=high)``.

    >>> clip_by_value(np.array([0.3, -4.0, 40.0]), high=1.0)
    array([ 0.3, -1. ,  1. ])
    """
    low = np.negative(high) if low is None else low
    if not np.all(np.asarray(high) >= low):
        raise ValueError(f"Clipping needs low <= high, but low is {low} and high is {high}.")
    return np.minimum(high, np.maximum(low, gradient))  # (11.21)


def clip_by_norm(gradient, max_norm):
    r"""Shorten the gradient to length ``max_norm`` if it is longer; its direction stays.

    .. math:: g \leftarrow g \cdot \min(1, \text{max\_norm} / \|g\|) \tag{11.22}

    Norm over the last axis: each member of a stack is clipped by itself. L3 prints the factor without
    the minimum, which would also lengthen short gradients (E17).

    Source: L3 "Gradient clipping"; Pascanu, Mikolov and Bengio 2013, algorithm 1.
    PyTorch: ``clip_grad_norm_(max_norm)`` divides by norm + 1e-6, so it ends a little shorter.

    >>> clip_by_norm(np.array([3.0, 4.0]), max_norm=1.0), clip_by_norm(np.array([0.3, 0.4]), max_norm=1.0)
    (array([0.6, 0.8]), array([0.3, 0.4]))
    """
    return clip_by_global_norm([gradient], max_norm)[0]


def clip_by_global_norm(gradients, max_norm):
    r"""Shorten a list of gradients together, by one factor: the parts of a network keep their proportions.

    (11.22) with :math:`\|g\|^2 = \sum_k \|g_k\|^2`, k over the list.  (11.23)

    Norms are over each last axis (flatten matrices first, or keep all parameters in one vector,
    where ``clip_by_norm`` is the same). Returns a new list.

    Source: Pascanu, Mikolov and Bengio 2013, algorithm 1, on all parameters at once.
    PyTorch: ``clip_grad_norm_`` of all parameters.

    >>> clip_by_global_norm([np.array([3.0]), np.array([0.0, 4.0])], max_norm=1.0)
    [array([0.6]), array([0. , 0.8])]
    """
    non_negative("max_norm", max_norm)
    squares = [np.sum(np.square(gradient), axis=-1, keepdims=True) for gradient in gradients]
    norm = np.sqrt(sum(squares))  # (11.23)
    factor = np.where(norm > max_norm, max_norm / np.where(norm > 0, norm, 1.0), 1.0)  # (11.22)
    return [factor * gradient for gradient in gradients]


def with_clipping(objective, clip):
    """Return ``objective`` with every gradient passed through ``clip``; a sampled one is clipped after sampling.

    For optimizers that use gradients only: the clipped field is not the gradient of ``value`` any
    more, so the result has no Hessian and a line search may find nothing.

    Args:
        objective: anything with ``value`` and ``gradient``.
        clip: a function of the gradient, ``lambda g: clip_by_norm(g, 1.0)``.

    >>> from course_lib.optimizers import SGD
    >>> from course_lib.surfaces import SURFACES
    >>> tame = with_clipping(SURFACES["rosenbrock"], lambda g: clip_by_norm(g, 1.0))
    >>> sgd, theta = SGD(learning_rate=0.1), np.array([-1.2, 1.0])
    >>> theta, state = sgd.step(tame, theta, sgd.init(theta))
    >>> theta.round(3)
    array([-1.107,  1.038])
    """
    if not callable(clip):
        raise TypeError(f"clip must be a function of the gradient, lambda g: clip_by_norm(g, 1.0) say, not {clip!r}.")

    def clipped(theta):
        return clip(objective.gradient(theta))

    return DerivedObjective(objective.value, clipped, base=objective, change=lambda other: with_clipping(other, clip))
