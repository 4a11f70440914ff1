r"""Line searches: how far to go along a search direction, found by asking for values.

Each is a function ``(objective, theta, search_direction, gradient=None) -> StepSize`` and can be given to
an optimizer, ``BFGS(line_search=armijo)``; other settings by ``functools.partial(strong_wolfe, curvature=0.1)``.
``gradient`` is the one at theta, for who has it already.
All work on a stack of vectors at once: every member has a step size of its own.

Along the direction d the objective is a function of one number,

.. math:: \phi(s) = f(\theta + s \, d), \qquad \phi'(s) = \nabla f(\theta + s \, d)^T d, \qquad \phi'(0) < 0.
"""

import warnings
from typing import NamedTuple

import numpy as np

from course_lib.validation import broadcast, count, having, number, positive, vector


class StepSize(NamedTuple):
    """What a line search found.

    Attributes:
        step_size: shape ``theta.shape[:-1]``.
        found: bool, of that shape: whether the conditions hold there. Where they do not, step_size is
            the longest one that was tried and decreases enough, 0 if none does.
        tried: the step sizes that were tried, in order, each of that shape (a member that is
            done keeps its own).
    """

    step_size: np.ndarray
    found: np.ndarray
    tried: tuple


def inner(a, b):
    """Inner product over the coordinates, shape ``(...)``."""
    return np.sum(a * b, axis=-1)


def length(vector):
    """Euclidean length over the coordinates, shape ``(...)``, also where the squares would overflow or vanish."""
    scale = power_of_two(vector)
    return scale[..., 0] * np.linalg.norm(vector / scale, axis=-1)


def power_of_two(vector):
    """A power of 2 of the size of the largest entry, ``(..., 1)``: by it one divides without rounding."""
    largest = np.max(np.abs(vector), axis=-1, keepdims=True, initial=0)
    return np.ldexp(np.ones_like(largest, dtype=np.result_type(largest, np.float32)), np.frexp(largest)[1] - 1)


def move(theta, step_size, search_direction):
    """``theta + step_size * search_direction``, each member of a stack with its own step size."""
    return theta + np.asarray(step_size)[..., None] * search_direction


def downhill_slope(objective, theta, search_direction, gradient):
    """phi'(0), shape ``(...)``. Raises ``ValueError`` where the direction leads uphill."""
    broadcast(theta=theta, search_direction=search_direction)
    if gradient is None:
        gradient = objective.gradient(theta)
    broadcast(gradient=gradient, search_direction=search_direction)
    slope = inner(gradient, search_direction)
    if np.any(slope > 0):
        raise ValueError(
            f"A line search needs a direction that leads downhill, but the slope along search_direction is "
            f"{np.max(slope):g}: use -gradient, or turn the direction round."
        )
    return slope


def same_for_all(slope, number):
    """``number`` for every member, in the precision of ``slope``."""
    return np.full(np.shape(slope), number, dtype=np.result_type(slope, np.float32))


def _check(first_step, sufficient_decrease, curvature=1.0):
    number("first_step", first_step, positive)
    number("sufficient_decrease", sufficient_decrease)
    if not 0 < sufficient_decrease < number("curvature", curvature) <= 1:
        raise ValueError(
            "A line search needs 0 < sufficient_decrease < curvature < 1, but sufficient_decrease is "
            f"{sufficient_decrease} and curvature {curvature}."
        )


def _checked(objective, theta, search_direction, gradient, *methods):
    """theta, direction and gradient (or None) as float arrays, for an objective with these methods."""
    having("objective", objective, *methods)
    gradient = None if gradient is None else vector("gradient", gradient)
    return vector("theta", theta), vector("search_direction", search_direction), gradient


