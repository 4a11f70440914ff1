"""If it works, look, chapter 1: the student's gradients train something, beside the library's.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

from itertools import pairwise

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


def _normalised(function):
    """A direction is turned by the student's gradient until it points along a target; its length grows meanwhile."""
    target, x, angles, lengths = np.array([[0.6, 0.8]]), np.array([[1.0, -0.5]]), [], []
    for _ in range(60):
        angles.append(float(np.degrees(np.arccos(np.clip(x @ target.T / np.linalg.norm(x), -1, 1))[0, 0])))
        lengths.append(float(np.linalg.norm(x)))
        x = x - 0.3 * np.asarray(function(x, -target))
    curves = {"angle to the target, degrees": (np.arange(60), np.array(angles))}
    show(curves_figure(curves, "x is turned by your gradient", "step", "degrees"))
    print(f"the angle goes from {angles[0]:.0f} to {angles[-1]:.1f} degrees")
    grows = all(later >= earlier - 1e-12 for earlier, later in pairwise(lengths))
    print(f"x gets longer with every step: {grows}")


def _backward(function):
    """One layer with a way around it learns to add a sine, with the student's gradients and with differences."""
    rng = np.random.default_rng(1)
    x, weights = rng.uniform(-1, 1, (40, 2)), (rng.normal(size=(8, 2)), 0.3 * rng.normal(size=(2, 8)))
    target = x + np.sin(3 * x)

    def forward(weight1, weight2):
        return x + np.tanh(x @ weight1.T) @ weight2.T

    def yours(weight1, weight2):
        apart = forward(weight1, weight2) - target
        return np.sum(apart**2) / 2, function(x, weight1, weight2, apart)[1:]

    def ours(*params):
        def loss(theta):
            one, other = theta[:16].reshape(8, 2), theta[16:].reshape(2, 8)
            return np.sum((forward(one, other) - target) ** 2) / 2

        theta = np.concatenate([part.ravel() for part in params])
        slope = central_difference(loss, theta, 1e-5)
        return loss(theta), (slope[:16].reshape(8, 2), slope[16:].reshape(2, 8))

    _compare("A layer and the way around it", yours, ours, weights, 0.02)


def _plan(function):
    """The V of exp at 1, measured, and where the student says that its bottom is."""
    steps = np.logspace(-12, 0, 49)
    with np.errstate(all="ignore"):
        errors = [abs((np.exp(1 + h) - np.exp(1 - h)) / (2 * h) - np.e) for h in steps]
    _, step, error = (float(part) for part in function(1, np.e, np.e, 2.0**-53, True))
    bottom = np.full(2, step), np.array([1e-13, error])
    curves = {"measured": (steps, np.maximum(errors, 1e-16)), "your bottom": bottom}
    show(curves_figure(curves, "Central differences of exp at 1", "step h", "error", "xy"))
    print(f"your best step is {step:.1e}, and the error there at most {error:.1e}")


LOOKS = {
    "01-1": _linear,
    "01-2": _softmax,
    "01-3": _deltas,
    "01-4": _dual,
    "01-5": _numerical,
    "01-6": _normalised,
    "01-7": _backward,
    "01-8": _plan,
}
