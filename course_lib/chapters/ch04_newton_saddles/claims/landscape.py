"""Chapter 4, the landscape: how rare minima are, which points lie low, linear networks, and how long a saddle holds."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import deep_linear, saxe_product
from course_lib.chapters.ch04_newton_saddles.experiments.escape import escape_steps, median_escape
from course_lib.chapters.ch04_newton_saddles.experiments.random_matrices import (
    coin_flip_probability,
    goe,
    log_probability_asymptotic,
    probability_all_positive,
)
from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import critical_points, index_of_loss
from course_lib.claims.kit import (
    Claim,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    mean_interval,
    share_interval,
)
from course_lib.objective import Objective
from course_lib.optimizers import SGD
from course_lib.run import descend

# --- C-04-6 -------------------------------------------------------------------------------------------

DRAWS = 100_000
SIZES = np.array([2, 3, 4, 5])


def _coins():
    rng = np.random.default_rng(411)
    hits = [np.linalg.eigvalsh(goe(int(n), rng, DRAWS))[:, 0] > 0 for n in SIZES]
    large = np.array([10, 11, 12])
    logs = np.array([np.log(probability_all_positive(int(n))) for n in large])
    second = np.diff(logs, 2)[0] / 2  # the coefficient of n^2, without the lower powers
    numbers = {
        f"n{n}": share_interval(hit, f"N = {n}: share of random matrices with positive eigenvalues only", 3)
        for n, hit in zip(SIZES, hits, strict=True)
    }
    numbers["off"] = Measured(
        max(
            abs(np.mean(hit) - (p := probability_all_positive(int(n)))) / np.sqrt(p * (1 - p) / DRAWS)
            for n, hit in zip(SIZES, hits, strict=True)
        ),
        label="largest deviation from the exact value, in standard errors",
        digits=2,
    )
    numbers["ratio"] = Measured(numbers["n5"].value / coin_flip_probability(5), label="N = 5: share / 2^-N", digits=1)
    numbers["exponent"] = Measured(second, label="log P(N) ~ a N^2, exact values N = 10 to 12: a")
    numbers["limit"] = Measured(log_probability_asymptotic(1), label="theory: -(log 3) / 4")
    shares = np.array([np.mean(hit) for hit in hits])
    n = np.arange(1, 9)
    lines = (
        Line("measured", SIZES, shares),
        Line("2^-N", n, np.array([coin_flip_probability(int(k)) for k in n]), theory=True),
        Line("exact", n, np.array([probability_all_positive(int(k)) for k in n]), theory=True),
    )
    return Evidence(numbers, Plot("N", "P(all eigenvalues positive)", lines, "y"))


def _judge_coins(n):
    if n["off"].value > 4.5:
        return fails("the measured shares contradict the exact ones: something is wrong here")
    if n["ratio"].upper < 0.5 and n["exponent"].value < -0.1:
        return holds_if("'exponentially' means 'at least': eigenvalues repel, so it is exp(-0.27 N^2) and not 2^-N")
    return holds("the probability falls like a row of coin flips")


COINS = Claim(
    id="C-04-6",
    lecture="L0 l.194",
    statement="If the signs of the Hessian's eigenvalues are random, minima are exponentially rare in N",
    condition=f"{DRAWS} symmetric Gaussian matrices (GOE) for each of N = 2 to 5; exact values to N = 12",
    rule="Fails if a measured share is 4.5 standard errors off the exact one. 'Holds if' when N = 5 has less than half "
    "of 2^-5 and log P falls with the square of N.",
    experiment=_coins,
    judge=_judge_coins,
)

# --- C-04-7 -------------------------------------------------------------------------------------------

SPINS = (8, 12, 16)
SEEDS = 6


def ranks(values):
    """Ranks of ``values``, ties get their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def _index():
    correlations, off, low, high = {}, [], [], []
    for n in SPINS:
        found = [critical_points(n, np.random.default_rng([412, n, seed]), 200) for seed in range(SEEDS)]
        correlations[n] = [np.corrcoef(ranks(points.losses), ranks(points.indices))[0, 1] for points in found]
        losses, indices = (np.concatenate(part) for part in zip(*found, strict=True))
        off.append(np.mean(indices - index_of_loss(losses)))
        third = np.quantile(losses, (1 / 3, 2 / 3))
        low.append(indices[losses < third[0]].mean())
        high.append(indices[losses > third[1]].mean())
    numbers = {
        f"r{n}": mean_interval(correlation, f"n = {n}: rank correlation of loss and index, {SEEDS} losses", 2)
        for n, correlation in correlations.items()
    }
    numbers["low"] = Measured(low[-1], label="n = 16: mean share of directions down, lowest third", digits=2)
    numbers["high"] = Measured(high[-1], label="highest third", digits=2)
    near = float(np.max(np.abs(off)) < 0.03)
    numbers["off"] = Measured(near, label="mean deviation from theory (4.26) under 0.03 (1: yes)")
    loss = np.linspace(-1.8, 1.8, 60)
    order = np.argsort(losses)
    parts = np.array_split(order, 12)
    lines = (
        Line("n = 16, in twelfths", *(np.array([v[part].mean() for part in parts]) for v in (losses, indices))),
        Line("theory, n to infinity", loss, index_of_loss(loss), theory=True),
    )
    return Evidence(numbers, Plot("loss", "share of directions that bend down", lines))


