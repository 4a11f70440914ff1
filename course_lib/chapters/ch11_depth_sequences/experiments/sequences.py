r"""Many recurrent networks trained at once: learning rates, thresholds and seeds are axes of ONE run.

A tanh RNN with a linear readout at every step,

.. math:: h_t = \tanh(W_x x_t + W_h h_{t-1} + b), \quad \hat y_t = w^T h_t + v,

whose parameters are one vector theta, or a stack ``(..., n)`` of them with a network in each row.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from course_lib.data import adding_task
from course_lib.initializers import orthogonal, xavier_uniform
from course_lib.objective import no_hessian


class Weights(NamedTuple):
    """Views into theta.

    ``x (..., hidden, fan_in)``, ``h (..., hidden, hidden)``, ``bias`` and ``readout (..., hidden)``, ``shift (...)``.
    """

    x: np.ndarray
    h: np.ndarray
    bias: np.ndarray
    readout: np.ndarray
    shift: np.ndarray


def unpacked(theta, hidden, fan_in):
    """``Weights`` of a stack of parameter vectors."""
    sizes = (hidden * fan_in, hidden * hidden, hidden, hidden, 1)
    x, h, bias, readout, shift = np.split(theta, np.cumsum(sizes)[:-1], axis=-1)
    lead = theta.shape[:-1]
    return Weights(x.reshape(*lead, hidden, fan_in), h.reshape(*lead, hidden, hidden), bias, readout, shift[..., 0])


def started(seeds, hidden, fan_in, radius=1.0):
    """theta ``(seeds, n)``: recurrent weights ``radius`` times a random rotation, the readout 0."""
    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        x, h = xavier_uniform(fan_in, hidden, rng), orthogonal(hidden, hidden, rng, gain=radius)
        rows.append(np.concatenate([x.ravel(), h.ravel(), np.zeros(2 * hidden + 1)]))
    return np.array(rows)


@dataclass(frozen=True)
class Sequences:
    """Mean squared error on sequences, as an objective.

    Attributes:
        x: ``(..., batch, time, fan_in)``; leading axes broadcast against those of theta.
        y: ``(..., batch, time)``.
        counts: ``(time,)``, 1 where an answer is asked for, else 0.
        hidden: number of units.
        truncate: as in ``course_lib.layers.RNN``.
        draw: ``rng -> (x, y)``, a fresh batch.
    """

    x: np.ndarray
    y: np.ndarray
    counts: np.ndarray
    hidden: int
    truncate: int | None = None
    draw: object = None

    has_hessian = False
    hessian = staticmethod(no_hessian)

    def sample(self, rng):
        """This objective on a fresh batch."""
        x, y = self.draw(rng)
        return replace(self, x=x, y=y)

    def value(self, theta):
        """Mean over batch and asked steps, ``(...)``."""
        error, _ = self._errors(theta)
        return np.sum(error * error, axis=(-1, -2)) / self._num_answers()

    def gradient(self, theta):
        """Shape of theta, by backpropagation through time."""
        w = unpacked(theta, self.hidden, self.x.shape[-1])
        error, states = self._errors(theta)
        d_y = 2 * error / self._num_answers()
        delta = self._through_time(d_y, states, w)
        lead = delta.shape[:-3]
        flat, before = (part.reshape(*lead, -1, self.hidden) for part in (delta, states[..., :-1, :]))
        x = np.broadcast_to(self.x, (*lead, *self.x.shape[-3:])).reshape(*lead, -1, self.x.shape[-1])
        parts = (
            np.swapaxes(flat, -1, -2) @ x,  # (11.3)
            np.swapaxes(flat, -1, -2) @ before,  # (11.3)
            delta.sum(axis=(-2, -3)),  # (11.3)
            np.einsum("...bt,...bth->...h", d_y, states[..., 1:, :]),
            d_y.sum(axis=(-1, -2))[..., None],
        )
        return np.concatenate([part.reshape(*lead, -1) for part in parts], axis=-1)

    def _num_answers(self):
        return self.x.shape[-3] * self.counts.sum()

    def _errors(self, theta):
        """Errors ``(..., batch, time)``, 0 where no answer is asked, and states ``(..., batch, time + 1, hidden)``."""
        w = unpacked(theta, self.hidden, self.x.shape[-1])
        back = np.swapaxes(w.h, -1, -2)
        driven = self.x @ np.swapaxes(w.x, -1, -2)[..., None, :, :] + w.bias[..., None, None, :]
        states = np.zeros((*driven.shape[:-2], driven.shape[-2] + 1, self.hidden))
        for t in range(driven.shape[-2]):
            states[..., t + 1, :] = np.tanh(driven[..., t, :] + states[..., t, :] @ back)  # (11.1)
        answers = np.einsum("...bth,...h->...bt", states[..., 1:, :], w.readout) + w.shift[..., None, None]
        return (answers - self.y) * self.counts, states

    def _through_time(self, d_y, states, w):
        delta, d_h = np.zeros_like(states[..., 1:, :]), 0.0
        for t in reversed(range(d_y.shape[-1])):
            h = states[..., t + 1, :]
            from_loss = d_y[..., t, None] * w.readout[..., None, :] if self.counts[t] else 0.0
            delta[..., t, :] = (from_loss + d_h) * (1 - h * h)  # (11.2)
            cut = bool(self.truncate) and t % self.truncate == 0
            d_h = 0.0 if cut else delta[..., t, :] @ w.h
        return delta


def last_only(length):
    """``counts`` for a task that is answered at the end."""
    return np.eye(length)[-1]


def adding(runs, batch, length, hidden):
    """The adding task for a stack of ``runs`` (a shape): a fresh batch for each, answered at the last step."""

    def draw(rng):
        data = adding_task(int(np.prod(runs, initial=1)) * batch, rng, length)
        y = np.zeros((*runs, batch, length))
        y[..., -1] = data.y.reshape(*runs, batch)
        return data.x.reshape(*runs, batch, length, 2), y

    return Sequences(*draw(np.random.default_rng(0)), last_only(length), hidden, draw=draw)


def echo(runs, batch, length, lag, hidden, truncate=None):
    """Repeat, at every step, the number that came ``lag`` steps before."""

    def draw(rng):
        x = rng.uniform(-1, 1, size=(*runs, batch, length, 1))
        y = np.zeros((*runs, batch, length))
        y[..., lag:] = x[..., : length - lag, 0]
        return x, y

    counts = (np.arange(length) >= lag).astype(float)
    return Sequences(*draw(np.random.default_rng(0)), counts, hidden, truncate, draw)
