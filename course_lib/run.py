"""The only loops over steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from course_lib.validation import count, function_of, generator, having, shown, vector

if TYPE_CHECKING:  # a run is built upon neither: answers may use it where those are off limits
    from course_lib.objective import Array, Objective
    from course_lib.optimizers import Optimizer

Schedule = Callable[[int], Any] | dict[str, Callable[[int], Any]] | None  # t -> learning rate, or by hyperparameter


class Trajectory(NamedTuple):
    """Where a run went.

    Attributes:
        thetas: ``(num_steps + 1, ..., n)``; ``thetas[0]`` is the start.
        values: ``(num_steps + 1, ...)``, the objective there, without any gradient noise.
    """

    thetas: Array
    values: Array


def _an_optimizer(optimizer):
    if isinstance(optimizer, type) or not is_dataclass(optimizer) or not hasattr(optimizer, "step"):
        name = getattr(optimizer, "__name__", "SGD")
        raise ValueError(f"optimizer must be an optimizer: give an optimizer with its hyperparameters, {name}(...).")
    return optimizer


def _ensemble(optimizer, start):
    """Broadcast start and array hyperparameters to one common shape, so that a grid is one run."""
    if hasattr(optimizer, "optimizer"):  # it wraps another one, which has the hyperparameters
        inner, theta = _ensemble(optimizer.optimizer, start)
        return replace(optimizer, optimizer=inner), theta
    theta = vector("start", start)
    arrays = {field.name: value for field in fields(optimizer) if np.ndim(value := getattr(optimizer, field.name)) > 0}
    try:
        shape = np.broadcast_shapes(theta.shape, *(np.shape(value) for value in arrays.values()))
    except ValueError:
        shape = ()
    if shape[-1:] != theta.shape[-1:]:  # a hyperparameter must not make new coordinates either
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in arrays.items())
        raise ValueError(
            f"The shapes do not broadcast: start {theta.shape}, {shapes}. Coordinates are on the last axis: "
            "write learning_rate[:, None] to run a stack of learning rates."
        )
    # Contiguous copies: an inner loop over n coordinates with stride 0 costs several times as much.
    whole = {name: np.array(np.broadcast_to(value, shape), dtype=theta.dtype) for name, value in arrays.items()}
    return replace(optimizer, **whole), np.array(np.broadcast_to(theta, shape))


def _by_name(optimizer, schedule):
    """Return ``{hyperparameter: t -> value}``, checked."""
    by_name = schedule if isinstance(schedule, dict) else {} if schedule is None else {"learning_rate": schedule}
    while hasattr(optimizer, "optimizer"):
        optimizer = optimizer.optimizer
    known = [field.name for field in fields(optimizer)]
    for name, function in by_name.items():
        if name not in known:
            raise ValueError(f"{type(optimizer).__name__} has no {name} to schedule: it has {', '.join(known)}.")
        if not callable(function) or isinstance(function, type):
            raise ValueError(
                f"schedule must be a function of t, such as lambda t: 0.1 / t, but it is {shown(function)}."
            )
    return by_name


def _at(t, optimizer, schedules):
    if hasattr(optimizer, "optimizer"):
        return replace(optimizer, optimizer=_at(t, optimizer.optimizer, schedules))
    return replace(optimizer, **{name: schedule(t) for name, schedule in schedules.items()}) if schedules else optimizer


def iterate(
    objective: Any,
    optimizer: Optimizer,
    start: Array,
    num_steps: int,
    schedule: Schedule = None,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[Array, Any]]:
    """Yield ``(theta, state)`` after 0, 1, ..., ``num_steps`` updates; arguments as in ``descend``."""
    num_steps = count("num_steps", num_steps, minimum=0)
    having("objective", objective, "gradient")
    if rng is not None and not hasattr(objective, "sample"):
        raise ValueError("rng was given, but this objective has no noise to draw: it has no sample(rng).")
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a NumPy Generator: write rng=np.random.default_rng({shown(rng)}).")
    optimizer, theta = _ensemble(_an_optimizer(optimizer), start)
    schedules = _by_name(optimizer, schedule)
    state = optimizer.init(theta)
    yield theta, state
    for t in range(1, num_steps + 1):
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is a result, not a warning
            seen = objective if rng is None else objective.sample(rng)
            theta, state = _at(t, optimizer, schedules).step(seen, theta, state)
        yield theta, state


def descend(
    objective: Objective,
    optimizer: Optimizer,
    start: Array,
    num_steps: int,
    schedule: Schedule = None,
    rng: np.random.Generator | None = None,
) -> Trajectory:
    """Run ``optimizer`` on ``objective`` and keep every point.

    Args:
        objective: anything with ``value``, ``gradient`` and what else the optimizer asks for.
        optimizer: one of ``course_lib.optimizers``; array hyperparameters that broadcast against
            theta make an ensemble, ``learning_rate=np.array([.1, .2, .3])[:, None]`` three runs.
        start: ``(n,)`` or ``(..., n)``.
        num_steps: number of updates.
        schedule: ``t -> learning_rate`` with t = 1 at the first update, or a dict of such functions
            by hyperparameter, ``{"momentum": lambda t: 1 - 3 / (t + 5)}``.
        rng: NumPy ``Generator``; each step then sees ``objective.sample(rng)``, a noisy gradient.

    Returns:
        ``Trajectory``. A run that diverges goes on to inf and nan; nothing is cut off or stopped early.

    Raises:
        ValueError: shapes that do not broadcast, a bad ``num_steps``, ``rng`` for an objective without noise.
    """
    having("objective", objective, "value", "gradient")
    steps = iterate(objective, optimizer, start, num_steps, schedule, rng)
    theta, _ = next(steps)
    thetas = np.empty((num_steps + 1, *theta.shape), dtype=theta.dtype)
    thetas[0] = theta
    for t, (theta, _) in enumerate(steps, start=1):
        thetas[t] = theta
    with np.errstate(over="ignore", invalid="ignore"):
        return Trajectory(thetas, objective.value(thetas))


class History(NamedTuple):
    """How a training went.

    Attributes:
        theta: ``(n,)``, the parameters at the end.
        losses: ``(num_steps,)``, the mini-batch loss of each update, where it first asked for the gradient.
        records: one dict an epoch, what ``evaluate`` returned, beginning with epoch 0, before training.
    """

    theta: Array
    losses: Array
    records: list[dict[str, Any]]


class _Watched:
    """A mini-batch objective that notes the loss when its gradient is first asked for."""

    def __init__(self, objective, losses):
        self._objective, self._losses, self._wanted = objective, losses, len(losses) + 1

    def __getattr__(self, name):
        return getattr(self._objective, name)

    def gradient(self, theta):
        if len(self._losses) == self._wanted:
            return self._objective.gradient(theta)
        value, gradient = self._objective.value_and_gradient(theta)
        self._losses.append(value)
        return gradient


def _record(record):
    if not isinstance(record, dict):
        raise TypeError(f"evaluate must return a dict, {{'loss': 0.5}} say, but it returned {shown(record)}.")
    return record


def train(
    objective: Any,
    optimizer: Optimizer,
    theta: Array,
    num_epochs: int,
    rng: np.random.Generator,
    schedule: Schedule = None,
    evaluate: Callable[[int, Array], dict[str, Any]] | None = None,
) -> History:
    """Run ``optimizer`` over epochs of mini-batches.

    Args:
        objective: a finite sum whose ``epoch(rng)`` deals out mini-batches: ``NetworkLoss``, ``FiniteSum``.
        optimizer: one of ``course_lib.optimizers``.
        theta: ``(n,)``, where to start.
        num_epochs: passes over the samples, each in a fresh random order.
        rng: NumPy ``Generator`` for the order.
        schedule: as in ``descend``; t counts updates, not epochs.
        evaluate: ``(epoch, theta) -> dict``, called before training and after each epoch; a true value
            under ``"stop"`` ends the training there (early stopping).

    Returns:
        ``History``.
    """
    num_epochs, rng = count("num_epochs", num_epochs, minimum=0), generator("rng", rng)
    having("objective", objective, "value", "gradient", "epoch")
    evaluate = (lambda epoch, theta: {}) if evaluate is None else evaluate
    function_of("evaluate", evaluate, "(epoch, theta) -> dict")
    losses: list[float] = []
    theta, t = vector("theta", theta).copy(), 0
    schedules = _by_name(_an_optimizer(optimizer), schedule)
    state, records = optimizer.init(theta), [_record(evaluate(0, theta))]
    for epoch in range(1, num_epochs + 1):
        for seen in objective.epoch(rng):
            t += 1
            with np.errstate(over="ignore", invalid="ignore"):
                theta, state = _at(t, optimizer, schedules).step(_Watched(seen, losses), theta, state)
        records.append(_record(evaluate(epoch, theta)))
        if records[-1].get("stop"):
            break
    return History(theta, np.array(losses), records)