def _judge_index(n):
    if min(n[f"r{k}"].lower for k in SPINS) < 0.5:
        return fails("loss and index do not go together")
    return holds_if("the loss is like a random one: measured on spin glasses, to which networks were likened")


INDEX = Claim(
    id="C-04-7",
    lecture="L0 l.196, l.204 (Dauphin, Choromanska)",
    statement="The lower the loss of a critical point, the more of its eigenvalues are positive",
    condition=f"Spherical 3-spin losses in {SPINS} dimensions, {SEEDS} each, points by Newton from 200 starts",
    rule="Fails if a rank correlation of loss and share of negative eigenvalues has an interval reaching below 0.5; "
    "else it 'holds if', because the losses are a model of networks and not networks.",
    experiment=_index,
    judge=_judge_index,
)

# --- C-04-8 -------------------------------------------------------------------------------------------


def two_layers(width):
    """(a . b - 1)^2 / 2 with a, b of ``width`` numbers: a linear network with so many hidden units."""
    return Objective(
        value=lambda theta: (np.sum(theta[..., :width] * theta[..., width:], axis=-1) - 1) ** 2 / 2,
        gradient=lambda theta: (
            (np.sum(theta[..., :width] * theta[..., width:], axis=-1, keepdims=True) - 1)
            * np.concatenate([theta[..., width:], theta[..., :width]], axis=-1)
        ),
    )


