"""Chapter 1, networks: linear ones, vanishing deltas, universal approximation, the power of depth."""

from itertools import pairwise

import numpy as np

from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    log_slope,
    mean_interval,
    not_shown,
)
from course_lib.layers import Identity, LeastSquares, Linear, Sigmoid, Tanh
from course_lib.network import Network, NetworkLoss

# --- C-01-3 -------------------------------------------------------------------------------------------

DEPTHS = np.arange(1, 9)


def deep(depth, activation, rng, width=6, scale=1.0):
    """A network of ``depth`` linear layers of one width, an activation after each; weights ``scale`` * N(0, 1/n)."""
    layers = []
    for _ in range(depth):
        layers += [
            Linear(width, width, rng, lambda i, o, rng: scale * rng.normal(size=(o, i)) / np.sqrt(i)),
            activation(),
        ]
    return Network(*layers)


def collapse_error(network, x):
    """How far ``network`` is from the one affine map that agrees with it at the origin and the unit vectors."""
    width = x.shape[1]
    origin = network.forward(np.zeros((1, width)))
    matrix = network.forward(np.eye(width)) - origin
    y = network.forward(x)
    return np.linalg.norm(y - (x @ matrix + origin)) / np.linalg.norm(y)


def _collapse():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6))
    errors = {
        name: np.array([collapse_error(deep(depth, activation, rng), x) for depth in DEPTHS])
        for name, activation in (("identity", Identity), ("tanh", Tanh))
    }
    numbers = {
        "identity": Measured(errors["identity"].max(), label="identity: relative distance from one affine map, worst"),
        "tanh": Measured(errors["tanh"].min(), label="tanh: the same, best"),
        "parameters": Measured(deep(8, Identity, rng).theta.size, label="parameters of eight layers", digits=4),
        "needed": Measured(deep(1, Identity, rng).theta.size, label="parameters of the one map that they are"),
    }
    lines = tuple(Line(name, DEPTHS, values + 1e-18) for name, values in errors.items())
    return Evidence(numbers, Plot("layers", "relative distance from one affine map", lines, "y"))


def _judge_collapse(n):
    if n["identity"].value > 1e-10:
        return fails("layers without an activation are more than one affine map")
    return holds("to rounding, at any depth") if n["tanh"].value > 0.01 else fails("a non-linearity changes nothing")


COLLAPSE = Claim(
    id="C-01-3",
    lecture="L4, activations",
    statement="With the identity as activation, any number of layers collapses to one linear map",
    condition="Random networks of 1 to 8 layers of 6 units, 200 random inputs, identity against tanh",
    rule="Holds if every identity network equals one affine map to 1e-10 while tanh networks are off by more than 1 %.",
    experiment=_collapse,
    judge=_judge_collapse,
    identity=True,
)


# --- C-01-4 -------------------------------------------------------------------------------------------


def decay(activation, scale, seeds=range(10), depth=20, width=30):
    """Factor by which the delta's norm changes a layer on its way back, one for each seed."""
    factors = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        network = deep(depth, activation, rng, width, scale)
        network.forward(rng.normal(size=(1, width)), training=True)
        top = rng.normal(size=(1, width))
        factors.append((np.linalg.norm(network.backward(top)) / np.linalg.norm(top)) ** (1 / depth))
    return np.array(factors)


SCALES = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0])


