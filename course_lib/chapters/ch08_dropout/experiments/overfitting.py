"""A small net on few samples: the experiments of chapter 8, where every remedy against overfitting can be tried.

Two half moons, some labels wrong, split 70/15/15 (L4). The validation part is small, as in life; ``fresh`` holds
500 more samples of this kind, which life does not give, and says what validation only estimates.
"""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.data import digits, moons, split
from course_lib.initializers import he_normal
from course_lib.layers import CrossEntropy, Dropout, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.objective import with_l1_penalty, with_l2_penalty
from course_lib.optimizers import Adam
from course_lib.run import train
from course_lib.validation import count, fraction, in_range, non_negative

FRESH = 500
LEARNING_RATE = 0.005
BATCH_SIZE = 32


class Settings(NamedTuple):
    """One experiment. ``patience`` 0 trains all epochs; ``label_noise`` is the share of labels that is flipped."""

    width: int = 100
    drop_rate: float = 0.0
    l1_penalty: float = 0.0
    l2_penalty: float = 0.0
    label_noise: float = 0.15
    num_samples: int = 100
    patience: int = 0
    num_epochs: int = 200
    seed: int = 0


class Learning(NamedTuple):
    """How far a training has come.

    Attributes:
        losses: ``(epochs so far + 1, 3)``: on training, validation and fresh samples, without penalties.
        best_epoch: of the lowest validation loss.
        best_theta, theta: parameters of that epoch, and of the last.
        thetas: of every epoch, ``(epochs + 1, n)``, where they were asked for, else ``None``.
        stopped: whether patience has run out.
    """

    losses: np.ndarray
    best_epoch: int
    best_theta: np.ndarray
    theta: np.ndarray
    thetas: np.ndarray | None = None
    stopped: bool = False

    def chosen(self, patience):
        """The parameters that are kept: the best ones with early stopping, else the last."""
        return self.best_theta if patience else self.theta


def checked(settings):
    """Return ``settings``; raise ``ValueError`` with a sentence for one that cannot be trained."""
    for name, low, high in (("width", 1, 1000), ("num_samples", 20, 5000), ("num_epochs", 1, 2000)):
        count(name, getattr(settings, name), minimum=low)
        in_range(name, getattr(settings, name), low, high)
    count("patience", settings.patience, minimum=0)
    count("seed", settings.seed, minimum=0)
    fraction("drop_rate", settings.drop_rate)
    in_range("label_noise", settings.label_noise, 0, 0.5)
    non_negative("l1_penalty", settings.l1_penalty)
    non_negative("l2_penalty", settings.l2_penalty)
    return settings


def flipped(dataset, share, rng):
    """``dataset`` with a share of its labels moved on to another class."""
    num_classes = len(dataset.classes)
    wrong = rng.random(len(dataset.y)) < share
    return dataset._replace(
        y=np.where(wrong, (dataset.y + rng.integers(1, num_classes, len(wrong))) % num_classes, dataset.y)
    )


@lru_cache(maxsize=64)
def moons_task(num_samples, label_noise, seed=0):
    """``(splits, fresh)``: the samples in three parts, and 500 more of this kind.

    The same samples, in the same parts, whatever the share of wrong labels is.
    """
    rng = np.random.default_rng([8, seed])
    noisy = flipped(moons(num_samples, rng, noise=0.2), label_noise, rng)
    return split(noisy, rng), flipped(moons(FRESH, rng, noise=0.2), label_noise, rng)


def wrong_labels(settings):
    """Which training samples carry a wrong label, ``(N,)`` of bool."""
    noisy, clean = (
        moons_task(settings.num_samples, share, settings.seed)[0].train.y for share in (settings.label_noise, 0.0)
    )
    return noisy != clean


def dropout_net(sizes, drop_rate, rng):
    """Linear and ReLU layers of the given ``sizes``, dropout after every ReLU, scores at the end."""
    layers = []
    for fan_in, fan_out in pairwise(sizes[:-1]):
        layers += [Linear(fan_in, fan_out, rng, he_normal), ReLU()]
        layers += [Dropout(drop_rate, rng)] if drop_rate else []
    return Network(*layers, Linear(sizes[-2], sizes[-1], rng))


def moons_net(settings):
    """The net of these settings, two hidden layers, at its start."""
    rng = np.random.default_rng([88, settings.seed])
    return dropout_net((2, settings.width, settings.width, 2), settings.drop_rate, rng)


def penalised(loss, settings):
    """The training loss with its penalties; all parameters are penalised, biases with them."""
    if settings.l2_penalty:
        loss = with_l2_penalty(loss, settings.l2_penalty)
    return with_l1_penalty(loss, settings.l1_penalty) if settings.l1_penalty else loss


