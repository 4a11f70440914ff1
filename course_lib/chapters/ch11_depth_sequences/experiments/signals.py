r"""How large a gradient is after it has gone back through k steps of time, or k layers, and what theory says.

Behind k steps the gradient is multiplied by k Jacobians,

.. math:: \frac{\partial L}{\partial h_{t-k}}
          = \Big(\prod_{j=1}^{k} W_h^T D_{t-j+1}\Big) \frac{\partial L}{\partial h_t}, \qquad
          D_t = \mathrm{diag}(1 - h_t^2)   \tag{11.4}

and each multiplies its length by about the radius of W_h times the root of the mean square slope of the tanh,

.. math:: \chi^{1/2} = \rho \, \sqrt{E[\tanh'(z)^2]}   \tag{11.5}

Sources: Pascanu, Mikolov and Bengio 2013, (5) to (7); Poole et al. 2016, Schoenholz et al. 2017 (the mean over z).
"""

from functools import cache

import numpy as np

from course_lib.initializers import orthogonal
from course_lib.layers import GRU, LSTM, RNN

HIDDEN, BATCH, NUM_STEPS, SETTLE = 32, 8, 50, 20
MATRICES = ("rotation", "random")
BRANCHES = ("1/√L", "1")
NODES, MASSES = np.polynomial.hermite_e.hermegauss(31)
MASSES = MASSES / MASSES.sum()  # of a standard normal distribution


def recurrent_matrix(kind, rng, hidden=HIDDEN):
    """``(hidden, hidden)`` with spectral radius 1: a random rotation, or independent normal entries."""
    if kind == "rotation":
        return orthogonal(hidden, hidden, rng)
    matrix = rng.normal(size=(hidden, hidden))
    return matrix / np.abs(np.linalg.eigvals(matrix)).max()


def _lengths(d_states):
    """Root mean square length, newest first and that one 1, of ``d_states (time, ..., batch, hidden)``."""
    length = np.sqrt(np.mean(np.sum(d_states**2, axis=-1), axis=-1))
    return length[::-1] / length[-1]


@cache
def through_time(cell, radius, drive=0.5, gate_bias=2.0, matrix="rotation", num_steps=NUM_STEPS, seed=0):
    """Lengths ``(num_steps + 1,)`` of the gradient by h_T, h_(T-1), ..., the first of them 1, in a cell of the library.

    Args:
        cell: "RNN", "GRU" or "LSTM".
        radius: spectral radius of every recurrent matrix.
        drive: standard deviation of what the inputs add to each unit.
        gate_bias: of the gate that keeps the memory: update gate, forget gate.
        matrix: one of ``MATRICES``.
    """
    rng = np.random.default_rng(seed)
    layer = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}[cell](HIDDEN, HIDDEN, rng)
    blocks = [recurrent_matrix(matrix, rng) for _ in range(layer.gates)]
    layer.params["weight_h"][:] = radius * np.concatenate(blocks)
    layer.params["weight_x"][:] = 0.0
    driven = {"RNN": 0, "GRU": 2, "LSTM": 2}[cell]  # the candidate is driven, the gates are not
    layer.params["weight_x"][driven * HIDDEN : (driven + 1) * HIDDEN] = drive * np.eye(HIDDEN)
    if cell != "RNN":
        layer.params["bias"][HIDDEN : 2 * HIDDEN] = gate_bias
    x, last = rng.normal(size=(BATCH, SETTLE + num_steps, HIDDEN)), rng.normal(size=(BATCH, HIDDEN))
    d_y = np.zeros_like(layer.forward(x))
    d_y[:, -1] = last
    layer.backward(d_y)
    lengths = _lengths(np.moveaxis(layer.d_states, 1, 0)[-num_steps - 1 :])
    lengths.setflags(write=False)
    return lengths


def through_depth(radius, drive=0.5, residual="", matrix="rotation", num_layers=NUM_STEPS, seed=0):
    """Lengths ``(num_layers + 1, k)`` of the gradient on its way back through a feed-forward net, for ``radius (k,)``.

    Args:
        residual: "" for h <- tanh(W h), else h <- h + branch * tanh(W h) (11.9), with a branch of ``BRANCHES``.
        drive: standard deviation of the input.
    """
    rng, radius = np.random.default_rng(seed), np.asarray(radius, dtype=float)[:, None, None]
    branch = {"": 1.0, "1": 1.0, "1/√L": num_layers**-0.5}[residual]
    weights = [recurrent_matrix(matrix, rng) for _ in range(num_layers)]
    h = np.broadcast_to(drive * rng.normal(size=(BATCH, HIDDEN)), (len(radius), BATCH, HIDDEN))
    slopes = []
    for weight in weights:
        y = np.tanh(h @ (radius * weight.T))
        slopes.append(1 - y * y)
        h = h + branch * y if residual else y  # (11.9)
    d_h = [np.broadcast_to(rng.normal(size=(BATCH, HIDDEN)), h.shape)]
    for weight, slope in zip(reversed(weights), reversed(slopes), strict=True):
        through = branch * (d_h[-1] * slope) @ (radius * weight)  # (11.4)
        d_h.append(d_h[-1] + through if residual else through)  # (11.9)
    return _lengths(np.array(d_h[::-1]))


def normal_mean(function, variance):
    """E[function(z)] of z ~ N(0, variance), for ``variance (k,)``."""
    return function(np.sqrt(variance)[..., None] * NODES) @ MASSES


def steady_variance(radius, drive, num_steps=400):
    """Variance of what stands in the brackets of (11.1) when it has settled: v = radius^2 E[tanh(z)^2] + drive^2."""
    radius = np.asarray(radius, dtype=float)
    variance = np.full(radius.shape, float(drive) ** 2)
    for _ in range(num_steps):
        variance = radius**2 * normal_mean(lambda z: np.tanh(z) ** 2, variance) + drive**2
    return variance


def rate_through_time(radius, drive):
    """The factor by which one step of an RNN changes the length of the gradient, (11.5), for ``radius (k,)``."""
    variance = steady_variance(radius, drive)
    return np.asarray(radius) * np.sqrt(normal_mean(lambda z: np.cosh(z) ** -4, variance))  # (11.5)


def growth(lengths, first=10):
    """Factor a step: the slope of log length against the number of steps, from the step ``first`` on.

    ``lengths (num_steps + 1,)`` or ``(num_steps + 1, k)``, which gives ``(k,)``.
    """
    steps = np.arange(first, len(lengths))
    with np.errstate(divide="ignore"):
        return np.exp(np.polyfit(steps, np.log(lengths[first:]), 1)[0])


NETS = ("RNN", "feed-forward", "residual", "GRU", "LSTM")


@cache
def lengths_of(net, radii, drive=0.5, gate_bias=2.0, matrix="rotation", branch="1/√L"):
    """Lengths ``(num_steps + 1, len(radii))`` of the gradient in one of ``NETS``, for a tuple of radii.

    ``gate_bias`` matters to GRU and LSTM, ``branch`` to the residual net, ``matrix`` and ``drive`` to all.
    """
    if net in ("feed-forward", "residual"):
        return through_depth(radii, drive, branch if net == "residual" else "", matrix)
    return np.stack([through_time(net, radius, drive, gate_bias, matrix) for radius in radii], axis=-1)
