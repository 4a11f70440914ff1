r"""How far a method goes for a gradient: its effective learning rate in each coordinate.

.. math:: \text{effective rate} = \text{learning\_rate} / (\sqrt{A} + \text{eps}) \tag{5.24}

with the method's own A; Adadelta has RMS(E_u) in place of the learning rate, Adamax u in place of the root.
"""

import numpy as np

from course_lib.optimizers.adam import Adam, Adamax, AMSGrad, Nadam
from course_lib.optimizers.adaptive import Adadelta, Adagrad, RMSprop, root


def effective_rate(optimizer, theta, state):
    """What multiplies the gradient (or its average) in the update that led to ``state``, shape of ``theta``.

    nan before the first update of a method that divides by a state. A method without a rate for each coordinate has its
    learning rate everywhere.

    >>> from course_lib.surfaces import SURFACES
    >>> adagrad, theta = Adagrad(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = adagrad.step(SURFACES["ravine"], theta, adagrad.init(theta))
    >>> effective_rate(adagrad, theta, state).round(5)  # gradient (1, 30)
    array([0.1    , 0.00333])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = _rate(optimizer, state) + np.zeros_like(theta)
    return np.where(np.isfinite(rate), rate, np.nan)


def _rate(optimizer, state):
    if isinstance(optimizer, Adadelta):
        roots = np.sqrt(state.mean_square_update + optimizer.eps), np.sqrt(state.mean_square + optimizer.eps)
        return optimizer.learning_rate * roots[0] / roots[1]
    if isinstance(optimizer, Adamax):
        return optimizer.learning_rate / state.largest
    divided = _divided(optimizer, state)
    if divided is None:
        return optimizer.learning_rate
    inside = getattr(optimizer, "eps_inside_root", False)
    started = np.where(np.any(divided != 0, axis=-1, keepdims=True), divided, np.nan)
    return optimizer.learning_rate / root(started, optimizer.eps, inside)  # (5.24)


def _divided(optimizer, state):
    """A of (5.24), or None."""
    if isinstance(optimizer, Adagrad):
        return state.sum_of_squares
    if isinstance(optimizer, RMSprop):
        spread = state.mean_square - state.mean**2 if optimizer.centered else state.mean_square
        return np.maximum(spread, 0)
    if isinstance(optimizer, (Adam, Nadam)):
        second = state.largest_second_moment if isinstance(optimizer, AMSGrad) else state.second_moment
        corrected = getattr(optimizer, "bias_correction", True)
        return second / (1 - optimizer.beta2 ** max(state.t, 1)) if corrected else second
    return None
