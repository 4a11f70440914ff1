"""The elementary derivatives: all the calculus that automatic differentiation knows.

``PARTIALS`` names, for every function that works entry by entry, its partial derivative by each
argument, in terms of the arguments and the result ``y``. Forward mode and reverse mode read this
table; they only multiply along the chain rule in opposite directions.

At a kink the table chooses: relu has slope 0 at 0, and where ``maximum`` or ``minimum`` has a tie, each side
gets half (the choices of PyTorch). Each is a subgradient, and its own slope is taken as 0, so a second derivative
through such a kink sees one side, or none. Functions with a cone are in ``cones.py``.
"""

from collections.abc import Callable

import numpy as np


def _base(a):
    """``a`` with its zeros replaced by ones, to be looked at only where ``a`` is not 0."""
    return np.where(a == 0, 1.0, a)


def _share(a, b, wins):
    return np.where(wins, 1.0, np.where(a == b, 0.5, 0.0))


def _sinc_slope(x, y):
    series = -(np.pi**2) * x / 3 + np.pi**4 * x**3 / 30
    return np.where(np.abs(x) < 1e-3, series, (np.cos(np.pi * x) - y) / _base(x))


# d y / d x of y = f(x)
PARTIALS: dict[Callable, tuple[Callable, ...]] = {
    np.negative: (lambda x, y: -1.0,),
    np.positive: (lambda x, y: 1.0,),
    np.exp: (lambda x, y: y,),
    np.expm1: (lambda x, y: y + 1,),
    np.log: (lambda x, y: 1 / x,),
    np.log1p: (lambda x, y: 1 / (1 + x),),
    np.sqrt: (lambda x, y: 0.5 / y,),
    np.square: (lambda x, y: 2 * x,),
    np.reciprocal: (lambda x, y: -y * y,),
    np.sin: (lambda x, y: np.cos(x),),
    np.cos: (lambda x, y: -np.sin(x),),
    np.tan: (lambda x, y: 1 + y * y,),
    np.arctan: (lambda x, y: 1 / (1 + x * x),),
    np.sinh: (lambda x, y: np.cosh(x),),
    np.cosh: (lambda x, y: np.sinh(x),),
    np.tanh: (lambda x, y: 1 - y * y,),
    np.sign: (lambda x, y: 0.0,),
    np.sinc: (_sinc_slope,),
}

# (d y / d a, d y / d b) of y = f(a, b)
PARTIALS |= {
    np.add: (lambda a, b, y: 1.0, lambda a, b, y: 1.0),
    np.subtract: (lambda a, b, y: 1.0, lambda a, b, y: -1.0),
    np.multiply: (lambda a, b, y: b, lambda a, b, y: a),
    np.divide: (lambda a, b, y: 1 / b, lambda a, b, y: -y / b),
    np.power: (
        # Where b is 0 the exponent becomes 0 instead of -1: at a = 0, 0 * 0 ** -1 would be nan.
        lambda a, b, y: b * a ** (b - 1 + (b == 0)),
        lambda a, b, y: np.where(a == 0, 0.0, y * np.log(_base(a))),
    ),
    np.maximum: (lambda a, b, y: _share(a, b, a > b), lambda a, b, y: _share(a, b, b > a)),
    np.minimum: (lambda a, b, y: _share(a, b, a < b), lambda a, b, y: _share(a, b, b < a)),
    np.remainder: (lambda a, b, y: 1.0, lambda a, b, y: (y - a) / b),
    np.logaddexp: (lambda a, b, y: np.exp(a - y), lambda a, b, y: np.exp(b - y)),
}
