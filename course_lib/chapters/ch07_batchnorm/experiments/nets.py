r"""Small nets with and without normalisation, and what Santurkar et al. (2018) measured on large ones.

The net is a stack of linear layers with a normaliser and a ReLU after each but the last. Its task is
scikit-learn's handwritten digits, standardised per pixel: ten classes, seconds on a laptop.

.. math::
    \text{change} = \frac{\lVert g(\theta - s \, g(\theta)) - g(\theta) \rVert}{\lVert g(\theta) \rVert} \tag{7.12}

.. math::
    \text{shift} = \operatorname{mean}_u \frac{\sqrt{(\Delta \text{mean}_u)^2 + (\Delta \text{std}_u)^2}}{s_0},
    \quad s_0^2 = \operatorname{mean}_u (\text{mean}_u^2 + \text{std}_u^2) \tag{7.13}
"""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from course_lib.initializers import he_normal
from course_lib.layers import BatchNorm, CrossEntropy, GroupNorm, LayerNorm, Linear, ReLU
from course_lib.layers.base import Layer
from course_lib.network import Network, NetworkLoss

NORMS = ("none", "batch norm", "noisy batch norm", "layer norm", "group norm")
NUM_GROUPS = 4
WIDTH = 48
DISTANCES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # along the step, in learning rates


class Jitter(Layer):
    """Noise behind a normaliser that makes its statistics jump: y = scale * x + shift.

    Scale and shift of each feature are drawn anew at every training step, log(scale) and shift normal with
    standard deviation ``noise``: neither moment stays where batch normalisation put it. At inference it does
    nothing. Source: Santurkar et al. 2018, section 2.1. PyTorch has none.
    """

    def __init__(self, noise, rng):
        super().__init__()
        self.noise, self.rng = noise, rng

    def forward(self, x, training=False):
        scale, shift = np.ones(x.shape[1]), np.zeros(x.shape[1])
        if training:
            scale = np.exp(self.noise * self.rng.normal(size=x.shape[1]))
            shift = self.noise * self.rng.normal(size=x.shape[1])
        self._remember(scale)
        return scale * x + shift

    def backward(self, d_y):
        (scale,) = self._recall()
        return d_y * scale


class StubbornBatchNorm(BatchNorm):
    """Batch normalisation that also trains on a single sample, to show what comes of it: x_hat is 0, whatever x is.

    The library's ``BatchNorm`` refuses, as PyTorch's does. Running statistics do not move on such a batch.
    """

    def _update_running(self, mean, var, size):
        if size > 1:
            super()._update_running(mean, var, size)


def normaliser(norm, width, rng, noise=0.1):
    """The layers of one of ``NORMS``, as a list.

    Raises ``ValueError`` for any other name.
    """
    if norm not in NORMS:
        raise ValueError(f"There is no normaliser {norm!r}: choose one of {', '.join(NORMS)}.")
    made = {
        "none": lambda: [],
        "batch norm": lambda: [StubbornBatchNorm(width)],
        "noisy batch norm": lambda: [StubbornBatchNorm(width), Jitter(noise, rng)],
        "layer norm": lambda: [LayerNorm(width)],
        "group norm": lambda: [GroupNorm(NUM_GROUPS, width)],
    }
    return made[norm]()


def _scaled_he(fan_in, fan_out, rng, gain):
    return gain * he_normal(fan_in, fan_out, rng)


def deep_net(norm, depth=10, seed=0, gain=1.0, noise=0.1, before=True):
    """``depth`` hidden layers of 48 units on 64 inputs, ten outputs; the same weights for every ``norm``.

    Args:
        norm: one of ``NORMS``, after each hidden linear layer.
        gain: factor on the weights of He initialisation; 1 is the right one without normalisation.
        noise: of "noisy batch norm".
        before: the normaliser stands before the activation, else behind it.
    """
    rng, layers, fan_in = np.random.default_rng(seed), [], 64
    for index in range(depth):
        linear = Linear(fan_in, WIDTH, rng, partial(_scaled_he, gain=gain))
        norms = normaliser(norm, WIDTH, np.random.default_rng([seed, index]), noise)
        layers += [linear, *norms, ReLU()] if before else [linear, ReLU(), *norms]
        fan_in = WIDTH
    return Network(*layers, Linear(fan_in, 10, rng))