def armijo(
    objective,
    theta,
    search_direction,
    gradient=None,
    first_step=1.0,
    shrink=0.5,
    sufficient_decrease=1e-4,
    max_trials=60,
):
    r"""Backtracking: shrink the step until the objective falls by enough for its length.

    .. math:: \phi(s) \le \phi(0) + \text{sufficient\_decrease} \cdot s \, \phi'(0),
              \qquad s = \text{first\_step} \cdot \text{shrink}^{0, 1, 2, \ldots} \tag{2.21}

    It only shortens: a first step that is much too short counts as found.

    Source: L1 section 3.2 (Armijo's rule); Armijo 1966; Nocedal and Wright 2006, algorithm 3.1.
    PyTorch has none (its LBFGS has a strong Wolfe search).

    Raises:
        ValueError: a direction that leads uphill, ``shrink`` outside 0 to 1 or a bad ``sufficient_decrease``.

    >>> from course_lib.surfaces import SURFACES
    >>> bowl, theta = SURFACES["global_minimum"], np.array([3.0, 4.0])
    >>> search = armijo(bowl, theta, -bowl.gradient(theta), first_step=2.0)
    >>> [float(step) for step in search.tried]  # 2 and 1 do not go down, 1/2 ends in the minimum
    [2.0, 1.0, 0.5]
    """
    _check(first_step, sufficient_decrease)
    if not 0 < number("shrink", shrink) < 1:
        raise ValueError(f"shrink must lie between 0 and 1, so that trial steps get shorter, but it is {shrink}.")
    theta, search_direction, gradient = _checked(objective, theta, search_direction, gradient, "value", "gradient")
    value, slope = objective.value(theta), downhill_slope(objective, theta, search_direction, gradient)
    step_size, tried = same_for_all(slope, first_step), []
    for _ in range(count("max_trials", max_trials)):
        tried.append(step_size)
        lower = objective.value(move(theta, step_size, search_direction))
        found = (lower < np.inf) & (lower <= value + sufficient_decrease * step_size * slope)  # (2.21)
        if np.all(found):
            break
        step_size = np.where(found, step_size, shrink * step_size)
    return StepSize(np.where(found, step_size, 0.0), found, tuple(tried))


def strong_wolfe(
    objective,
    theta,
    search_direction,
    gradient=None,
    first_step=1.0,
    sufficient_decrease=1e-4,
    curvature=0.9,
    max_trials=40,
):
    r"""Find a step that is long enough to pay and short enough to be trusted.

    Besides (2.21), sufficient decrease, the slope must have flattened,

    .. math:: |\phi'(s)| \le \text{curvature} \cdot |\phi'(0)|. \tag{2.22}

    The search keeps a bracket: ``low``, where the decrease is sufficient and it still goes down
    steeply, and ``high``, which is too far. Such a bracket always holds a step that satisfies both,
    so doubling until there is a ``high`` and then halving finds one, if the function is smooth and
    bounded below. Where it is not (x^2 - y^2), the longest sufficient step that was tried is taken.
    A small ``curvature`` makes the search nearly exact. (2.21) is granted the rounding error of
    phi(0), without which no step is sufficient close to a minimum (Hager and Zhang 2005).

    Source: Nocedal and Wright 2006, (3.7), with bisection after Lewis and Overton 2013, algorithm 2.6.
    PyTorch: ``torch.optim.LBFGS(line_search_fn="strong_wolfe")`` interpolates by cubics instead of halving.

    >>> from course_lib.surfaces import SURFACES
    >>> valley, theta = SURFACES["rosenbrock"], np.array([-1.2, 1.0])
    >>> search = strong_wolfe(valley, theta, -valley.gradient(theta))
    >>> len(search.tried), float(search.step_size)
    (11, 0.0009765625)
    """
    _check(first_step, sufficient_decrease, curvature)
    theta, search_direction, gradient = _checked(objective, theta, search_direction, gradient, "value", "gradient")
    value, slope = objective.value(theta), downhill_slope(objective, theta, search_direction, gradient)
    low, high = same_for_all(slope, 0.0), same_for_all(slope, np.inf)
    step_size, tried = same_for_all(slope, first_step), []
    rounding = 4 * np.finfo(step_size.dtype).eps * np.abs(value)
    for _ in range(count("max_trials", max_trials)):
        tried.append(step_size)
        there = move(theta, step_size, search_direction)
        new_slope = inner(objective.gradient(there), search_direction)
        limit = value + sufficient_decrease * step_size * slope + rounding
        sufficient = objective.value(there) <= limit  # (2.21)
        found = sufficient & (np.abs(new_slope) <= curvature * np.abs(slope))  # (2.22)
        done = found | np.all(there == theta, axis=-1)  # a step that rounding swallows: converged
        if np.all(done):
            break
        steep = sufficient & (new_slope < 0) & ~found
        low = np.where(steep, step_size, low)
        high = np.where(steep | found, high, step_size)
        halved = np.where(np.isinf(high), 2 * step_size, (low + high) / 2)
        step_size = np.where(done, step_size, halved)
    return StepSize(np.where(found, step_size, low), found, tuple(tried))


