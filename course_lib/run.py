"""The only loops over steps."""

from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np

from course_lib.validation import count, parameters


class Trajectory(NamedTuple):
    """Where a run went.

    Attributes:
        thetas: ``(num_steps + 1, ..., n)``; ``thetas[0]`` is the start.
        values: ``(num_steps + 1, ...)``, the objective there, without any gradient noise.
    """

    thetas: np.ndarray
    values: np.ndarray


def _ensemble(optimizer, start):
    """Broadcast start and array hyperparameters to one common shape, so that a grid is one run."""
    theta = parameters(start)
    arrays = {field.name: value for field in fields(optimizer) if np.ndim(value := getattr(optimizer, field.name)) > 0}
    try:
        shape = np.broadcast_shapes(theta.shape, *(np.shape(value) for value in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in arrays.items())
        raise ValueError(
            f"The shapes do not broadcast: theta {theta.shape}, {shapes}. Coordinates are on the last axis: "
            "write learning_rate[:, None] to run a stack of learning rates."
        ) from None
    # Contiguous copies: an inner loop over n coordinates with stride 0 costs several times as much.
    whole = {name: np.array(np.broadcast_to(value, shape), dtype=theta.dtype) for name, value in arrays.items()}
    return replace(optimizer, **whole), np.array(np.broadcast_to(theta, shape))


def _scheduled(optimizer, schedule, t):
    if schedule is None:
        return optimizer
    by_name = schedule if isinstance(schedule, dict) else {"learning_rate": schedule}
    return replace(optimizer, **{name: value(t) for name, value in by_name.items()})


def iterate(objective, optimizer, start, num_steps, schedule=None, rng=None):
    """Yield ``(theta, state)`` after 0, 1, ..., ``num_steps`` updates; arguments as in ``descend``."""
    num_steps = count("num_steps", num_steps, minimum=0)
    if rng is not None and not hasattr(objective, "sample"):
        raise ValueError("rng was given, but this objective has no noise to draw: it has no sample(rng).")
    optimizer, theta = _ensemble(optimizer, start)
    state = optimizer.init(theta)
    yield theta, state
    for t in range(1, num_steps + 1):
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is a result, not a warning
            seen = objective if rng is None else objective.sample(rng)
            theta, state = _scheduled(optimizer, schedule, t).step(seen, theta, state)
        yield theta, state


def descend(objective, optimizer, start, num_steps, schedule=None, rng=None):
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
    steps = iterate(objective, optimizer, start, num_steps, schedule, rng)
    theta, _ = next(steps)
    thetas = np.empty((num_steps + 1, *theta.shape), dtype=theta.dtype)
    thetas[0] = theta
    for t, (theta, _) in enumerate(steps, start=1):
        thetas[t] = theta
    with np.errstate(over="ignore", invalid="ignore"):
        return Trajectory(thetas, objective.value(thetas))