def turned(theta, angle):
    """Both layers of a network with two hidden units turned by ``angle``: the product stays."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.concatenate([turn @ theta[:2], turn @ theta[2:]])


def _manifold():
    narrow, wide = two_layers(1), two_layers(2)
    starts = np.random.default_rng(413).normal(size=(1000, 2))
    ends = descend(narrow, SGD(0.05), starts, 2000).thetas[-1]
    line = np.linspace(-1, 1, 2001)  # every path from branch to branch passes a product of 0 or less
    barrier = float(narrow.value(np.stack([line, line], axis=-1)).max())
    start = np.array([1.0, 0.0, 1.0, 0.0])
    way = np.array([turned(start, angle) for angle in np.linspace(0, np.pi, 201)])
    flow = descend(deep_linear(), SGD(0.001), [0.1, 0.1], 6000).thetas
    exact = saxe_product(0.001 * np.arange(6001), 0.01)
    numbers = {
        "positive": share_interval(ends[:, 0] > 0, "1 hidden unit: share of 1000 starts that ends on the branch w > 0"),
        "arrived": Measured(np.mean(np.abs(ends.prod(axis=1) - 1) < 1e-6), label="share that ends at a minimum at all"),
        "barrier": Measured(barrier, label="loss that every way from branch to branch must pass: at least"),
        "wide": Measured(float(wide.value(way).max()), label="2 hidden units: largest loss on a way from w to -w"),
        "saxe": Measured(np.max(np.abs(flow.prod(axis=-1) - exact)), label="off Saxe's curve, small steps", digits=1),
    }
    angle = np.linspace(0, 1, 201)
    lines = (
        Line("1 hidden unit, straight through 0", angle, narrow.value(np.stack([line[::10]] * 2, axis=-1))),
        Line("2 hidden units, turning", angle, wide.value(way)),
    )
    return Evidence(numbers, Plot("way from one minimum to its negative", "loss", lines))


def _judge_manifold(n):
    if n["arrived"].value < 0.99:
        return fails("runs are caught away from the global minima")
    if n["barrier"].value > 0.1 and n["wide"].value < 1e-9:
        return holds_if("there are two hidden units or more; with one, w1 w2 = 1 has two branches and 0.5 between")
    return fails("the global minima do not hang together") if n["wide"].value > 0.1 else holds("one connected set")


MANIFOLD = Claim(
    id="C-04-8",
    lecture="L0 l.200",
    statement="Networks without non-linearities have global minima that are connected via a single manifold",
    condition="Two linear layers that shall be 1: one hidden unit (1000 random starts) and two; Saxe's exact solution",
    rule="'Holds if' when the branches are parted by a loss of more than 0.1 with one hidden unit and joined with two. "
    "Fails if runs end elsewhere, or if two units do not join them.",
    experiment=_manifold,
    judge=_judge_manifold,
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
    off = escape_steps(0.0, RATE, rng, 100, offset=1e-8, limit=3000)
    numbers = {
        "held": Measured(np.mean(quiet > 3000), label="on the ridge, no noise: share still there after 3000 steps"),
        "median": Measured(medians[0], label="noise 1e-8: median steps to escape"),
        "more": Measured(medians[-1], label="noise 0.01: median steps"),
        "slope": Measured(slope, label="steps for each factor e of less noise"),
        "theory": Measured(1 / np.log(1 + RATE), label="theory: 1 / log(1 + learning rate)"),
        "beside": Measured(np.median(off), label="no noise, but 1e-8 beside the ridge: steps"),
    }
    lines = (
        Line("median of 2000 runs", NOISES, medians),
        Line("theory", NOISES, median_escape(NOISES, RATE), theory=True),
    )
    return Evidence(numbers, Plot("gradient noise", "steps to escape", lines, "x"))


def _judge_escape(n):
    if n["held"].value < 0.5:
        return fails("it leaves the saddle without noise, too")
    if abs(n["slope"].value / n["theory"].value - 1) > 0.1:
        return fails("the time does not grow like the logarithm of 1 / noise")
    if n["beside"].value < 3 * n["median"].value:
        return holds_if("it starts exactly on the ridge; 1e-8 beside it the saddle lets go without noise, just as soon")
    return holds("noise frees it, nothing else does")


ESCAPE = Claim(
    id="C-04-9",
    lecture="L3, Saddle points; L4 l.47",
    statement="Saddles slow descent down, and a noisy gradient, as in SGD, helps",
    condition=f"(x^2 - y^2) / 2 from the ridge y = 0, learning rate {RATE}, 2000 runs a noise level",
    rule="Fails if most runs leave without noise, or the slope of time against log(1 / noise) is off theory by 10 %. "
    "'Holds if' when a start 1e-8 beside the ridge escapes without noise in less than three times the noisy time.",
    experiment=_escape,
    judge=_judge_escape,
)

# --- C-04-10 ------------------------------------------------------------------------------------------

COUNTED = np.array([3, 4, 5, 6, 7])
LOSSES = 12


def _number():
    counts, minima = [], []
    for n in COUNTED:
        found = [critical_points(int(n), np.random.default_rng([415, n, seed]), 1000, 40) for seed in range(LOSSES)]
        counts.append([len(points.losses) for points in found])
        minima.append([np.sum(points.indices == 0) for points in found])
    counts, minima = np.array(counts), np.array(minima)
    slopes = np.polyfit(COUNTED, np.log(counts), 1)[0]
    numbers = {
        "n3": mean_interval(counts[0], "n = 3: critical points of a random loss", 2),
        "n7": mean_interval(counts[-1], "n = 7", 2),
        "minima": mean_interval(minima[-1], "n = 7: minima among them", 2),
        "growth": mean_interval(np.exp(slopes), "factor for each further dimension", 3),
    }
    lines = (
        Line("critical points", COUNTED, counts.mean(axis=1)),
        Line("minima", COUNTED, minima.mean(axis=1)),
    )
    return Evidence(numbers, Plot("dimension n", "number, mean of 12 losses", lines, "y"))


def _judge_number(n):
    if n["growth"].lower < 1.1:
        return fails("the number does not grow by a constant factor")
    if n["minima"].upper > 0.5 * n["n7"].value:
        return fails("most critical points are minima")
    return holds("a constant factor for every dimension, and saddles are nearly all of them")


NUMBER = Claim(
    id="C-04-10",
    lecture="L0 l.212-216",
    statement="The number of saddle points may increase exponentially with the dimension",
    condition=f"Spherical 3-spin losses, n = 3 to 7, {LOSSES} each; critical points found by Newton from 1000 starts",
    rule="Fails if the factor for each further dimension has an interval that reaches below 1.1, or if most points at "
    "n = 7 are minima.",
    experiment=_number,
    judge=_judge_number,
)

LANDSCAPE_CLAIMS = (COINS, INDEX, MANIFOLD, ESCAPE, NUMBER)