def exact_on_quadratic(objective, theta, search_direction, gradient=None):
    r"""The lowest point along the direction, if the objective is quadratic with positive curvature along it.

    .. math:: s = -\frac{\nabla f(\theta)^T d}{d^T H d} \tag{2.23}

    One Hessian-vector product, no trials. Where the curvature is 0 or negative there is no lowest
    point: step size 0, ``found`` False.

    Source: Nocedal and Wright 2006, (3.55). PyTorch has none.

    >>> from course_lib.surfaces import SURFACES
    >>> booth, theta = SURFACES["booth"], np.array([-3.0, 0.0])
    >>> round(float(exact_on_quadratic(booth, theta, -booth.gradient(theta)).step_size), 6)
    0.055568
    """
    theta, search_direction, gradient = _checked(objective, theta, search_direction, gradient, "gradient", "hvp")
    slope = downhill_slope(objective, theta, search_direction, gradient)
    bend = inner(search_direction, objective.hvp(theta, search_direction))
    found = bend > 0
    step_size = np.where(found, -slope, 0.0) / np.where(found, bend, 1.0)  # (2.23)
    step_size = np.where(np.isnan(bend * slope), np.nan, step_size)
    return StepSize(step_size, found, (step_size,))


class Step(NamedTuple):
    """One step of a method with a line search.

    Attributes:
        theta: the new one.
        length: of the step, ``(...)``.
        restarted: whether it is one along -gradient, since along the search direction nothing was found, ``(...)``.
        stuck: whether nothing was found there either, by trials long enough to change theta, ``(...)``.
    """

    theta: np.ndarray
    length: np.ndarray
    restarted: np.ndarray
    stuck: np.ndarray

    def say_if_stuck(self):
        """A ``RuntimeWarning`` where theta stays although it need not be a minimum; returns the step."""
        if np.any(self.stuck):
            warnings.warn(
                "The line search found no lower point, not along -gradient either, so theta stays. Is the gradient "
                "that of the value (not clipped, not of other samples)? Is there a kink, or no lowest point that way?",
                RuntimeWarning,
                stacklevel=3,
            )
        return self


def step_downhill(line_search, objective, theta, search_direction, gradient, last_length):
    """Go along ``search_direction`` as far as ``line_search`` says; where it finds nothing, start again: a ``Step``.

    A search begins at step size 1, and after some forty halvings or doublings it gives up: on a very steep or very
    flat function before it has met the function's own scale. There it is repeated along -gradient, with a first trial
    as long as ``last_length``, that of the last step (1 before there was one; after Nocedal and Wright 2006, (3.60)).
    """
    search = line_search(objective, theta, search_direction, gradient)
    new_theta = move(theta, search.step_size, search_direction)
    restarted = stuck = np.zeros(np.shape(search.found), dtype=bool)
    nothing = ~search.found | _same(new_theta, theta)
    if np.any(nothing):
        lost = nothing & (search.step_size * length(search_direction) <= last_length)
        steepest = np.where(lost[..., None], -_of_length(last_length, gradient), 0.0)
        again = line_search(objective, theta, steepest, gradient)
        restarted = lost & (again.found | _same(new_theta, theta))
        new_theta = np.where(restarted[..., None], move(theta, again.step_size, steepest), new_theta)
        too_short = _same(move(theta, again.tried[-1], steepest), theta) & (again.tried[-1] > 0)
        size = length(gradient)  # whose square overflows where a run has left for infinity: a result, not a fault
        moving = (size > 0) & (size < np.sqrt(np.finfo(size.dtype).max)) & (np.asarray(last_length) > 0)
        stuck = restarted & _same(new_theta, theta) & ~too_short & moving
    return Step(new_theta, length(new_theta - theta), restarted, stuck)


def _same(theta, other):
    return np.all(theta == other, axis=-1)


def _of_length(wanted, vector):
    """``vector`` stretched to the length ``wanted``, and 0 where it is 0."""
    has = length(vector)
    return vector / np.where(has > 0, has, 1.0)[..., None] * np.asarray(wanted, vector.dtype)[..., None]
