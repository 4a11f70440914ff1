"""Objectives whose gradient is known only with noise: ``sample(rng)`` draws the one that a step sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.objective import Objective, no_hessian
from course_lib.validation import (
    broadcast,
    count,
    flag,
    function_of,
    generator,
    having,
    indices,
    non_negative,
    numbers,
)


@dataclass(frozen=True)
class NoisyObjective(Objective):
    """An objective whose sampled gradient carries independent normal noise (build with ``with_gradient_noise``).

    ``value``, ``gradient`` and ``hessian`` are exact; the objective that ``sample(rng)`` returns adds
    ``noise_scale * rng.normal`` to every gradient that it is asked for.
    """

    noise_scale: float = 1.0

    def sample(self, rng):
        """Return the objective as one step sees it."""

        generator("rng", rng)

        def noisy_gradient(theta):
            return self.gradient(theta) + self.noise_scale * rng.normal(size=np.shape(theta))

        return Objective(self.value, noisy_gradient, self.hessian)


def with_gradient_noise(objective, noise_scale):
    """Return ``objective`` with standard deviation ``noise_scale`` (or an array) of noise on each coordinate."""
    having("objective", objective, "value", "gradient", "hessian")
    noise_scale = non_negative("noise_scale", noise_scale)
    return NoisyObjective(objective.value, objective.gradient, objective.hessian, noise_scale)


# --- Finite sums: noise from mini-batches ------------------------------------------------------------


@dataclass(frozen=True)
class MiniBatch(Objective):
    """The mean over some terms of a finite sum, which knows the sum that it was drawn from (SVRG and SAGA ask for it).

    Attributes:
        whole: the ``FiniteSum``.
        batch: indices of its terms, ``(..., batch_size)``.
    """

    whole: Any = None
    batch: Any = None


@dataclass(frozen=True)
class FiniteSum(Objective):
    r"""The mean of ``size`` terms, one for each example; a step may look at a mini-batch only.

    .. math:: f(\theta) = \frac1N \sum_{i=1}^N f_i(\theta)  \tag{2.1}

    ``value``, ``gradient`` and ``hessian`` are those of the whole sum. ``on(batch)`` is the mean over some
    terms, ``sample(rng)`` that of a random mini-batch: its gradient is right on average, and the variance of
    its error is 1/batch_size of that of a single term (with replacement; smaller without, by the factor
    (N - batch_size) / (N - 1)). ``epoch(rng)`` deals out all terms, each once.

    Build it with ``finite_sum``, ``least_squares`` or ``logistic_loss``.

    Attributes:
        on: ``batch -> Objective``, the mean over the terms whose indices ``batch`` holds; an array
            ``(..., batch_size)`` with leading axes gives every theta of a stack its own batch.
        size: N.
        batch_size: how many terms ``sample`` draws.
        replacement: whether ``sample`` may draw a term twice.
        runs: shape of the ensemble that ``sample`` draws for, ``()`` or ``(500,)``: independent batches for
            each run; theta then has the shape ``(*runs, n)``.

    Source: L1 section 2 (regularised empirical risk), L0 "Mini-batches"; the batch is a subset (E15).
    """

    on: Callable | None = None
    size: int = 1
    batch_size: int = 1
    replacement: bool = False
    runs: tuple = ()

    def sample(self, rng):
        """Return the mean over a random mini-batch, the objective as one step sees it."""
        return self._mini_batch(draw_batch(self.size, self.batch_size, rng, self.replacement, self.runs))

    def epoch(self, rng):
        """Yield an objective for each mini-batch of one pass through all terms, in random order.

        The last batch is smaller where batch_size does not divide the size.
        """
        for batch in deal_batches(self.size, self.batch_size, rng):
            yield self._mini_batch(batch)

    def _mini_batch(self, batch):
        mean = self.on(batch)
        return MiniBatch(mean.value, mean.gradient, mean.hessian, self, batch)


def draw_batch(size, batch_size, rng, replacement=False, runs=()):
    """Indices of one random mini-batch, ``(*runs, batch_size)``.

    Without replacement it is a subset, no index twice; successive batches are independent nevertheless.

    Raises ``ValueError`` for a subset that is larger than the set.
    """
    size, batch_size = count("size", size), count("batch_size", batch_size)
    rng, runs = generator("rng", rng), _runs(runs)
    if flag("replacement", replacement):
        return rng.integers(size, size=(*runs, batch_size))
    if batch_size > size:
        raise ValueError(
            f"batch_size is {batch_size}, but there are only {size} terms to draw without replacement: "
            "make it smaller, or set replacement=True."
        )
    if not runs:
        return rng.choice(size, size=batch_size, replace=False)
    # The places of the smallest of random numbers are a random subset.
    return np.argpartition(rng.random((*runs, size)), batch_size - 1, axis=-1)[..., :batch_size]


def _runs(runs):
    """The shape of an ensemble, from one whole number or several."""
    if isinstance(runs, tuple) and not runs:
        return runs
    return tuple(count("runs", run) for run in (runs if isinstance(runs, tuple | list) else (runs,)))


def deal_batches(size, batch_size, rng):
    """Split 0 ... size - 1 in random order into batches; every index comes exactly once."""
    size, batch_size = count("size", size), count("batch_size", batch_size)
    order = generator("rng", rng).permutation(size)
    return [order[i : i + batch_size] for i in range(0, size, batch_size)]


def finite_sum(value, gradient, size, batch_size=1, replacement=False, runs=(), hessian=None):
    """Make a ``FiniteSum`` from functions of theta and a batch.

    Args:
        value: ``(theta, batch) -> (...)``, the MEAN over the terms in ``batch``, an array of indices.
        gradient: ``(theta, batch) -> (..., n)``.
        size: number of terms N.
        batch_size, replacement, runs: as in ``FiniteSum``.
        hessian: ``(theta, batch) -> (..., n, n)``, or ``None``.

    Raises:
        ValueError: a size that is no whole number above 0, or a batch larger than the sum.
    """
    function_of("value", value, "(theta, batch) -> number")
    function_of("gradient", gradient, "(theta, batch) -> array")
    if hessian is not None and hessian is not no_hessian:
        function_of("hessian", hessian, "(theta, batch) -> matrix")
    size, batch_size, runs = count("size", size), count("batch_size", batch_size), _runs(runs)
    draw_batch(size, batch_size, np.random.default_rng(0), replacement)  # complains early

    def on(batch):
        batch = indices("batch", batch, size)
        return Objective(
            lambda theta: value(theta, batch),
            lambda theta: gradient(theta, batch),
            no_hessian if hessian is None else lambda theta: hessian(theta, batch),
        )

    whole = on(np.arange(size))  # (2.1)
    return FiniteSum(whole.value, whole.gradient, whole.hessian, on, size, batch_size, replacement, runs)


def _linear_model(x, y, name):
    """Check ``x (N, n)`` and ``y (N,)``; return them as arrays."""
    x, y = numbers("x", x).astype(float, copy=False), numbers("y", y).astype(float, copy=False)
    if x.ndim != 2 or y.shape != (len(x),) or not x.size:
        raise ValueError(f"{name} needs x of shape (N, n) and y of shape (N,), but they are {x.shape} and {y.shape}.")
    return x, y


def _predict(x, theta):
    """``x (..., m, n) @ theta (..., n) -> (..., m)``, where each theta may have its own x."""
    theta = numbers("theta", theta)
    if np.shape(theta)[-1:] != x.shape[-1:]:
        raise ValueError(f"theta must have {x.shape[-1]} coordinates, as x has, but its shape is {np.shape(theta)}.")
    broadcast(theta=theta[..., 0], x=x[..., 0, 0])
    return (x @ theta[..., None])[..., 0]


def _weighted(x, weights):
    """Mean over the batch of weight times row."""
    return np.einsum("...mn,...m->...n", x, weights) / x.shape[-2]


def _weighted_squares(x, weights):
    """Mean over the batch of weight times row row^T."""
    return np.einsum("...mi,...m,...mj->...ij", x, weights, x) / x.shape[-2]


def least_squares(x, y, batch_size=1, replacement=False, runs=()):
    """f_i(theta) = (x_i . theta - y_i)^2 / 2, the mean of N squares, as a ``FiniteSum``.

    Args:
        x: ``(N, n)``.
        y: ``(N,)``.
    """
    x, y = _linear_model(x, y, "least_squares")

    def residual(theta, batch):
        return _predict(x[batch], theta) - y[batch]

    return finite_sum(
        lambda theta, batch: np.mean(residual(theta, batch) ** 2, axis=-1) / 2,
        lambda theta, batch: _weighted(x[batch], residual(theta, batch)),
        len(x),
        batch_size,
        replacement,
        runs,
        lambda theta, batch: _weighted_squares(x[batch], np.ones_like(residual(theta, batch))),
    )


def logistic_loss(x, y, batch_size=1, replacement=False, runs=()):
    """f_i(theta) = log(1 + exp(x_i . theta)) - y_i x_i . theta, labels 0 and 1, as a ``FiniteSum``.

    Args:
        x: ``(N, n)``.
        y: ``(N,)`` of 0 and 1.
    """
    x, y = _linear_model(x, y, "logistic_loss")
    if not np.isin(y, (0, 1)).all():
        raise ValueError(f"logistic_loss needs labels 0 and 1, but y holds {np.unique(y)[:5]}.")

    def probability(theta, batch):
        return np.exp(-np.logaddexp(0, -_predict(x[batch], theta)))

    def value(theta, batch):
        score = _predict(x[batch], theta)
        return np.mean(np.logaddexp(0, score) - y[batch] * score, axis=-1)

    def hessian(theta, batch):
        p = probability(theta, batch)
        return _weighted_squares(x[batch], p * (1 - p))

    return finite_sum(
        value,
        lambda theta, batch: _weighted(x[batch], probability(theta, batch) - y[batch]),
        len(x),
        batch_size,
        replacement,
        runs,
        hessian,
    )
