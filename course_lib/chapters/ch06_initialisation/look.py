"""If it works, look, for chapter 6: the student's predictions and weights beside what a network measures.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

from itertools import pairwise

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.signals import mean_square, measure
from course_lib.chapters.ch06_initialisation.experiments.symmetry import STARTS, problem, spread, start
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.network import NetworkLoss
from course_lib.optimizers import Adam
from course_lib.run import descend

WIDTHS = np.array([100, 80, 60, 40, 60, 80, 100])


def _signals(draw, activation, seed=0):
    rng = np.random.default_rng(seed)
    weights = [np.asarray(draw(i, o, rng)) for i, o in pairwise(WIDTHS)]
    return measure(weights, activation, rng.normal(size=(200, 100)), rng.normal(size=(200, 100)))


def _predict(function):
    """The prediction for six ReLU layers of different widths, beside one network that was drawn."""
    variances = np.full(6, 1 / 50)
    forward, backward = (np.asarray(part) for part in function(variances, WIDTHS, "relu"))
    signals = _signals(lambda i, o, rng: rng.normal(size=(o, i)) / np.sqrt(50), "relu")
    layers = np.arange(1, 7)
    measured = [mean_square(z) for z in signals.z], [mean_square(d) for d in signals.d_x[:-1]]
    curves = {
        "forward, yours": (layers, forward),
        "forward, measured": (layers, measured[0]),
        "backward, yours": (layers, backward),
        "backward, measured": (layers, measured[1]),
    }
    show(curves_figure(curves, "Six ReLU layers of 100, 80, 60, 40, 60, 80, 100 units", "layer", "mean square", "y"))
    apart = max(np.max(np.abs(np.log(f / m))) for f, m in zip((forward, backward), measured, strict=True))
    print(f"Measured and predicted differ by a factor of {np.exp(apart):.1f} at most: this is one draw of the weights.")


def _factors(draws, activation, title):
    """Mean square layer by layer, forward and backward, for each of ``{label: (fan_in, fan_out, rng) -> weights}``."""
    curves = {}
    for label, draw in draws.items():
        signals = _signals(draw, activation)
        curves[f"signal, {label}"] = (np.arange(7), [mean_square(x) for x in signals.x])
        curves[f"gradient, {label}"] = (np.arange(7), [mean_square(d) for d in signals.d_x])
    show(curves_figure(curves, title, "layer", "mean square", "y"))
    ends = [f"{label} {y[-1] if 'signal' in label else y[0]:.2g}" for label, (_, y) in curves.items()]
    print(f"From 1, after six layers: {'; '.join(ends)}")


def _xavier(function):
    draws = {
        "your Xavier": lambda i, o, rng: function(i, o, rng, "normal"),
        "0.01": lambda i, o, rng: 0.01 * rng.normal(size=(o, i)),
    }
    _factors(draws, "linear", "Layers of 100, 80, 60, 40, 60, 80, 100 units, no activation")


def _he(function):
    draws = {
        "your He": lambda i, o, rng: function(i, o, rng, 0.0),
        "1 / fan_in": lambda i, o, rng: rng.normal(size=(o, i)) / np.sqrt(i),
    }
    _factors(draws, "relu", "The same with ReLU")


def _untied(objective: NetworkLoss, theta, function):
    objective.network.theta = theta
    weight = objective.network.layers[2].params["weight"]
    weight[:] = function(weight.copy())
    return objective.network.theta.copy()


def _symmetry(function):
    """Adam from tied units, and from the same with the student's outgoing weights."""
    curves, apart = {}, {}
    for label in ("tied", "yours"):
        objective = problem()
        theta = start(objective, STARTS[0])
        theta = theta if label == "tied" else _untied(objective, theta, function)
        run = descend(objective, Adam(0.03), theta, 600)
        curves[label] = (np.arange(601), run.values)
        apart[label] = spread(objective, run.thetas[-1])
    show(curves_figure(curves, "Two moons, five hidden units", "step", "loss", "y"))
    before = abs(curves["yours"][1][0] - curves["tied"][1][0])
    print(f"Before the first step the losses are {'the same' if before < 1e-9 else f'{before:.2g} apart'}.")
    units = "tied" if apart["yours"] < 1e-6 else "told apart"
    print(
        f"After 600 steps of Adam your units are {units}, and your loss is {curves['yours'][1][-1]:.2f}; tied units: "
        f"{curves['tied'][1][-1]:.2f}."
    )


