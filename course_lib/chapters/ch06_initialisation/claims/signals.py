"""Chapter 6, signals: n Var(W) a layer, tanh with n Var = 1, what initialisers keep, orthogonal weights."""

from itertools import pairwise

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.isometry import singular_values
from course_lib.chapters.ch06_initialisation.experiments.signals import (
    INITIALIZERS,
    mean_square,
    measure,
    predict,
    weight_variance,
)
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
    mean_interval,
    not_shown,
)

DEPTH = 10
LAYERS = np.arange(DEPTH + 1)


def second_moments(activation, widths, n_variance, draws, seed):
    """E[z^2] of each layer over one input, for ``draws`` networks: ``(draws, layers)``."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(draws):
        weights = [np.sqrt(n_variance / i) * rng.normal(size=(o, i)) for i, o in pairwise(widths)]
        signals = measure(weights, activation, rng.normal(size=(1, widths[0])), np.zeros((1, widths[-1])))
        found.append([mean_square(z) for z in signals.z])
    return np.array(found)


# --- C-06-1 -------------------------------------------------------------------------------------------


def _n_variance():
    widths, factor = np.full(DEPTH + 1, 32), 1.3
    wanted = factor ** np.arange(1, DEPTH + 1)
    found = {name: second_moments(name, widths, factor, 1500, 61) / wanted for name in ("linear", "relu", "tanh")}
    labels = {
        "linear": "no activation: mean square measured / (n Var)^10",
        "relu": "ReLU: the same",
        "tanh": "tanh: the same",
    }
    numbers = {name: mean_interval(values[:, -1], labels[name]) for name, values in found.items()}
    halved = found["relu"][:, -1] * 2 ** (DEPTH - 1)
    numbers["halved"] = mean_interval(halved, "ReLU, with a half for each layer in between, (6.2)")
    lines = [
        Line(name, LAYERS[1:], v.mean(0), *(v.mean(0) + s * v.std(0) / np.sqrt(len(v)) for s in (-2, 2)))
        for name, v in found.items()
    ]
    lines.append(Line("as claimed", LAYERS[1:], np.ones(DEPTH), theory=True))
    lines.append(Line("ReLU, (6.2)", LAYERS[1:], 0.5 ** np.arange(DEPTH), theory=True))
    return Evidence(numbers, Plot("layer", "mean square of z / (n Var)^layer", tuple(lines), "y"))


def _width(number):
    return number.upper - number.lower


def _judge_n_variance(n):
    if not n["linear"].lower <= 1 <= n["linear"].upper:
        return fails("even without an activation the factor is another one")
    if max(_width(n[name]) for name in ("linear", "relu", "tanh")) > 0.3:
        return not_shown("the intervals are too wide to tell a factor from 1")
    if n["relu"].upper < 1 or n["tanh"].upper < 1:
        return holds_if(
            "there is no activation; with one it is E[x^2], not the variance of z below, that n Var multiplies: ReLU "
            "takes a half in every layer, tanh what it cuts off"
        )
    return holds("whatever the activation")


N_VARIANCE = Claim(
    id="C-06-1",
    lecture="L4, eq. 3",
    statement="Each layer multiplies the variance by n Var(W), L layers by its L-th power",
    condition="1 500 networks of 10 layers of 32 units, n Var = 1.3, one normal input each; without activation, with "
    "ReLU, with tanh",
    rule="Fails unless, without activation, the interval of measured / predicted holds 1. 'Holds if' when ReLU or tanh "
    "stays below 1 with the whole interval; else holds. Intervals wider than 0.3 show nothing.",
    effects=(Effect("relu", 1.0), Effect("tanh", 1.0)),
    experiment=_n_variance,
    judge=_judge_n_variance,
)


# --- C-06-2 -------------------------------------------------------------------------------------------

DEPTHS = np.array([1, 3, 10, 30, 100])


def _tanh_shrinks():
    widths = np.full(DEPTHS[-1] + 1, 200)
    found = second_moments("tanh", widths, 1.0, 30, 62)[:, DEPTHS - 1]
    theory = predict(widths, np.full(DEPTHS[-1], 1 / 200), "tanh").z[DEPTHS - 1]
    numbers = {
        "three": mean_interval(np.sqrt(found[:, 1]), "root mean square of z after 3 layers"),
        "hundred": mean_interval(np.sqrt(found[:, -1]), "after 100 layers"),
        "theory": Measured(np.sqrt(theory[-1]), label="after 100 layers, by quadrature (6.7)"),
        "law": Measured(np.sqrt(1 / (2 * DEPTHS[-1])), label="after 100 layers, sqrt(1 / (2 l)) (6.8)"),
    }
    mean, error = found.mean(0), 2 * found.std(0) / np.sqrt(len(found))
    lines = (
        Line("measured", DEPTHS, mean, mean - error, mean + error),
        Line("quadrature", DEPTHS, theory, theory=True),
        Line("1 / (2 l)", DEPTHS, 1 / (2 * DEPTHS), theory=True),
    )
    return Evidence(numbers, Plot("layer", "mean square of z", lines, "xy"))


def _judge_tanh(n):
    if n["hundred"].upper < 0.5:
        return holds_if(
            "the network is shallow: tanh cuts a little off in every layer, and the signal fades like 1 / sqrt(2 l), "
            "slowly, not exponentially"
        )
    if n["hundred"].lower > 2:
        return fails("the units saturate")
    if n["hundred"].lower < 0.5 or n["hundred"].upper > 2:
        return not_shown("the interval holds both answers")
    return holds("at any depth")


TANH = Claim(
    id="C-06-2",
    lecture="L4, eq. 4",
    statement="With n Var(W) = 1 tanh units neither saturate nor vanish",
    condition="30 networks of 100 layers of 200 tanh units, weights N(0, 1/n)",
    rule="'Holds if' when the root mean square of z after 100 layers is below 0.5 (interval), fails if above 2, holds "
    "if between; an interval that holds a border shows nothing.",
    effects=(Effect("hundred", 1.0, ratio=True),),
    experiment=_tanh_shrinks,
    judge=_judge_tanh,
)


# --- C-06-3 -------------------------------------------------------------------------------------------

FANS = (100, 25)  # every second layer narrows, every second one widens


def _kept(initializer, draws=200):
    """Factor of the mean square a layer pair, forward and backward, through 100-25-100 without activation."""
    rng, found = np.random.default_rng(63), []
    for _ in range(draws):
        weights = [INITIALIZERS[initializer](100, 25, rng), INITIALIZERS[initializer](25, 100, rng)]
        signals = measure(weights, "linear", rng.normal(size=(8, 100)), rng.normal(size=(8, 100)))
        found.append([mean_square(signals.z[0]), mean_square(signals.d_x[1])])
    return np.array(found).T


def _compromise():
    names = {"lecun": "normal, 1/√n (LeCun)", "xavier": "Xavier"}
    numbers, lines = {}, []
    for key, name in names.items():
        forward, backward = _kept(name)
        numbers[f"{key}_forward"] = mean_interval(forward, f"{key}: signal's factor, a layer from 100 to 25 units")
        numbers[f"{key}_backward"] = mean_interval(backward, f"{key}: gradient's factor, a layer from 25 to 100 units")
        lines.append(Line(key, np.arange(2), np.array([forward.mean(), backward.mean()])))
    theory = [weight_variance("Xavier", 100, 25) * 100, weight_variance("Xavier", 25, 100) * 100]
    lines.append(Line("2 n / (fan_in + fan_out)", np.arange(2), np.array(theory), theory=True))
    numbers["law"] = Measured(theory[0], label="Xavier, by (6.5): 2 * 100 / 125")
    words = ("signal into 25 units", "gradient out of 100 units")
    return Evidence(numbers, Plot("what passes", "factor of its mean square", tuple(lines), words=words))


def _judge_compromise(n):
    if max(_width(number) for number in n.values()) > 0.2:
        return not_shown("the intervals are too wide to tell a factor from 1")
    lecun_keeps = n["lecun_forward"].lower <= 1 <= n["lecun_forward"].upper
    xavier_keeps = n["xavier_forward"].lower <= 1 <= n["xavier_forward"].upper
    if lecun_keeps and not xavier_keeps and n["xavier_backward"].upper < n["lecun_backward"].lower:
        return holds_if(
            "fan_in = fan_out: otherwise 1/n is LeCun's rule, which keeps the signal exactly and the gradient not at "
            "all, and Glorot's 2 / (fan_in + fan_out) divides the error between the two"
        )
    return holds("the two rules do the same") if xavier_keeps else fails("neither keeps the signal")


COMPROMISE = Claim(
    id="C-06-3",
    lecture="L4 l.278",
    statement="Glorot's initialisation is n Var(W) = 1, which keeps the variance",
    condition="Layers of 100 and 25 units without activation, 200 draws; factor of the signal into the narrow layer "
    "and of the gradient out of the wide one",
    rule="'Holds if' when 1/n keeps the signal (interval holds 1), Glorot's 2/(fan_in + fan_out) does not, and changes "
    "the gradient less. Holds if Glorot's keeps it too, fails otherwise. Intervals wider than 0.2 show nothing.",
    effects=(Effect("xavier_forward", 1.0), Effect("xavier_backward", 4.0)),
    experiment=_compromise,
    judge=_judge_compromise,
)


# --- C-06-4 -------------------------------------------------------------------------------------------

WIDTH, DEEP = 40, 30
ISOMETRY = {"linear": ("linear", 1.0), "tanh": ("tanh", 1.0), "relu": ("relu", np.sqrt(2))}
NORMAL = "normal, 1/√n (LeCun)"
ROUNDING = 1e-10  # a singular value this far below the largest is one of rounding errors: 0


def _isometry(seeds=10):
    values = {
        (key, name): np.array([singular_values(name, *ISOMETRY[key], DEEP, WIDTH, seed) for seed in range(seeds)])
        for key, name in (("linear", "orthogonal"), ("tanh", "orthogonal"), ("relu", "orthogonal"), ("linear", NORMAL))
    }
    numbers = {
        key: mean_interval(_middle(values[key, "orthogonal"]), f"{key}, orthogonal: {LABEL}", 2)
        for key in ("linear", "tanh")
    }
    numbers["normal"] = mean_interval(_middle(values["linear", NORMAL]), f"linear, normal: {LABEL}", 2)
    numbers["rank"] = mean_interval(_rank(values["relu", "orthogonal"]), f"ReLU, orthogonal: rank, of {WIDTH}", 2)
    lines = [
        Line(f"{key}, {name.split(',')[0]}", np.arange(1, WIDTH + 1), _drawn(found))
        for (key, name), found in values.items()
    ]
    return Evidence(numbers, Plot("number of the singular value", "singular value / largest", tuple(lines), "y"))


LABEL = "middle singular value / largest"


def _middle(values):
    return values[:, WIDTH // 2] / values[:, 0]


def _rank(values):
    return np.sum(values > ROUNDING * values[:, :1], axis=1)


def _drawn(values):
    """Medians over the seeds; what is 0 has no place on a logarithmic axis."""
    share = np.median(values / values[:, :1], axis=0)
    return np.where(share > ROUNDING, share, np.nan)


def _judge_isometry(n):
    if abs(n["linear"].value - 1) > 1e-6 or n["normal"].lower > 0.1:
        return fails("orthogonal weights are no better than normal ones, even without an activation")
    if n["normal"].upper > 0.1 or n["rank"].lower < WIDTH - 1 < n["rank"].upper:
        return not_shown("the intervals hold both answers")
    if n["rank"].upper <= WIDTH - 1:
        return holds_if(
            "the activation is nearly linear where the units work (none, or a tanh with small inputs): ReLU's zeros "
            "take directions away in every layer, at any gain (Pennington, Schoenholz and Ganguli 2017)"
        )
    return holds("for ReLU as well")


ORTHOGONAL = Claim(
    id="C-06-4",
    lecture="Saxe, McClelland and Ganguli 2014, section 3",
    statement="Orthogonal weights keep all directions of signal and gradient alike, at any depth",
    condition=f"Singular values of the Jacobian of {DEEP} layers of {WIDTH} units at a small input, 10 seeds; "
    "orthogonal and normal, linear, tanh and ReLU (gain sqrt(2))",
    rule="Fails unless without activation the middle singular value equals the largest for orthogonal weights (to one "
    "part in 1e6), and if for normal ones it is more than a tenth of it (interval). 'Holds if' when with ReLU the rank "
    "is below 39 of 40 (interval): directions are lost, not shrunk. Holds if it is not; an interval that holds the "
    "border shows nothing.",
    effects=(Effect("normal", none=1.0), Effect("rank", none=float(WIDTH))),
    experiment=_isometry,
    judge=_judge_isometry,
    revised="A first version printed the decades between the largest and the middle singular value. Behind ReLU the "
    "middle one is 0, and what was printed, 13 decades, was the smallest number that the code let through.",
)

SIGNAL_CLAIMS = (N_VARIANCE, TANH, COMPROMISE, ORTHOGONAL)
