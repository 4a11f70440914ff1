"""What can be minimised.

``theta`` is one vector of shape ``(n,)`` or a stack of vectors ``(..., n)``: the coordinates are
on the last axis, and everything here works on all vectors of the stack at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.validation import function_of, having, non_negative, number, numbers

Array = np.ndarray  # of floats; docstrings give the shape


def no_hessian(theta: Array) -> Array:
    """Stand in for a Hessian that was not given, and say so when it is asked for."""
    raise NotImplementedError(
        "This objective has no Hessian. Choose an optimizer that needs gradients only, "
        "or give Objective(value, gradient, hessian=...)."
    )


def hvp_by_differences(gradient: Callable[[Array], Array], theta: Array, v: Array) -> Array:
    """Hessian-vector product by a central difference of ``gradient`` along ``v``: two gradients, no Hessian.

    The error is of order h^2 (Pearlmutter 1994, (1)). The step is that of theta's precision, and so is the result.
    """
    function_of("gradient", gradient, "theta -> array")
    theta, v = _point_and_direction(theta, v)
    scale = np.linalg.norm(v, axis=-1, keepdims=True)
    h = np.cbrt(np.finfo(theta.dtype).eps) * (1 + np.linalg.norm(theta, axis=-1, keepdims=True))
    unit = v / np.where(scale == 0, 1, scale)
    return scale * (gradient(theta + h * unit) - gradient(theta - h * unit)) / (2 * h)


def _point_and_direction(theta, v):
    theta, v = numbers("theta", theta), numbers("v", v)
    if np.ndim(theta) == 0 or np.shape(v)[-1:] != np.shape(theta)[-1:]:
        raise ValueError(f"v must have as many coordinates as theta, but they are {np.shape(v)} and {np.shape(theta)}.")
    return theta, v


@dataclass(frozen=True)
class Objective:
    """A function to minimise, with its derivatives.

    Attributes:
        value: ``theta (..., n) -> (...)``.
        gradient: ``theta (..., n) -> (..., n)``.
        hessian: ``theta (..., n) -> (..., n, n)``; asking for one that was not given raises
            ``NotImplementedError``.
    """

    value: Callable[[Array], Any]
    gradient: Callable[[Array], Array]
    hessian: Callable[[Array], Array] = no_hessian

    def __post_init__(self):
        function_of("value", self.value, "theta -> number")
        function_of("gradient", self.gradient, "theta -> array")

    @property
    def has_hessian(self) -> bool:
        """Whether ``hessian`` can be asked for."""
        return self.hessian is not no_hessian

    def value_and_gradient(self, theta: Array) -> tuple[Any, Array]:
        """Both at ``theta``."""
        return self.value(theta), self.gradient(theta)

    def hvp(self, theta: Array, v: Array) -> Array:
        """Hessian-vector product ``H(theta) v``, shape ``(..., n)``.

        From the Hessian where there is one, else by ``hvp_by_differences``.
        """
        if self.has_hessian:
            theta, v = _point_and_direction(theta, v)
            return np.einsum("...ij,...j->...i", self.hessian(theta), v)
        return hvp_by_differences(self.gradient, theta, v)


@dataclass(frozen=True)
class DerivedObjective(Objective):
    """Another objective with its value, gradient or Hessian changed; everything else is the other's.

    What the other one draws or cuts out (``sample``, ``on``, ``epoch``, ``evaluated``) is changed alike.

    Attributes:
        base: the other objective.
        change: ``objective -> DerivedObjective``, the change itself.
    """

    base: Any = None
    change: Callable | None = None

    def __getattr__(self, name):
        if name.startswith("__"):  # copying and pickling ask before there is a base
            raise AttributeError(name)
        found = getattr(self.base, name)
        if name in ("sample", "on", "evaluated"):
            return lambda *given: self.change(found(*given))
        if name == "epoch":
            return lambda rng: map(self.change, found(rng))
        return found


def _point(theta):
    return numbers("theta", theta, kinds="fc")


def with_l2_penalty(objective: Objective, l2_penalty: float) -> Objective:
    """Return ``objective + l2_penalty / 2 * ||theta||^2`` (L1, regularised empirical risk; E5).

    For plain gradient descent the penalty is weight decay; for Adam it is not.
    """
    having("objective", objective, "value", "gradient")
    l2_penalty = number("l2_penalty", l2_penalty, non_negative)

    def hessian(theta):
        return objective.hessian(theta) + l2_penalty * np.eye(np.shape(theta)[-1])

    return DerivedObjective(
        value=lambda theta: (
            objective.value(theta) + l2_penalty / 2 * np.sum(np.square(numbers("theta", theta, kinds="fc")), axis=-1)
        ),
        gradient=lambda theta: objective.gradient(theta) + l2_penalty * numbers("theta", theta, kinds="fc"),
        hessian=hessian if objective.has_hessian else no_hessian,
        base=objective,
        change=lambda other: with_l2_penalty(other, l2_penalty),
    )


def with_l1_penalty(objective: Objective, l1_penalty: float) -> Objective:
    """Return ``objective + l1_penalty * sum |theta|`` (L1, regularised empirical risk), with the subgradient 0 at 0."""
    having("objective", objective, "value", "gradient")
    l1_penalty = number("l1_penalty", l1_penalty, non_negative)
    return DerivedObjective(
        value=lambda theta: (
            objective.value(theta) + l1_penalty * np.sum(np.abs(numbers("theta", theta, kinds="fc")), axis=-1)
        ),
        gradient=lambda theta: objective.gradient(theta) + l1_penalty * np.sign(numbers("theta", theta, kinds="fc")),
        hessian=objective.hessian,
        base=objective,
        change=lambda other: with_l1_penalty(other, l1_penalty),
    )