@lru_cache(maxsize=1)
def standard_digits():
    """``(x_train, y_train, x_test, y_test)``: 1 400 and 397 digits, each pixel standardised by the training set."""
    from course_lib.data import digits

    data = digits(flat=True)
    order = np.random.default_rng(7).permutation(len(data.y))
    x, y = data.x[order], data.y[order]
    x = (x - x[:1400].mean(axis=0)) / np.maximum(x[:1400].std(axis=0), 0.05)
    x.setflags(write=False)
    return x[:1400], y[:1400], x[1400:], y[1400:]


def digits_loss(network, batch_size=64):
    """The network's cross-entropy on the training digits; ``sample(rng)`` draws ``batch_size`` of them."""
    x, y, *_ = standard_digits()
    return NetworkLoss(network, x, y, CrossEntropy(), batch_size=batch_size)


def accuracy(network, theta, training=False, x=None, y=None):
    """Share of the test digits that are read right; ``training`` chooses the mode of the layers."""
    *_, x_test, y_test = standard_digits()
    x, y = (x_test, y_test) if x is None else (x, y)
    network.theta = theta
    with np.errstate(all="ignore"):
        return float(np.mean(np.argmax(network.forward(x, training=training), axis=1) == y))


def descent(loss, learning_rate, num_steps, seed):
    """Yield ``(theta, batch, value, gradient)`` of plain mini-batch descent, before each of ``num_steps`` updates."""
    rng, theta = np.random.default_rng([seed, 1]), loss.network.theta.copy()
    for _ in range(num_steps):
        batch = loss.sample(rng)
        with np.errstate(all="ignore"):  # a diverging run is a result
            value, gradient = batch.value_and_gradient(theta)
            yield theta, batch, value, gradient
            theta = theta - learning_rate * gradient
    loss.network.theta = theta


class Training(NamedTuple):
    """A finished run: ``network`` (at its last theta), ``theta`` and the mini-batch ``losses (num_steps,)``."""

    network: Network
    theta: np.ndarray
    losses: np.ndarray

    @property
    def final(self):
        """Mean loss of the last 40 steps; ln 10, which is guessing, if it diverged to more."""
        late = np.mean(self.losses[-40:])
        return float(late) if late < np.log(10) else float(np.log(10))


def train_digits(norm, learning_rate, num_steps=150, batch_size=64, seed=0, **net):
    """Train a ``deep_net`` with plain mini-batch descent; ``net`` as ``deep_net`` takes it. Returns ``Training``."""
    loss = digits_loss(deep_net(norm, seed=seed, **net), batch_size)
    losses = np.full(num_steps, np.nan)
    for t, (_, _, value, _) in enumerate(descent(loss, learning_rate, num_steps, seed)):
        losses[t] = value
        if not np.isfinite(value):  # it diverged: no need to look on
            break
    return Training(loss.network, loss.network.theta.copy(), losses)


class Probe(NamedTuple):
    """What the step sees ahead at each distance: the loss, and how far the gradient has turned, both ``(k,)``."""

    losses: np.ndarray
    changes: np.ndarray


def look_ahead(objective, theta, gradient, distances):
    """Loss and gradient at theta - s * gradient for each s in ``distances``, a ``Probe``.

    ``changes`` is the distance to the gradient at theta over its length, (7.12): 0 if the gradient predicts
    all that comes, 1 if it is off by its own length. Source: Santurkar et al. 2018, section 3.1, there without
    the division.
    """
    losses, changes, length = [], [], np.linalg.norm(gradient)
    for s in distances:
        value, there = objective.value_and_gradient(theta - s * gradient)
        losses.append(value)
        changes.append(np.linalg.norm(there - gradient) / length)  # (7.12)
    return Probe(np.array(losses), np.array(changes))


class Landscape(NamedTuple):
    """A run and its probes.

    Attributes:
        losses: ``(num_steps,)``.
        steps: numbers of the steps that were probed, ``(p,)``.
        ahead: loss along the step, ``(p, k)``, at ``DISTANCES`` times the learning rate.
        changes: relative change of the gradient, (7.12), ``(p, k)``.
        lengths: length of the gradient, ``(p,)``.
    """

    losses: np.ndarray
    steps: np.ndarray
    ahead: np.ndarray
    changes: np.ndarray
    lengths: np.ndarray

    @property
    def spread(self):
        """Largest minus smallest loss along each probed step, ``(p,)``."""
        return self.ahead.max(axis=1) - self.ahead.min(axis=1)


