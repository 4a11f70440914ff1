r"""Basins: where each method ends, from every start of a grid, and what kind of critical point waits there.

All starts are one ensemble that loses the members that have arrived. In two dimensions a function of a
symmetric matrix needs no eigenvectors:

.. math:: F(H) = \tfrac12 \big(F(\lambda_1) + F(\lambda_2)\big) I
          + \frac{F(\lambda_1) - F(\lambda_2)}{2 r} \begin{pmatrix} d & b \\ b & -d \end{pmatrix}, \qquad
          \lambda_{1,2} = m \pm r, \tag{4.25}

with m the mean and d half the difference of the diagonal, b beside it, and r^2 = d^2 + b^2: Newton's step for
160 000 starts costs about what their Hessians cost.

Source: L0 "Newton's method is attracted to saddle points"; Dauphin et al. 2014.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.optimizers import BFGS, SGD, Newton, SaddleFreeNewton
from course_lib.optimizers.quasi_newton import BFGSState
from course_lib.validation import count, function_of, having, non_negative, number, numbers, one_of

KINDS = ("minimum", "saddle", "maximum", "degenerate", "none")
METHODS = ("Newton", "saddle-free Newton", "gradient descent", "BFGS")
NUM_STEPS = {"Newton": 80, "saddle-free Newton": 80, "gradient descent": 400, "BFGS": 60}
TOLERANCE = 1e-5
FAR = 1e4  # a run this many windows away will not come back


class Basins(NamedTuple):
    """Ends of a grid of runs.

    Attributes:
        ends: ``(..., 2)``; nan where the run did not arrive.
        kinds: ``(...)`` int8, index into ``KINDS``; "none" has left, or is still on its way.
        steps: ``(...)`` updates until the gradient was small, or -1.
    """

    ends: np.ndarray
    kinds: np.ndarray
    steps: np.ndarray

    def shares(self):
        """``{kind: share of the starts}`` for every kind, in the order of ``KINDS``."""
        counted = np.bincount(self.kinds.ravel(), minlength=len(KINDS)) / self.kinds.size
        return dict(zip(KINDS, map(float, counted), strict=True))


def eigenvalues_2d(hessian):
    """``(mean + r, mean - r)`` of symmetric ``(..., 2, 2)`` matrices, with d, b and r: what (4.25) needs."""
    a, b, c = hessian[..., 0, 0], hessian[..., 0, 1], hessian[..., 1, 1]
    mean, d = (a + c) / 2, (a - c) / 2
    r = np.sqrt(d * d + b * b)
    return mean + r, mean - r, d, b, r


def rescaled_2d(hessian, vector, function):
    """``F(H) vector`` for stacks of 2 x 2 matrices, by (4.25)."""
    first, second, d, b, r = eigenvalues_2d(hessian)
    one, other = function(first, second)
    mean, slope = (one + other) / 2, (one - other) / np.where(r > 0, 2 * r, 1.0)
    x, y = vector[..., 0], vector[..., 1]
    return np.stack([mean * x + slope * (d * x + b * y), mean * y + slope * (b * x - d * y)], axis=-1)  # (4.25)


def _reciprocals(first, second):
    """Both reciprocals, 0 for one that is 0 to rounding beside the other (as ``second_order.reciprocal``)."""
    zero = 2 * np.finfo(float).eps * np.maximum(np.abs(first), np.abs(second))
    return tuple(np.where(np.abs(x) <= zero, 0.0, 1 / np.where(np.abs(x) <= zero, 1.0, x)) for x in (first, second))


def optimizer_for(method, damping=0.0, learning_rate=0.01):
    """The optimizer of the course that ``method`` names.

    Raises:
        ValueError: an unknown method, or a negative hyperparameter.
    """
    one_of("method", method, METHODS)
    if method == "Newton":
        return Newton(damping=damping)
    if method == "saddle-free Newton":
        return SaddleFreeNewton(damping=damping)
    return SGD(learning_rate) if method == "gradient descent" else BFGS()


def quick_step(method, damping=0.0, learning_rate=0.01):
    """A function ``(surface, theta, gradient, state) -> (theta, state)``: the optimizer's step in two dimensions."""
    damping = number("damping", damping, non_negative)
    learning_rate = number("learning_rate", learning_rate, non_negative)
    optimizer = optimizer_for(method, damping, learning_rate)

    def newton(surface, theta, gradient, state):
        def inverse(first, second):
            return _reciprocals(first + damping, second + damping)

        return theta - rescaled_2d(surface.hessian(theta), gradient, inverse), state

    def saddle_free(surface, theta, gradient, state):
        def inverse(first, second):
            return _reciprocals(np.abs(first) + damping, np.abs(second) + damping)

        return theta - rescaled_2d(surface.hessian(theta), gradient, inverse), state

    def descent(surface, theta, gradient, state):
        return theta - learning_rate * gradient, state

    def bfgs(surface, theta, gradient, state):
        return optimizer.step(surface, theta, optimizer.init(theta) if state is None else state)

    return dict(zip(METHODS, (newton, saddle_free, descent, bfgs), strict=True))[method]