def _vanishing():
    z = np.linspace(-10, 10, 20001)
    layer, tanh = Sigmoid(), Tanh()
    layer.forward(z, training=True), tanh.forward(z, training=True)
    factors = {name: np.array([decay(cls, s) for s in SCALES]) for name, cls in (("sigmoid", Sigmoid), ("tanh", Tanh))}
    usual = list(SCALES).index(1.0)
    numbers = {
        "slope": Measured(layer.backward(np.ones_like(z)).max(), label="largest slope of the sigmoid", digits=4),
        "tanh_slope": Measured(tanh.backward(np.ones_like(z)).max(), label="largest slope of tanh", digits=4),
        "usual": mean_interval(factors["sigmoid"][usual], "delta's factor a layer, sigmoid, Var W = 1/n"),
        "usual_tanh": mean_interval(factors["tanh"][usual], "the same, tanh"),
        "largest": mean_interval(
            factors["sigmoid"].max(axis=0), "sigmoid, weights 0.5 to 16 times as large, best case"
        ),
        "largest_tanh": mean_interval(factors["tanh"].max(axis=0), "tanh, the same"),
    }
    lines = [
        Line(name, SCALES, f.mean(1), f.mean(1) - 2 * f.std(1), f.mean(1) + 2 * f.std(1)) for name, f in factors.items()
    ]
    lines.append(Line("neither vanishes nor explodes", SCALES, np.ones(len(SCALES)), theory=True))
    return Evidence(numbers, Plot("scale of the weights", "factor of the delta's norm a layer", tuple(lines), "xy"))


def _judge_vanishing(n):
    if n["slope"].value > 0.25 + 1e-9 or n["usual"].lower >= 1:
        return fails("deltas do not shrink at weights of the usual size")
    if n["usual"].upper >= 1:
        return not_shown("at weights of the usual size the interval holds both answers")
    if n["largest_tanh"].lower > 1 or n["largest"].lower > 1:
        return holds_if("the weights do not outweigh the slopes: it is the product weight times slope that counts")
    if n["largest_tanh"].upper < 1 and n["largest"].upper < 1:
        return holds("whatever the weights")
    return not_shown("with the largest weights the intervals hold both answers")


VANISHING = Claim(
    id="C-01-4",
    lecture="L3 l.280",
    statement="The slopes of activations such as the sigmoid lie between 0 and 1, so gradients vanish through depth",
    condition="20 layers of 30 units, weights of variance scale^2 / n, scale 0.5 to 16, ten seeds each",
    rule="Fails unless the sigmoid's slope stays below 1/4 and the delta's factor a layer below 1 at scale 1. 'Holds "
    "if' when some scale of the weights makes the factor exceed 1, holds if none does.",
    experiment=_vanishing,
    judge=_judge_vanishing,
    effects=(Effect("usual", none=1.0, ratio=True),),
)


# --- C-01-5 -------------------------------------------------------------------------------------------


