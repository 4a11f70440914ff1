"""If it works, look, for chapter 7: the student's own function runs, drawn beside the library's."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.figures.batchnorm import features_figure
from course_lib.figures.show import show
from course_lib.figures.student import lines_figure
from course_lib.finite_differences import central_difference
from course_lib.layers import BatchNorm, GroupNorm


def _apart(one, other):
    gap = np.max(np.abs(np.asarray(one, dtype=float) - other))
    return f"the two are {'the same to rounding' if gap < 1e-6 else f'up to {gap:.2g} apart'}"


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


def _backward(function):
    """Twelve entries of d_x: by central differences of the library's forward pass, yours, and detached."""
    rng = np.random.default_rng(71)
    x, weights, layer = rng.normal(size=(4, 3)) + 2, rng.normal(size=(4, 3)) + 2, BatchNorm(3)
    layer.params["gamma"][:] = [1.0, 2.0, 0.5]
    numeric = central_difference(lambda x: np.sum(weights * layer.forward(x, training=True)), x)
    layer.forward(x, training=True)
    layer.backward(weights)
    x_hat, std, *_ = layer._recall()
    given = weights, x_hat, std[0], layer.params["gamma"]
    lines = {
        "central differences": numeric.ravel(),
        "yours": np.ravel(np.asarray(function(*given)[0], dtype=float)),
        "mean and variance taken for constants": _detached(*given)[0].ravel(),
    }
    show(lines_figure(lines, "entry of d_x", "value"))
    print(f"d_x beside central differences: {_apart(lines['yours'], lines['central differences'])}")


def _detached(d_y, x_hat, std, gamma):
    return d_y * gamma / std, (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def _running(function):
    """The running variance over 1 000 batches of 4, and what it should find."""
    rng, decay = np.random.default_rng(72), 0.99
    layer, own_mean, own_var = BatchNorm(2, running_decay=decay), np.zeros(2), np.ones(2)
    own, right = [], []
    for _ in range(1000):
        x = np.repeat(3 + 2 * rng.normal(size=(4, 1)), 2, axis=1)  # twice: of one feature np.cov gives no matrix
        _, own_mean, own_var = function(x, np.ones(2), np.zeros(2), own_mean, own_var, decay, 1e-5, True)
        layer.forward(x, training=True)
        own.append(float(np.ravel(own_var)[0]))
        right.append(float(layer.running_var[0]))
    lines = {"the library's": np.array(right), "yours": np.array(own), "truth": np.full(1000, 4.0)}
    show(lines_figure(lines, "batch of 4", "running variance"))
    print(f"running_var: {_apart(own, np.array(right))}; over the last 500 batches {np.mean(own[500:]):.2f} on average")


def _groups(function):
    """The channels of one image: their means before and after, 8 channels in 2 groups."""
    rng = np.random.default_rng(73)
    x = rng.normal(size=(2, 8, 5, 5)) + np.array([1.0, 2, 3, 4, 10, 11, 12, 13])[:, None, None]
    y = np.asarray(function(x, 2, np.ones(8), np.zeros(8), 1e-5), dtype=float)
    right = GroupNorm(2, 8).forward(x)
    lines = {"before": x[0].mean(axis=(1, 2)), "the library's": right[0].mean(axis=(1, 2)), "yours": y[0].mean((1, 2))}
    show(lines_figure(lines, "channel", "mean over the pixels"))
    print(f"beside the library's: {_apart(y, right)}")


def _pieces(function):
    """The first sample of twelve, in pieces of 1 to 12: what comes out for it."""
    rng = np.random.default_rng(75)
    x, piece_sizes = 3 + 2 * rng.normal(size=(12, 1)), range(2, 13)
    found = [
        float(function(x, np.ones(1), np.zeros(1), np.full(1, 3.0), np.full(1, 4.0), 1e-5, m)[0, 0])
        for m in piece_sizes
    ]
    right = float((x[0, 0] - 3) / np.sqrt(4 + 1e-5))
    show(
        lines_figure({"yours": np.array(found), "running statistics": np.full(11, right)}, "piece - 2", "first sample")
    )
    print(f"the first sample comes out the same in every piece: {np.ptp(found) < 1e-9}")


def _deviation(function):
    """Twelve entries of d_x without squares: by central differences, and yours."""
    rng = np.random.default_rng(76)
    x, d_y = rng.normal(size=(12, 1)) + 2, rng.normal(size=(12, 1))

    def loss(values):
        away = values[:, None] - values.mean()
        return float(np.sum(d_y * away / (np.abs(away).mean() + 1e-3)))

    right = central_difference(loss, x[:, 0], 1e-6)
    yours = np.asarray(function(x, d_y, 1e-3), dtype=float)[:, 0]
    show(lines_figure({"by differences": right, "yours": yours}, "sample", "d_x"))
    print(f"beside differences: {_apart(yours, right)}; all of it adds up to 0: {abs(yours.sum()) < 1e-9}")


def _images(function):
    """Means of four channels before and after, eight images of 6 x 6."""
    rng = np.random.default_rng(77)
    x = rng.normal(size=(8, 4, 6, 6)) + np.array([3.0, -1.0, 0.5, 8.0])[:, None, None]
    y = np.asarray(function(x, np.ones(4), np.array([0.0, 1.0, 2.0, 3.0]), 1e-5), dtype=float)
    lines = {"before": x.mean(axis=(0, 2, 3)), "yours": y.mean(axis=(0, 2, 3)), "beta": np.arange(4.0)}
    show(lines_figure(lines, "channel", "mean over batch and pixels"))
    print(f"the means are beta: {np.allclose(lines['yours'], lines['beta'])}")


def _settled(function):
    """Lengths of weights of three lengths, step by step, and where the student says that they settle."""
    rate, decay, c = 0.2, 0.5, 3.0
    length, angle = (float(part) for part in function(rate, decay, c))
    lines = {}
    for start in (0.3, 1.0, 3.0):
        walk = [start]
        for _ in range(60):
            walk.append(float(np.hypot((1 - rate * decay) * walk[-1], rate * c / walk[-1])))
        lines[f"begun at {start:g}:"] = np.array(walk)
    lines["yours"] = np.full(61, length)
    show(lines_figure(lines, "step", "length of the weights"))
    print(f"all end within 0.1 % of yours: {all(abs(walk[-1] / length - 1) < 1e-3 for walk in lines.values())}")
    print(f"a step turns them by {np.degrees(angle):.1f} degrees")


LOOKS = {
    "07-1": _forward,
    "07-2": _backward,
    "07-3": _running,
    "07-4": _groups,
    "07-5": _pieces,
    "07-6": _deviation,
    "07-7": _images,
    "07-8": _settled,
}
