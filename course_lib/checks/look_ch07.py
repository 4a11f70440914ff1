"""If it works, look, for chapter 7: the student's own function runs, drawn beside the library's."""

import numpy as np

from course_lib.figures.batchnorm import features_figure
from course_lib.figures.show import show
from course_lib.figures.student import lines_figure
from course_lib.initializers import he_normal
from course_lib.layers import BatchNorm, CrossEntropy, GroupNorm, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import descend

LIBRARY = "the library's"


def _apart(one, other):
    gap = np.max(np.abs(np.asarray(one, dtype=float) - other))
    return f"the two are the same {'to rounding' if gap < 1e-9 else f'but for {gap:.2g}'}"


def _forward(function):
    """Three features before and after."""
    rng = np.random.default_rng(70)
    x = rng.normal(size=(400, 3)) * [0.4, 1.5, 3.0] + [-4.0, 1.0, 5.0]
    gamma, beta = np.array([1.0, 1.0, 0.5]), np.array([0.0, 0.0, 2.0])
    y = np.asarray(function(x, gamma, beta, 1e-5), dtype=float)
    show(features_figure(x, y))
    layer = BatchNorm(3)
    layer.params["gamma"][:], layer.params["beta"][:] = gamma, beta
    print(f"beside the library's: {_apart(y, layer.forward(x, training=True))}")


class OwnBatchNorm(BatchNorm):
    """The library's layer with a student's backward pass."""

    def __init__(self, num_features, function):
        super().__init__(num_features)
        self.function = function

    def backward(self, d_y):
        x_hat, std, *_ = self._recall()
        results = self.function(d_y, x_hat, std[0], self.params["gamma"].copy())
        d_x, self.grads["gamma"][:], self.grads["beta"][:] = (np.asarray(result, dtype=float) for result in results)
        return d_x


def _losses(norm):
    rng = np.random.default_rng(71)
    x = rng.normal(size=(90, 2)) + 6
    labels = np.arange(90) % 3
    x[:, 0] += 2 * (labels == 1)
    x[:, 1] += 2 * (labels == 2)
    network = Network(Linear(2, 8, rng, he_normal), norm, ReLU(), Linear(8, 3, rng))
    loss = NetworkLoss(network, x, labels, CrossEntropy())
    return descend(loss, SGD(0.5), network.theta.copy(), 60).values


def _backward(function):
    """A small network trained with the student's backward pass."""
    lines = {
        LIBRARY: _losses(BatchNorm(8)),
        "yours": _losses(OwnBatchNorm(8, function)),
        "mean and variance taken for constants": _losses(OwnBatchNorm(8, _detached)),
    }
    show(lines_figure(lines, "step", "loss", log=True))
    print(f"loss curves: {_apart(lines['yours'], lines[LIBRARY])}")


def _detached(d_y, x_hat, std, gamma):
    return d_y * gamma / std, (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def _running(function):
    """The running variance over 60 batches of 4, and what it should find."""
    rng = np.random.default_rng(72)
    layer, own_mean, own_var = BatchNorm(1, running_decay=0.97), np.zeros(1), np.ones(1)
    own, right = [], []
    for _ in range(200):
        x = 3 + 2 * rng.normal(size=(4, 1))
        _, own_mean, own_var = function(x, np.ones(1), np.zeros(1), own_mean, own_var, 0.97, 1e-5, True)
        layer.forward(x, training=True)
        own.append(float(np.ravel(own_var)[0]))
        right.append(float(layer.running_var[0]))
    lines = {"the library's running_var": np.array(right), "yours": np.array(own), "truth": np.full(200, 4.0)}
    show(lines_figure(lines, "batch of 4", "running variance"))
    print(f"running_var: {_apart(own, np.array(right))}; over the last 100 batches {np.mean(own[100:]):.2f} on average")


def _groups(function):
    """The channels of one image: their means before and after, 8 channels in 2 groups."""
    rng = np.random.default_rng(73)
    x = rng.normal(size=(2, 8, 5, 5)) + np.array([1.0, 2, 3, 4, 10, 11, 12, 13])[:, None, None]
    y = np.asarray(function(x, 2, np.ones(8), np.zeros(8), 1e-5), dtype=float)
    right = GroupNorm(2, 8).forward(x)
    lines = {"before": x[0].mean(axis=(1, 2)), "the library's": right[0].mean(axis=(1, 2)), "yours": y[0].mean((1, 2))}
    show(lines_figure(lines, "channel", "mean over the pixels"))
    print(f"beside the library's: {_apart(y, right)}")


LOOKS = {"07-1": _forward, "07-2": _backward, "07-3": _running, "07-4": _groups}