def linear_objective(*sizes):
    """Squared loss of a network of linear layers without bias on fixed data that a linear map fits."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(30, sizes[0]))
    y = x @ rng.normal(size=(sizes[0], sizes[-1]))
    layers = [Linear(i, o, rng, bias=False) for i, o in pairwise(sizes)]
    return NetworkLoss(Network(*layers), x, y, LeastSquares())


def hessian(objective, theta, h=1e-4):
    """Hessian by central differences of the gradient, symmetric."""
    rows = [(objective.gradient(theta + u) - objective.gradient(theta - u)) / (2 * h) for u in h * np.eye(len(theta))]
    return (np.array(rows) + np.array(rows).T) / 2


def _bowl():
    rng = np.random.default_rng(4)
    changes, lowest = {}, {}
    for name, sizes in (("one", (3, 1)), ("two", (3, 2, 1))):
        objective = linear_objective(*sizes)
        n = objective.network.theta.size
        hessians = [hessian(objective, rng.normal(size=n)) for _ in range(10)]
        changes[name] = max(np.max(np.abs(one - hessians[0])) for one in hessians) / np.abs(hessians[0]).max()
        lowest[name] = np.linalg.eigvalsh(hessian(objective, np.zeros(n)))[0]
    gradient = np.abs(linear_objective(3, 2, 1).gradient(np.zeros(8))).max()
    w = np.linspace(-1.5, 1.5, 61)
    numbers = {
        "one": Measured(changes["one"] * (changes["one"] > 1e-6), label="one layer: how much its Hessian changes"),
        "two": Measured(changes["two"], label="two layers: the same, relative"),
        "flat": Measured(gradient, label="two layers: gradient where all weights are 0"),
        "lowest": Measured(lowest["two"], label="two layers: lowest eigenvalue of the Hessian there"),
    }
    plot = Plot(
        "w along (1, 1) and (1, -1)",
        "loss (w1 w2 - 1)^2",
        (
            Line("w1 = w2", w, (w * w - 1) ** 2),
            Line("w1 = -w2", w, (-w * w - 1) ** 2),
            Line("one layer", w, (w - 1) ** 2),
        ),
    )
    return Evidence(numbers, plot)


def _judge_bowl(n):
    if n["one"].value > 1e-6:
        return fails("even one linear layer is not a quadratic")
    if n["two"].value > 0.01 and n["flat"].value < 1e-9 and n["lowest"].value < 0:
        return holds_if("there is one layer; with two, the Hessian changes and the origin is a saddle")
    return holds("with any number of layers")


BOWL = Claim(
    id="C-01-5",
    lecture="L3 l.80",
    statement="For a linear network with squared loss the error surface is a quadratic bowl",
    condition="Networks of one and of two linear layers on 30 samples; Hessians at ten random points and at 0",
    rule="Fails unless the Hessian of one layer is constant to 1e-6. 'Holds if' when two layers have a Hessian that "
    "changes by more than 1 % and a critical point with a negative eigenvalue at 0.",
    experiment=_bowl,
    judge=_judge_bowl,
    effects=(Effect("two"),),
)


# --- C-01-7 -------------------------------------------------------------------------------------------

WIDTHS = np.array([4, 8, 16, 32, 64, 128])


def relu_fit(function, width, low=-1.0, high=1.0):
    """The ReLU network of one hidden layer with evenly spaced kinks that meets ``function`` at each of them."""
    kinks = np.linspace(low, high, width + 1)
    slopes = np.diff(function(kinks)) / np.diff(kinks)
    outer = np.diff(slopes, prepend=0.0)
    return lambda x: function(kinks[:1]) + np.maximum(x[:, None] - kinks[:-1], 0) @ outer


def _universal():
    x, targets = np.linspace(-1, 1, 20001), {"sin(5x)": lambda x: np.sin(5 * x), "step": lambda x: 1.0 * (x > 0.0123)}
    worst = {
        name: np.array([np.max(np.abs(relu_fit(f, int(n))(x) - f(x))) for n in WIDTHS]) for name, f in targets.items()
    }
    outside = np.linspace(-3, 3, 601)
    far = np.max(np.abs(relu_fit(targets["sin(5x)"], 128)(outside) - np.sin(5 * outside)))
    numbers = {
        "order": Measured(-log_slope(WIDTHS[2:], worst["sin(5x)"][2:]), label="sin(5x): error falls like width^-p, p"),
        "continuous": Measured(worst["sin(5x)"][-1], label="sin(5x): largest error, 128 units", digits=2),
        "step": Measured(worst["step"][-1], label="a step: largest error, 128 units", digits=2),
        "outside": Measured(far, label="sin(5x) on [-3, 3], fitted on [-1, 1]: largest error", digits=2),
    }
    lines = tuple(Line(name, WIDTHS, values) for name, values in worst.items())
    return Evidence(numbers, Plot("hidden units", "largest error on [-1, 1]", lines, "xy"))


def _judge_universal(n):
    if n["continuous"].value > 0.01 or n["order"].value < 1:
        return fails("more units do not help")
    if n["step"].value > 0.1 or n["outside"].value > 0.1:
        return holds_if(
            "the function is continuous, on a bounded set, and width may grow; it says nothing of training "
            "or of what happens outside the set"
        )
    return holds("for steps and outside of the data too")


UNIVERSAL = Claim(
    id="C-01-7",
    lecture="L4, universal approximation",
    statement="A network can approximate almost any function",
    condition="One hidden layer of 4 to 128 ReLU units with chosen weights; a smooth function and a step",
    rule="Fails unless the largest error on the smooth function falls below 1 % and like width^-1 or quicker. 'Holds "
    "if' when the step, or the smooth function outside the interval, keeps an error above 0.1.",
    experiment=_universal,
    judge=_judge_universal,
    effects=(Effect("order"),),
)


# --- C-01-8 -------------------------------------------------------------------------------------------


def pieces(y):
    """Number of straight pieces of a function sampled on an even grid."""
    bends = np.abs(np.diff(y, 2)) > 1e-9 * max(np.ptp(y), 1e-300)
    return 1 + np.count_nonzero(bends & ~np.concatenate([[False], bends[:-1]]))  # a kink between points bends twice


def tent(x, depth):
    """The tent map ``depth`` times: two ReLU units a layer, weights chosen for it (Telgarsky 2016)."""
    for _ in range(depth):
        x = 2 * np.maximum(x, 0) - 4 * np.maximum(x - 0.5, 0)
    return x


def random_relu(x, depth, rng, width=8):
    """A random ReLU network (variance 2/n, random biases) along a line, ``(len(x),)``."""
    h = np.column_stack([x, np.ones_like(x)])
    for _ in range(depth):
        h = np.maximum(
            h @ (rng.normal(size=(h.shape[1], width)) * np.sqrt(2 / h.shape[1])) + 0.3 * rng.normal(size=width), 0
        )
    return h @ rng.normal(size=width)


def _depth():
    x, depths = np.linspace(0, 1, 2**14 + 1), np.arange(1, 9)
    chosen = np.array([pieces(tent(x, int(d))) for d in depths])
    line = np.linspace(-3, 3, 20001)
    random = np.array(
        [[pieces(random_relu(line, int(d), np.random.default_rng(s))) for s in range(20)] for d in depths]
    )
    mean = random.mean(axis=1)
    spread = 2 * random.std(axis=1) / np.sqrt(20)
    numbers = {
        "chosen": Measured((chosen[1:] / chosen[:-1]).min(), label="chosen weights: pieces, factor a layer"),
        "most": Measured(chosen[-1], label="chosen weights: pieces, 8 layers of 2 units", digits=4),
        "random": mean_interval((random[-1] / random[0].mean()) ** (1 / 7), "random weights: factor a layer"),
        "typical": mean_interval(random[-1], "random weights: pieces, 8 layers of 8 units"),
    }
    lines = (
        Line("chosen, 2 units a layer", depths, chosen),
        Line("random, 8 units", depths, mean, mean - spread, mean + spread),
    )
    return Evidence(numbers, Plot("layers", "straight pieces along a line", lines, "y"))


def _judge_depth(n):
    if n["chosen"].value < 1.5:
        return fails("not even chosen weights make exponentially many pieces")
    if n["random"].upper < 1.5:
        return holds_if("the weights are chosen for it; random networks have few pieces, however deep")
    if n["random"].lower > 1.5:
        return holds("for random weights too")
    return not_shown("with chosen weights it does; with random ones the interval holds both answers")


DEPTH = Claim(
    id="C-01-8",
    lecture="L3, depth",
    statement="Depth raises the power of a network exponentially",
    condition="Straight pieces along a line: the tent map by two ReLU units a layer, and 20 random networks of 8 units "
    "a layer, 1 to 8 layers",
    rule="Fails unless chosen weights multiply the pieces by 1.5 or more a layer. 'Holds if' when random weights do "
    "not (upper end of the interval below 1.5), holds otherwise.",
    experiment=_depth,
    judge=_judge_depth,
    effects=(Effect("chosen", none=1.0), Effect("random", none=1.0)),
)

NETWORK_CLAIMS = (COLLAPSE, VANISHING, BOWL, UNIVERSAL, DEPTH)
