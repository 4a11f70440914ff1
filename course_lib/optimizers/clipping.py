r"""Gradient clipping: one step may not be wrecked by one enormous gradient.

Three functions on gradients, and ``with_clipping``, which makes any optimizer use one of them.
"""

import numpy as np

from course_lib.objective import DerivedObjective
from course_lib.optimizers.line_search import power_of_two
from course_lib.validation import broadcast, flag, function_of, having, non_negative, numbers, shown, vector


def clip_by_value(gradient, high, low=None):
    r"""Cut every coordinate to ``low <= g_i <= high``; ``low`` is ``-high`` if left out.

    .. math:: g_i \leftarrow \min(\text{high}, \max(\text{low}, g_i)) \tag{11.10}

    Turns the gradient: large coordinates lose more than small ones. L3 writes a for high and b for low.

    Source: L3 "Gradient clipping". PyTorch: ``clip_grad_value_(clip_value=high)``.

    >>> clip_by_value(np.array([0.3, -4.0, 40.0]), high=1.0)
    array([ 0.3, -1. ,  1. ])
    """
    gradient, high = numbers("gradient", gradient), numbers("high", high)
    low = np.negative(high) if low is None else numbers("low", low)
    broadcast(gradient=gradient, high=high, low=low)
    if not np.all(high >= low):
        raise ValueError(f"Clipping needs low <= high, but low is {shown(low)} and high is {shown(high)}.")
    return np.minimum(high, np.maximum(low, gradient))  # (11.10)


def clip_by_norm(gradient, max_norm, error_if_nonfinite=False):
    r"""Shorten the gradient to length ``max_norm`` if it is longer; its direction stays.

    .. math:: g \leftarrow g \cdot \min(1, \text{max\_norm} / \|g\|) \tag{11.11}

    Norm over the last axis: each member of a stack is clipped by itself. L3 prints the factor without
    the minimum, which would also lengthen short gradients (E17). A norm that is nan makes all of the gradient nan; one
    that is inf makes its infinite entries nan and the others 0, as in PyTorch. ``error_if_nonfinite`` refuses both.

    Source: L3 "Gradient clipping"; Pascanu, Mikolov and Bengio 2013, algorithm 1.
    PyTorch: ``clip_grad_norm_(max_norm)`` divides by norm + 1e-6, so it ends a little shorter; where squares overflow
    (an entry above 1e19 in float32) it answers 0.

    >>> clip_by_norm(np.array([3.0, 4.0]), max_norm=1.0), clip_by_norm(np.array([0.3, 0.4]), max_norm=1.0)
    (array([0.6, 0.8]), array([0.3, 0.4]))
    """
    return clip_by_global_norm([vector("gradient", gradient)], max_norm, error_if_nonfinite)[0]


def _checked_clipping(gradients, max_norm):
    """``max_norm`` (inf clips nothing) and the gradients as float arrays."""
    if not isinstance(gradients, list | tuple) or not gradients:
        raise TypeError(f"gradients must be a list of arrays, but it is {shown(gradients)}.")
    gradients = [vector("gradients", gradient) for gradient in gradients]
    max_norm = non_negative("max_norm", max_norm)
    if np.ndim(max_norm) and np.shape(max_norm)[-1] != 1:
        raise ValueError(f"max_norm must be a number, or (..., 1) for a stack, but its shape is {np.shape(max_norm)}.")
    broadcast(max_norm=max_norm, **{f"gradient {i}": gradient[..., :1] for i, gradient in enumerate(gradients)})
    return max_norm, gradients


def clip_by_global_norm(gradients, max_norm, error_if_nonfinite=False):
    r"""Shorten a list of gradients together, by one factor: the parts of a network keep their proportions.

    (11.11) with :math:`\|g\|^2 = \sum_k \|g_k\|^2`, k over the list.  (11.12)

    Norms are over each last axis (flatten matrices first, or keep all parameters in one vector,
    where ``clip_by_norm`` is the same). Returns a new list; nan and inf as in ``clip_by_norm``.

    Raises:
        ValueError: a negative ``max_norm``, or a norm that is nan or inf where ``error_if_nonfinite`` is set.

    Source: Pascanu, Mikolov and Bengio 2013, algorithm 1, on all parameters at once.
    PyTorch: ``clip_grad_norm_`` of all parameters.

    >>> clip_by_global_norm([np.array([3.0]), np.array([0.0, 4.0])], max_norm=1.0)
    [array([0.6]), array([0. , 0.8])]
    """
    max_norm, gradients = _checked_clipping(gradients, max_norm)
    scale = np.max(np.broadcast_arrays(*(power_of_two(gradient) for gradient in gradients)), axis=0)
    parts = [gradient / scale for gradient in gradients]  # whose squares do not overflow
    norm = np.sqrt(sum(np.sum(np.square(part), axis=-1, keepdims=True) for part in parts))  # (11.12), over scale
    if flag("error_if_nonfinite", error_if_nonfinite) and not np.all(np.isfinite(norm)):
        raise ValueError("The norm of the gradient is nan or inf: there is no factor that would clip it.")
    short = norm <= max_norm / scale
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # where all is 0 or next to it, inf * 0
        factor = max_norm / norm  # (11.11)
        return [np.where(short, g, part * factor) for g, part in zip(gradients, parts, strict=True)]


def with_clipping(objective, clip):
    """Return ``objective`` with every gradient passed through ``clip``; a sampled one is clipped after sampling.

    For optimizers that use gradients only: the clipped field is not the gradient of ``value`` any
    more, so the result has no Hessian and a line search may find nothing.
    PyTorch: none; there one clips ``.grad`` between ``backward()`` and ``step()``.

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
    having("objective", objective, "value", "gradient")
    function_of("clip", clip, "lambda g: clip_by_norm(g, 1.0)")

    def clipped(theta):
        return clip(objective.gradient(theta))

    return DerivedObjective(objective.value, clipped, base=objective, change=lambda other: with_clipping(other, clip))
