"""Functions with a cone: |x|, the norms and the standard deviation.

At the tip every slope between the sides is a subgradient, and 0 is chosen, so that gradients are numbers. But how the
slope moves there cannot be said: its own derivative is nan. So the Hessian of norm(x)^2 at 0 is nan by the chain rule,
and not the 0 that a constant slope would give (2 I is right). Write np.sum(x * x) where it is wanted at 0.
"""

import numpy as np

from course_lib.autodiff.elementary import PARTIALS
from course_lib.autodiff.traced import COMPOSITE, elementwise, variance


@elementwise(lambda x, y: np.where(x == 0, np.nan, 0.0))
def tip(x):
    """0 everywhere; its slope is nan where x is 0, and 0 elsewhere."""
    return np.zeros_like(x)


def _over(a, y):
    """a / y, and 0 at the tip y = 0."""
    return np.where(y == 0, 0.0, a / np.where(y == 0, 1.0, y)) + tip(y)


@elementwise(lambda x, y: _over(0.5, y))
def root(x):
    """sqrt(x), with slope 0 instead of inf at 0."""
    return np.sqrt(x)


PARTIALS[np.absolute] = (lambda x, y: np.sign(x) + tip(x),)
PARTIALS[np.hypot] = (lambda a, b, y: _over(a, y), lambda a, b, y: _over(b, y))


def _norm(x, *, axis=None, keepdims=False):  # NumPy's second argument would be the kind of norm
    return root(np.sum(np.square(x), axis=axis, keepdims=keepdims))


def _std(x, axis=None, keepdims=False):
    return root(variance(x, axis, keepdims))


COMPOSITE |= {np.std: _std, np.linalg.norm: _norm}