def learn(settings, keep_all=False, report=lambda learning, done: None):
    """Train one net and return its ``Learning``.

    Args:
        settings: ``Settings``.
        keep_all: keep the parameters of every epoch.
        report: called as ``report(learning, share done)`` after each epoch.
    """
    settings = checked(settings)
    splits, fresh = moons_task(settings.num_samples, settings.label_noise, settings.seed)
    net = moons_net(settings)
    training = NetworkLoss(net, splits.train.x, splits.train.y, CrossEntropy(), batch_size=BATCH_SIZE)
    seen = [
        NetworkLoss(net, part.x, part.y, CrossEntropy(), training=False)
        for part in (splits.train, splits.validation, fresh)
    ]
    losses, thetas = np.full((settings.num_epochs + 1, 3), np.nan), []
    best = [np.inf, 0, net.theta.copy()]

    def evaluate(epoch, theta):
        losses[epoch] = [loss.value(theta) for loss in seen]
        if losses[epoch, 1] < best[0]:
            best[:] = losses[epoch, 1], epoch, theta.copy()
        if keep_all:
            thetas.append(theta.copy())
        stop = settings.patience and epoch - best[1] >= settings.patience
        kept = np.array(thetas) if keep_all and epoch == settings.num_epochs else None
        now = Learning(losses[: epoch + 1], best[1], best[2], theta, kept, bool(stop))
        report(now, epoch / settings.num_epochs)
        return {"learning": now, "stop": stop}

    objective, rng = penalised(training, settings), np.random.default_rng([888, settings.seed])
    history = train(objective, Adam(LEARNING_RATE), net.theta, settings.num_epochs, rng, evaluate=evaluate)
    return history.records[-1]["learning"]


cached_learning = lru_cache(maxsize=16)(learn)


def accuracy(settings, theta):
    """Share of 500 fresh points whose true side (without wrong labels) the net finds."""
    clean = _clean_points()
    net = moons_net(settings)
    net.theta = theta
    return float(np.mean(net.forward(clean.x).argmax(axis=-1) == clean.y))


@lru_cache(maxsize=1)
def _clean_points():
    return moons(FRESH, np.random.default_rng(80), noise=0.2)


def confidence(settings, theta, points):
    """Probability of the second class at ``points (..., 2)``."""
    net = moons_net(settings)
    net.theta = theta
    scores = net.forward(np.reshape(points, (-1, 2)))
    return (1 / (1 + np.exp(np.clip(scores[:, 0] - scores[:, 1], -500, 500)))).reshape(np.shape(points)[:-1])


def stops_at(validation_losses, patience):
    """``(stop, best)``: epoch at which patience ends the training, and the epoch that is returned.

    An equal loss is no improvement; without a stop, ``stop`` is the last epoch.
    """
    best, low = 0, np.inf
    for epoch, loss in enumerate(validation_losses):
        if loss < low:
            best, low = epoch, loss
        if patience and epoch - best >= patience:
            return epoch, best
    return len(validation_losses) - 1, best


# --- Digits: wide nets, many redundant inputs -----------------------------------------------------------


class DigitsRun(NamedTuple):
    """One net on ``num`` digits: the net, its curves ``(epochs + 1, 2)`` of training and test loss, test accuracy."""

    net: Network
    losses: np.ndarray
    accuracies: np.ndarray


@lru_cache(maxsize=2)
def _digits():
    return digits(flat=True)


def digits_task(num, label_noise, seed):
    """``(train, test)``: ``num`` digits with wrong labels among them, and 500 others with the right ones."""
    rng = np.random.default_rng([8, seed])
    order = rng.permutation(1797)
    return flipped(_digits().take(order[:num]), label_noise, rng), _digits().take(order[-500:])


def digits_run(num, label_noise, drop_rate, seed, num_epochs, width=128, bootstrap=None):
    """Train 64 - ``width`` - 10 with Adam, learning rate 0.003; ``bootstrap`` is a generator that draws a resample."""
    data, test = digits_task(num, label_noise, seed)
    if bootstrap is not None:
        data = data.take(bootstrap.integers(num, size=num))
    net = dropout_net((64, width, 10), drop_rate, np.random.default_rng([88, seed]))
    loss = CrossEntropy()
    training = NetworkLoss(net, data.x, data.y, loss, batch_size=BATCH_SIZE)

    def evaluate(epoch, theta):
        net.theta = theta
        scores = net.forward(test.x)
        shown = [loss.forward(net.forward(data.x), data.y), loss.forward(scores, test.y)]
        return {"losses": shown, "accuracy": np.mean(scores.argmax(axis=-1) == test.y)}

    rng = np.random.default_rng([888, seed])
    history = train(training, Adam(0.003), net.theta, num_epochs, rng, evaluate=evaluate)
    net.theta = history.theta
    return DigitsRun(
        net,
        np.array([record["losses"] for record in history.records]),
        np.array([record["accuracy"] for record in history.records]),
    )


cached_digits_run = lru_cache(maxsize=256)(digits_run)