def landscape_run(norm, learning_rate, depth=10, num_steps=100, every=4, seed=0, report=None, gain=1.0):
    """Train a net and look ahead along every fourth step, on that step's own batch, in training mode.

    ``report(share_done)``, if given, is called after every probe. Returns ``Landscape``.
    """
    loss = digits_loss(deep_net(norm, depth, seed, gain))
    losses, steps, probes, lengths = [], [], [], []
    for t, (theta, batch, value, gradient) in enumerate(descent(loss, learning_rate, num_steps, seed)):
        losses.append(value)
        if t % every == 0:
            steps.append(t)
            lengths.append(np.linalg.norm(gradient))
            probes.append(look_ahead(batch, theta, gradient, learning_rate * np.array(DISTANCES)))
            if report:
                report((t + 1) / num_steps)
    ahead, changes = (np.array(part) for part in zip(*probes, strict=True))
    return Landscape(np.array(losses), np.array(steps), ahead, changes, np.array(lengths))


def input_statistics(network, x):
    """Mean and standard deviation of every unit just before each activation, in training mode: a list of pairs."""
    found = []
    for layer in network.layers:
        if isinstance(layer, ReLU):
            found.append((x.mean(axis=0), x.std(axis=0)))
        x = layer.forward(x, training=True)
    return found


def shift_between(before, after):
    """How far ``input_statistics`` moved in one step, averaged over units and layers, in units of their size, (7.13).

    For normal distributions the numerator is the Wasserstein distance between the two.
    """
    moved = []
    for (mean, std), (new_mean, new_std) in zip(before, after, strict=True):
        size = np.sqrt(np.mean(mean**2 + std**2))
        moved.append(np.mean(np.hypot(new_mean - mean, new_std - std)) / size)  # (7.13)
    return float(np.mean(moved))


def shift_run(norm, learning_rate=0.1, depth=10, num_steps=120, every=3, seed=0, noise=0.1):
    """Return ``(Training, shifts)``: the run, and by how much every third step moved what activations get, (7.13).

    The statistics are those of 256 fixed digits.
    """
    probe = standard_digits()[0][:256]
    loss = digits_loss(deep_net(norm, depth, seed, noise=noise))
    losses, shifts, before = [], [], None
    for t, (_, _, value, gradient) in enumerate(descent(loss, learning_rate, num_steps, seed)):
        losses.append(value)
        if t % every == 0:
            with np.errstate(all="ignore"):
                before = input_statistics(loss.network, probe)
                loss.network.theta = loss.network.theta - learning_rate * gradient
                shifts.append(shift_between(before, input_statistics(loss.network, probe)))
    return Training(loss.network, loss.network.theta.copy(), np.array(losses)), np.array(shifts)


def mode_scores(training, rng):
    """Share of the test digits that a trained net with batch normalisation reads right, ``{how it is asked: share}``.

    The first way is the right one; the others are the mistakes of mode. The net is left as it was.
    """
    *_, x, y = standard_digits()
    network, theta = training.network, training.theta
    norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
    kept = [(norm.running_mean, norm.running_var) for norm in norms]

    def asked(order, size):
        """In training mode, ``size`` digits at a time in this order."""
        hits = [accuracy(network, theta, True, x[part], y[part]) * len(part) for part in _parts(order, size)]
        return sum(hits) / len(order)

    shuffled, by_class = rng.permutation(len(y)), np.argsort(y, kind="stable")
    scores = {"inference mode": accuracy(network, theta)}
    scores["training mode, shuffled batches of 100"] = asked(shuffled, 100)
    scores["training mode, shuffled batches of 4"] = asked(shuffled, 4)
    scores["training mode, batches of 40, one class after the other"] = asked(by_class, 40)
    scores["training mode, one digit at a time"] = asked(shuffled, 1)
    scores["inference mode, after these tests moved the statistics"] = accuracy(network, theta)
    for norm in norms:
        norm.running_mean, norm.running_var = np.zeros(WIDTH), np.ones(WIDTH)
    scores["inference mode, running statistics never trained"] = accuracy(network, theta)
    for norm, statistics in zip(norms, kept, strict=True):
        norm.running_mean, norm.running_var = statistics
    return scores


def _parts(order, size):
    return [order[first : first + size] for first in range(0, len(order), size)]
