"""Chapter 4, saddles: between which minima they stand in linear networks, and how long one holds."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import (
    deep_linear,
    linear_network,
    saxe_product,
    way_of_minima,
)
from course_lib.chapters.ch04_newton_saddles.experiments.escape import escape_steps, median_escape
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
    not_shown,
    partly,
    share_interval,
)
from course_lib.optimizers import SGD
from course_lib.run import descend

# --- C-04-8 -------------------------------------------------------------------------------------------

PAIRS = 100


def trained(hidden, n):
    """``(network, ends (2 PAIRS, 2 hidden n))`` of gradient descent from random starts."""
    network = linear_network(hidden, n)
    starts = np.random.default_rng([413, hidden, n]).normal(size=(2 * PAIRS, 2 * hidden * n))
    return network, descend(network, SGD(0.05), starts, 3000).thetas[-1]


def mirrored(spare, num_points=41):
    """Minima of W_2 W_1 = I (2 x 2) on the way from diag(1, 1) to diag(1, -1) in both layers, ``(num_points, k)``.

    Without a ``spare`` hidden unit the second one has to shrink to 0 and grow again; with one it turns around.
    """
    angle = np.linspace(0, np.pi, num_points)
    rows = [[1.0 + 0 * angle, 0 * angle], [0 * angle, np.cos(angle)], [0 * angle, np.sin(angle)]][: 3 if spare else 2]
    first = np.moveaxis(np.array(rows), -1, 0)
    return np.concatenate([first.reshape(num_points, -1), np.swapaxes(first, 1, 2).reshape(num_points, -1)], axis=1)


def _manifold():
    numbers, arrived, joined = {}, [], []
    for n in (1, 2):
        network, ends = trained(n, n)
        arrived.append(network.value(ends) < 1e-10)
        sides = np.linalg.det(ends[:, : n * n].reshape(-1, n, n)) > 0
        fewer, poorer = (linear_network(0, 1), np.zeros((1, 0))) if n == 1 else trained(n - 1, n)
        size = f"{n} hidden unit{'s' * (n > 1)}, rank {n}"
        numbers[f"sides{n}"] = share_interval(sides, f"{size}: share of {2 * PAIRS} minima with det W1 > 0")
        numbers[f"barrier{n}"] = Measured(
            float(fewer.value(poorer).min()), label="loss where det W1 = 0 (best net with one unit fewer): at least"
        )
        network, ends = trained(n + 1, n)
        arrived.append(network.value(ends) < 1e-10)
        ways = [way_of_minima(*pair, n + 1, n) for pair in zip(ends[:PAIRS], ends[PAIRS:], strict=True)]
        joined.append(max(float(network.value(way).max()) for way in ways))
    numbers["arrived"] = Measured(np.mean(arrived), label="runs of all widths that end at a minimum: share")
    numbers["joined"] = Measured(
        max(joined), label=f"one unit more than the rank: largest loss on {2 * PAIRS} ways between minima"
    )
    flow = descend(deep_linear(), SGD(0.001), [0.1, 0.1], 6000).thetas
    exact = saxe_product(0.001 * np.arange(6001), 0.01)
    numbers["saxe"] = Measured(
        np.max(np.abs(flow.prod(axis=-1) - exact)), label="off Saxe's curve, small steps", digits=1
    )
    share = np.linspace(0, 1, 41)
    lines = (
        Line("2 hidden units: one is mirrored", share, linear_network(2, 2).value(mirrored(False))),
        Line("3 hidden units: it turns through the third", share, linear_network(3, 2).value(mirrored(True))),
    )
    return Evidence(numbers, Plot("way from one minimum of W2 W1 = I to another", "loss", lines))


def _judge_manifold(n):
    if n["arrived"].value < 0.99:
        return fails("runs are caught away from the global minima")
    if n["joined"].value > 0.1:
        return fails("the global minima do not hang together, however many hidden units there are")
    parted = [n[f"barrier{k}"].value > 0.1 and n[f"sides{k}"].lower > 0 and n[f"sides{k}"].upper < 1 for k in (1, 2)]
    if all(parted):
        return holds_if(
            "there are more hidden units than the map has rank; with just as many there are two parts, and a loss of "
            "0.5 between them"
        )
    if any(parted):
        return partly("maps of one rank have one part", "with as many hidden units as rank others have two")
    if any(n[f"sides{k}"].lower <= 0 and n[f"sides{k}"].upper >= 1 for k in (1, 2)):
        return not_shown("on which side the runs end is left open")
    return holds("one connected set")


MANIFOLD = Claim(
    id="C-04-8",
    lecture="L0 l.200",
    statement="Networks without non-linearities have global minima that are connected via a single manifold",
    condition=f"W2 W1 = I for 1 and for 2 inputs, with as many hidden units and with one more; {2 * PAIRS} random "
    "starts each; Saxe's exact solution for the smallest",
    rule="'Holds if' when, with as many hidden units as rank, runs end on both sides of det W1 = 0, where no loss "
    "is below 0.1, and with one more all pairs of minima are joined by a way of loss 0. Fails if runs end elsewhere "
    "or pairs are not joined. Partly if only one of the two ranks has two parts; holds if none has.",
    revised="The first version had one input and one output only, and took 'two hidden units' for what is 'more "
    "than the rank': with 2 inputs, 2 hidden units and 2 outputs there are two parts again.",
    experiment=_manifold,
    judge=_judge_manifold,
    effects=(Effect("sides1", none=1.0), Effect("sides2", none=1.0)),
)

# --- C-04-9 -------------------------------------------------------------------------------------------

NOISES = np.array([1e-8, 1e-6, 1e-4, 1e-2])
RATE = 0.1


def _escape():
    rng = np.random.default_rng(414)
    steps = np.array([escape_steps(noise, RATE, rng, 2000) for noise in NOISES])
    medians = np.median(steps, axis=1)
    slope = -np.polyfit(np.log(NOISES), medians, 1)[0]
    quiet = escape_steps(0.0, RATE, rng, 100, limit=3000)

    def beside(offset, noise):
        return float(np.median(escape_steps(noise, RATE, rng, 2000, offset=offset, limit=3000)))

    numbers = {
        "held": Measured(np.mean(quiet > 3000), label="on the ridge, no noise: share still there after 3000 steps"),
        "median": Measured(medians[0], label="on the ridge, noise 1e-8: median steps to escape"),
        "slope": Measured(slope, label="steps for each factor e of less noise"),
        "theory": Measured(1 / np.log(1 + RATE), label="theory: 1 / log(1 + learning rate)"),
        "near": Measured(beside(1e-8, 0.0), label="1e-8 beside the ridge, no noise: steps"),
        "near_noise": Measured(beside(1e-8, 0.01), label="1e-8 beside it, noise 0.01: median steps"),
        "far": Measured(beside(0.1, 0.0), label="0.1 beside the ridge, no noise: steps"),
        "far_noise": Measured(beside(0.1, 0.01), label="0.1 beside it, noise 0.01: median steps"),
    }
    lines = (
        Line("median of 2000 runs", NOISES, medians),
        Line("theory", NOISES, median_escape(NOISES, RATE), theory=True),
    )
    return Evidence(numbers, Plot("gradient noise", "steps to escape", lines, "x"))


def _judge_escape(n):
    if n["near"].value < 2 * n["far"].value:
        return fails("near the saddle descent is no slower than far from it")
    near, far = (n[f"{place}_noise"].value < 0.8 * n[place].value for place in ("near", "far"))
    if near and far:
        return holds("near the saddle descent takes longer, and noise shortens it wherever one starts")
    if near:
        return holds_if(
            "the noise is larger than the distance from the ridge; a run that starts farther off gains nothing from it"
        )
    return partly("it slows descent down", "noise helps")


ESCAPE = Claim(
    id="C-04-9",
    lecture="L3, Saddle points; L4 l.47",
    statement="Saddles slow descent down, and a noisy gradient, as in SGD, helps",
    condition=f"(x^2 - y^2) / 2, learning rate {RATE}, 2000 runs each, from the ridge y = 0 and from beside it, "
    "noise 0 to 0.01",
    rule="Fails if from 1e-8 beside the ridge the way takes less than twice the steps from 0.1 beside it. Holds if "
    "noise 0.01 shortens both by a fifth, 'holds if' when it does so for the nearer start only; partly if for "
    "neither.",
    revised="The first rule asked whether a run leaves without noise at all, which answers neither half of the "
    "sentence.",
    experiment=_escape,
    judge=_judge_escape,
    effects=(Effect("near_noise", none=194.0),),
)

SADDLE_CLAIMS = (MANIFOLD, ESCAPE)