@lru_cache(maxsize=32)
def typical_curvature(surface):
    """The median over the window of the larger curvature: what a curvature has to be compared with to be called 0."""
    first, second, *_ = eigenvalues_2d(surface.hessian(grid(surface, 20)))
    return float(np.median(np.maximum(np.abs(first), np.abs(second))))


def kinds_of(surface, theta, tolerance=4e-3):
    """Index into ``KINDS`` for ends ``(k, 2)`` by the eigenvalues there; "degenerate" where one is nearly 0.

    Nearly: under ``tolerance`` of ``typical_curvature``. An end is near its critical point only, so an
    eigenvalue that is 0 there is only small at the end.
    """
    first, second, *_ = eigenvalues_2d(surface.hessian(theta))
    flat = np.minimum(np.abs(first), np.abs(second)) <= tolerance * typical_curvature(surface)
    unknown = np.isnan(first + second) | np.isnan(typical_curvature(surface))
    return np.select([unknown, flat, second > 0, first < 0], [4, 3, 0, 2], 1).astype(np.int8)


def basins(surface, method, starts, damping=0.0, learning_rate=0.01, num_steps=None, stop=None):
    """Run ``method`` from every start and say where it ends.

    Args:
        surface: two-dimensional, with a Hessian: one of ``SURFACES``.
        method: one of ``METHODS``.
        starts: ``(..., 2)``.
        damping: of the two Newtons.
        learning_rate: of gradient descent.
        num_steps: most updates; ``NUM_STEPS[method]`` if left out.
        stop: a function that says, before each update, whether to give up; then ``None`` is returned.

    Returns:
        ``Basins``. A run has arrived when its gradient's largest entry is under 1e-5.
    """
    having("surface", surface, "gradient", "hessian")
    starts = numbers("starts", starts).astype(float)
    if starts.shape[-1:] != (2,):
        raise ValueError(f"starts must have the shape (..., 2), x and y, but it has {starts.shape}.")
    if stop is not None:
        function_of("stop", stop, "lambda: False")
    step = quick_step(method, damping, learning_rate)
    num_steps = NUM_STEPS[method] if num_steps is None else count("num_steps", num_steps)
    theta = starts.reshape(-1, 2).copy()
    ends, steps = np.full_like(theta, np.nan), np.full(len(theta), -1)
    alive, state = np.arange(len(theta)), None
    size = max(np.ptp(limits) for limits in surface.window)
    with np.errstate(all="ignore"):  # a run that leaves is a result, not a warning
        for t in range(num_steps + 1):
            if stop is not None and stop():
                return None
            gradient = surface.gradient(theta)
            small = np.abs(gradient).max(axis=-1) < TOLERANCE
            ends[alive[small]], steps[alive[small]] = theta[small], t
            keep = ~small & (np.abs(theta).max(axis=-1) < FAR * size)
            if not keep.all():
                theta, gradient, alive, state = theta[keep], gradient[keep], alive[keep], _kept(state, keep)
            if not len(alive) or t == num_steps:
                break
            theta, state = step(surface, theta, gradient, state)
    kinds = np.full(len(ends), KINDS.index("none"), dtype=np.int8)
    arrived = steps >= 0
    if arrived.any():
        kinds[arrived] = kinds_of(surface, ends[arrived])
    shape = starts.shape[:-1]
    return Basins(ends.reshape(starts.shape), kinds.reshape(shape), steps.reshape(shape))


def _kept(state, keep):
    return BFGSState(*(part[keep] for part in state)) if isinstance(state, BFGSState) else state


def grid(surface, size):
    """``(size, size, 2)`` starts, the centres of as many squares that fill the window; row 0 is lowest."""
    size = count("size", size)
    axes = [low + (np.arange(size) + 0.5) * (high - low) / size for low, high in surface.window]
    return np.stack(np.meshgrid(*axes), axis=-1)
