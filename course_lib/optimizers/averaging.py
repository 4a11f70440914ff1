"""Averaging the iterates: the noise of single points cancels in their mean."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.descent import SGD
from course_lib.validation import count, shown, vector


class PolyakAverageState(NamedTuple):
    """Where the averaged optimizer is.

    Attributes:
        t: updates done so far.
        iterate: the point that the optimizer is at, shape of theta.
        inner: the optimizer's own state.
        average: of all iterates so far, shape of theta.
        window: the last ``num_last`` iterates, oldest first; empty when all are averaged.
    """

    t: int
    iterate: np.ndarray
    inner: Any
    average: np.ndarray
    window: tuple


@dataclass(frozen=True)
class PolyakAverage:
    r"""Run ``optimizer`` and hand back the average of the points where it has been.

    .. math:: \bar\theta_t = \frac{1}{t} \sum_{i=1}^{t} \theta_i
              \text{ (all: averaged SGD, Ruppert, Polyak; the default)}, \tag{2.31}
    .. math:: \bar\theta_t = \frac{1}{n} \sum_{i=t-n+1}^{t} \theta_i
              \text{ (the last } n = \text{num\_last)}. \tag{2.32}

    L3 has both, under "Polyak averaging" the last n and under "ASGD" all (E19). Averaging all keeps
    the start in the mean for ever, at weight 1/t; ``skip`` leaves out the first points. The average
    never acts back on the optimizer: theta is the average, the walking point is ``state.iterate``.

    A schedule of ``descend`` and array hyperparameters belong to the wrapped optimizer, which is the
    only one with a learning rate. Ensembles as there.

    Source: L3 "Polyak averaging", "ASGD"; Polyak and Juditsky 1992 (there with theta_0; here from the first update on).
    PyTorch: ``torch.optim.ASGD(lr=..., lambd=0, alpha=0, t0=0)`` keeps the average of points 2 to t
    in ``state["ax"]``: ``skip=1``. By default it waits t0 = 1e6 updates before it averages anything.

    >>> from course_lib.surfaces import SURFACES
    >>> bowl, average, theta = SURFACES["global_minimum"], PolyakAverage(SGD(learning_rate=1.0)), np.array([1.0, 2.0])
    >>> state = average.init(theta)
    >>> for _ in range(2):  # plain descent jumps to and fro, from -theta to theta
    ...     theta, state = average.step(bowl, theta, state)
    >>> theta, state.iterate
    (array([0., 0.]), array([1., 2.]))
    """

    optimizer: Any = field(default_factory=SGD)
    num_last: int | None = None
    skip: int = 0

    def __post_init__(self):
        count("skip", self.skip, minimum=0)
        if self.num_last is not None:
            count("num_last", self.num_last)
        if not (hasattr(self.optimizer, "init") and hasattr(self.optimizer, "step")):
            raise TypeError(f"optimizer must be one, SGD(learning_rate=0.1) say, but it is {shown(self.optimizer)}.")

    def init(self, theta: Array) -> PolyakAverageState:
        start = vector("theta", theta).copy()
        return PolyakAverageState(t=0, iterate=start, inner=self.optimizer.init(start), average=start, window=())

    def step(self, objective: Objective, theta: Array, state: PolyakAverageState) -> tuple[Array, PolyakAverageState]:
        iterate, inner = self.optimizer.step(objective, state.iterate, state.inner)
        t = state.t + 1
        if t <= self.skip:
            return iterate, PolyakAverageState(t, iterate, inner, iterate, ())
        if self.num_last is None:
            average = state.average + (iterate - state.average) / (t - self.skip)  # (2.31)
            return average, PolyakAverageState(t, iterate, inner, average, ())
        window = (*state.window, iterate)[-self.num_last :]
        average = np.mean(window, axis=0)  # (2.32)
        return average, PolyakAverageState(t, iterate, inner, average, window)

    def effective_rate(self, state: PolyakAverageState) -> Array | float:
        return self.optimizer.effective_rate(state.inner)
