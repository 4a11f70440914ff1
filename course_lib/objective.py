"""What can be minimised.

``theta`` is one vector of shape ``(n,)`` or a stack of vectors ``(..., n)``: the coordinates are
on the last axis, and everything here works on all vectors of the stack at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def no_hessian(theta):
    """Stand in for a Hessian that was not given, and say so when it is asked for."""
    raise NotImplementedError(
        "This objective has no Hessian. Choose an optimizer that needs gradients only, "
        "or give Objective(value, gradient, hessian=...)."
    )


def hvp_by_differences(gradient, theta, v):
    """Hessian-vector product by a central difference of ``gradient`` along ``v``: two gradients, no Hessian.

    The error is of order h^2 (Pearlmutter 1994, (1)).
    """
    scale = np.linalg.norm(v, axis=-1, keepdims=True)
    h = np.cbrt(np.finfo(float).eps) * (1 + np.linalg.norm(theta, axis=-1, keepdims=True))
    unit = v / np.where(scale == 0, 1, scale)
    return scale * (gradient(theta + h * unit) - gradient(theta - h * unit)) / (2 * h)


@dataclass(frozen=True)
class Objective:
    """A function to minimise, with its derivatives.

    Attributes:
        value: ``theta (..., n) -> (...)``.
        gradient: ``theta (..., n) -> (..., n)``.
        hessian: ``theta (..., n) -> (..., n, n)``; asking for one that was not given raises
            ``NotImplementedError``.
    """

    value: Callable
    gradient: Callable
    hessian: Callable = no_hessian

    @property
    def has_hessian(self):
        """Whether ``hessian`` can be asked for."""
        return self.hessian is not no_hessian

    def value_and_gradient(self, theta):
        """Both at ``theta``."""
        return self.value(theta), self.gradient(theta)

    def hvp(self, theta, v):
        """Hessian-vector product ``H(theta) v``, shape ``(..., n)``.

        From the Hessian where there is one, else by ``hvp_by_differences``.
        """
        if self.has_hessian:
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

    base: object = None
    change: Callable = None

    def __getattr__(self, name):
        if name.startswith("__"):  # copying and pickling ask before there is a base
            raise AttributeError(name)
        found = getattr(self.base, name)
        if name in ("sample", "on", "evaluated"):
            return lambda *given: self.change(found(*given))
        if name == "epoch":
            return lambda rng: map(self.change, found(rng))
        return found


def with_l2_penalty(objective, l2_penalty):
    """Return ``objective + l2_penalty / 2 * ||theta||^2`` (L1, regularised empirical risk; E5).

    For plain gradient descent the penalty is weight decay; for Adam it is not.
    """

    def hessian(theta):
        return objective.hessian(theta) + l2_penalty * np.eye(np.shape(theta)[-1])

    return DerivedObjective(
        value=lambda theta: objective.value(theta) + l2_penalty / 2 * np.sum(np.square(theta), axis=-1),
        gradient=lambda theta: objective.gradient(theta) + l2_penalty * np.asarray(theta),
        hessian=hessian if objective.has_hessian else no_hessian,
        base=objective,
        change=lambda other: with_l2_penalty(other, l2_penalty),
    )


def with_l1_penalty(objective, l1_penalty):
    """Return ``objective + l1_penalty * sum |theta|`` (L1, regularised empirical risk), with the subgradient 0 at 0."""
    return DerivedObjective(
        value=lambda theta: objective.value(theta) + l1_penalty * np.sum(np.abs(theta), axis=-1),
        gradient=lambda theta: objective.gradient(theta) + l1_penalty * np.sign(theta),
        hessian=objective.hessian,
        base=objective,
        change=lambda other: with_l1_penalty(other, l1_penalty),
    )
