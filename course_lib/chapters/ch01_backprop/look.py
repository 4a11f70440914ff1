"""If it works, look, chapter 1: the student's gradients train something, beside the library's.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

import numpy as np

from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.finite_differences import central_difference
from course_lib.layers import CrossEntropy, LeastSquares, Linear, Tanh
from course_lib.network import Network

NUM_STEPS = 80


def _descend(loss_and_gradients, params, learning_rate):
    """Losses of gradient descent on the arrays ``params``, ``(NUM_STEPS,)``."""
    losses = []
    for _ in range(NUM_STEPS):
        loss, gradients = loss_and_gradients(*params)
        losses.append(float(loss))
        params = [param - learning_rate * np.asarray(g) for param, g in zip(params, gradients, strict=True)]
    return np.array(losses)


def _compare(title, yours, ours, params, learning_rate):
    """Train with both; draw the losses, print how far they part."""
    losses = {"the library's": _descend(ours, params, learning_rate), "yours": _descend(yours, params, learning_rate)}
    steps = np.arange(NUM_STEPS)
    show(curves_figure({label: (steps, y) for label, y in losses.items()}, title, "step", "loss"))
    apart = np.max(np.abs(losses["yours"] - losses["the library's"]))
    same = "to rounding" if apart < 1e-9 else f"but for {apart:.2g}"
    print(f"{NUM_STEPS} steps: the two curves are the same {same}.")


def _linear(function):
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(40, 3)), rng.normal(size=(2, 3))
    target = x @ weight.T + [0.5, -1.0] + 0.1 * rng.normal(size=(40, 2))
    layer, loss = Linear(3, 2, rng), LeastSquares()

    def ours(weight, bias):
        layer.params["weight"][:], layer.params["bias"][:] = weight, bias
        value = loss.forward(layer.forward(x, training=True), target)
        layer.backward(loss.backward())
        return value, (layer.grads["weight"].copy(), layer.grads["bias"].copy())

    def yours(weight, bias):
        y, *_ = function(x, weight, bias, np.zeros((40, 2)))
        _, _, d_weight, d_bias = function(x, weight, bias, 2 * (np.asarray(y) - target) / 40)
        return np.sum((np.asarray(y) - target) ** 2) / 40, (d_weight, d_bias)

    _compare("A linear layer learns a linear map", yours, ours, [np.zeros((2, 3)), np.zeros(2)], 0.1)


def _softmax(function):
    rng = np.random.default_rng(2)
    labels = np.arange(60) % 3
    x = rng.normal(size=(60, 2)) + 2 * np.array([[0, 1], [1, -1], [-1, -1]])[labels]
    target, loss = np.eye(3)[labels], CrossEntropy()

    def ours(weight):
        value = loss.forward(x @ weight.T, target)
        return value, (loss.backward().T @ x,)

    def yours(weight):
        value, d_scores = function(x @ weight.T, target)
        return value, (np.asarray(d_scores).T @ x,)

    _compare("Three clouds are told apart", yours, ours, [np.zeros((3, 2))], 0.5)


def _deltas(function):
    rng = np.random.default_rng(3)
    x = np.column_stack([np.linspace(-2, 2, 30), np.ones(30)])
    target = 0.8 * np.sin(2 * x[:, :1])
    network = Network(Linear(2, 8, rng, bias=False), Tanh(), Linear(8, 1, rng, bias=False), Tanh())
    first = [network.layers[i].params["weight"].copy() for i in (0, 2)]

    def ours(weight1, weight2):
        network.theta = np.concatenate([weight1.ravel(), weight2.ravel()])
        error = network.forward(x, training=True) - target
        network.backward(error)
        return np.sum(error**2) / 2, [network.layers[i].grads["weight"].copy() for i in (0, 2)]

    def yours(weight1, weight2):
        _, _, *gradients = function(x, weight1, weight2, target)
        return np.sum((np.tanh(np.tanh(x @ weight1.T) @ weight2.T) - target) ** 2) / 2, gradients

    _compare("Eight hidden units bend towards a sine", yours, ours, first, 0.015)  # 0.03 is above 2 / L


def _dual(function):
    s = np.linspace(-2, 2, 81)
    got = np.array([function(np.array([x, 1.0]), np.array([x, 1.0]), np.sin, np.cos) for x in s])
    exact = 2 * s * np.cos(s**2)
    curves = {"exact derivative": (s, exact), "your tangent": (s, got[:, 1]), "your primal": (s, got[:, 0])}
    show(curves_figure(curves, "sin(x * x) and its slope by dual numbers", "x", "value"))
    apart = np.max(np.abs(got[:, 1] - exact))
    print(f"Your tangent is 2 x cos(x * x) {'to rounding' if apart < 1e-12 else f'but for {apart:.2g}'}.")


def _numerical(function):
    theta, steps = np.array([0.3, -1.1, 0.7]), np.logspace(-16, 0, 33)

    def value(theta):
        return np.exp(theta[0]) * np.sin(theta[1]) + theta[2] ** 3

    a, b, c = theta
    exact = np.array([np.exp(a) * np.sin(b), np.exp(a) * np.cos(b), 3 * c**2])
    with np.errstate(all="ignore"):
        yours = [np.linalg.norm(function(theta, value, h) - exact) for h in steps]
        ours = [np.linalg.norm(central_difference(value, theta, h) - exact) for h in steps]
    curves = {"the library's": (steps, ours), "yours": (steps, yours)}
    coarse, fine = yours[28], yours[24]  # h = 0.01 and 0.0001
    finding = f"yours is off by {coarse:.2g} at h = 0.01 and by {fine:.2g} at h = 0.0001"
    show(curves_figure(curves, "The V", "step h", "error of the gradient", "xy", finding))
    print(
        f"A step 100 times smaller: an error {coarse / fine:.0f} times smaller, until rounding builds the other wall."
    )


LOOKS = {"01-1": _linear, "01-2": _softmax, "01-3": _deltas, "01-4": _dual, "01-5": _numerical}
