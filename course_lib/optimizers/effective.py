r"""How far a method goes for a gradient: its effective learning rate in each coordinate.

.. math:: \text{effective rate} = \text{learning\_rate} / (\sqrt{A} + \text{eps}) \tag{5.24}

with the method's own A; Adadelta has RMS(E_u) in place of the learning rate, Adamax u in place of the root. Each
method says its own, ``effective_rate(state)``: one number, or an array that broadcasts against theta.
"""

import numpy as np


def effective_rate(optimizer, theta, state):
    """What multiplied the gradient (or its average) in the update that led to ``state``, shape of ``theta``.

    nan before the first update of a method that divides by a state.

    Raises:
        TypeError: a method that does not scale each coordinate by a number of its own, such as ``Newton``.

    >>> from course_lib.optimizers import Adagrad
    >>> from course_lib.surfaces import SURFACES
    >>> adagrad, theta = Adagrad(learning_rate=0.1), np.array([1.0, 1.0])
    >>> theta, state = adagrad.step(SURFACES["ravine"], theta, adagrad.init(theta))
    >>> effective_rate(adagrad, theta, state).round(5)  # gradient (1, 30)
    array([0.1    , 0.00333])
    """
    if not hasattr(optimizer, "effective_rate"):
        raise TypeError(
            f"{type(optimizer).__name__} has no effective rate: its step is not the gradient times a number for each "
            "coordinate. Ask SGD, Momentum, Nesterov, Adagrad, RMSprop, Adadelta or one of Adam's family."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = optimizer.effective_rate(state) + np.zeros_like(theta)  # (5.24)
    return np.where(np.isfinite(rate), rate, np.nan)