def _saturated(function):
    """The student's share against the spread, and what 20 000 drawn units do."""
    spreads, drawn = np.linspace(0.2, 5, 25), np.random.default_rng(6).normal(size=20_000)
    yours = np.array([float(function(0.0, spread, 0.1)) for spread in spreads])
    counted = np.array([np.mean(1 - np.tanh(spread * drawn) ** 2 < 0.1) for spread in spreads])
    curves = {"yours": (spreads, yours), "20 000 units, counted": (spreads, counted)}
    show(curves_figure(curves, "tanh, slope below a tenth", "standard deviation of z", "share of units"))
    print(f"largest difference from what was counted: {np.abs(yours - counted).max():.3f}")


def _reach(function):
    """Layers until a hundredth is left, against n Var, ReLU and a slope of 0.3 below 0; 0 where it never happens."""
    scales = np.linspace(0.2, 2.2, 41)
    curves = {
        name: (scales, np.array([float(function(100, scale / 100, slope, 0.01)) for scale in scales]))
        for name, slope in (("ReLU", 0.0), ("slope 0.3", 0.3))
    }
    show(curves_figure(curves, "Until a hundredth of the mean square is left", "fan_in times variance", "layers"))
    said = ", ".join(f"{line[16]:.0f} layers with {name}" for name, (_, line) in curves.items())
    print(f"fan_in times variance 1: {said}")


def _scaled(function):
    """The mean square in every layer of a ReLU network with the student's weights."""
    rng, widths = np.random.default_rng(67), [50, 400, 100, 300, 50, 200, 10]
    noise = [rng.normal(size=(after, before)) for before, after in pairwise(widths)]
    x, squares, layers = rng.normal(size=(400, 50)), [], list(function(noise))
    for number, weight in enumerate(layers):
        z = x @ np.asarray(weight, dtype=float).T
        squares.append(float(np.mean(z**2)) / (1 if number == len(layers) - 1 else 2))
        x = np.maximum(z, 0)
    curves = {"yours": (np.arange(1, len(squares) + 1), np.array(squares))}
    show(curves_figure(curves, "Six layers of other widths", "layer", "mean square that goes on", log="y"))
    print(f"all between a half and two: {all(0.5 < square < 2 for square in squares)}")


def _branches(function):
    """The mean square in forty blocks of random ReLU branches, with the student's scale and without one."""
    growth, blocks, width, rng = 3.0, 40, 200, np.random.default_rng(68)
    scale, plain = (float(part) for part in function(growth, blocks, 1.0))
    curves = {}
    for name, by in (("yours", scale), ("scale 1", 1.0)):
        x, squares = rng.normal(size=(200, width)), [1.0]
        for _ in range(blocks):
            x = x + by * np.maximum(x @ rng.normal(size=(width, width)) / np.sqrt(width), 0) * np.sqrt(2) * rng.choice(
                [-1, 1], width
            )
            squares.append(float(np.mean(x**2)))
        curves[name] = (np.arange(blocks + 1), np.array(squares))
    show(curves_figure(curves, "Forty residual blocks", "block", "mean square", log="y"))
    print(f"yours ends within a quarter of {growth:g}: {abs(curves['yours'][1][-1] / growth - 1) < 0.25}")
    print(f"blocks of scale 1 that stay below it: {plain:.0f}")


LOOKS = {
    "06-1": _predict,
    "06-2": _xavier,
    "06-3": _he,
    "06-4": _symmetry,
    "06-5": _saturated,
    "06-6": _reach,
    "06-7": _scaled,
    "06-8": _branches,
}
