"""Chapter 5, a rate for every coordinate: Adagrad, RMSprop, Adadelta, and where they help."""

import numpy as np

from course_lib.chapters.ch05_adaptive.claims.digits import stored
from course_lib.chapters.ch05_adaptive.experiments.sparse import learned
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
    partly,
)
from course_lib.layers import LeastSquares, Linear, Tanh
from course_lib.network import Network, NetworkLoss
from course_lib.objective import Objective
from course_lib.optimizers import Adadelta, Adagrad, Adam, Adamax, AMSGrad, Momentum, Nadam, RMSprop
from course_lib.optimizers.effective import effective_rate
from course_lib.run import descend, iterate
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import ravine, rotated

NUM_STARTS = 30


def bowls(eigenvalues):
    """sum of eigenvalue * theta^2 / 2 over the last axis."""
    values = np.asarray(eigenvalues, dtype=float)
    return Objective(lambda theta: np.sum(values * theta**2, axis=-1) / 2, lambda theta: values * theta)


# --- C-05-1 -------------------------------------------------------------------------------------------

EIGENVALUES = np.geomspace(0.01, 1, 10)
RATES = np.geomspace(1e-3, 10, 13)


def _last(objective, optimizer, start, num_steps, seed):
    """theta at the end and the values of the last tenth of the run, averaged."""
    values, late = 0.0, num_steps // 10
    walk = iterate(objective, optimizer, start, num_steps, rng=np.random.default_rng(seed))
    for t, (theta, _) in enumerate(walk):
        values = values + objective.value(theta) / late if t > num_steps - late else values
    return values


def _stops_early():
    rng, num_steps = np.random.default_rng(50501), 1500
    start, noisy = 3 * rng.normal(size=(NUM_STARTS, 10)), with_gradient_noise(bowls(EIGENVALUES), 0.3)
    rates, starts = RATES[:, None, None], np.broadcast_to(start, (len(RATES), NUM_STARTS, 10))
    ends = {cls: _last(noisy, cls(learning_rate=rates), starts, num_steps, 1) for cls in (Adagrad, RMSprop)}
    small = int(np.argmin(np.abs(RATES - 0.01)))
    optimizer = Adagrad(0.01)
    walk = iterate(noisy, optimizer, start, num_steps, rng=np.random.default_rng(2))
    falling = np.array([effective_rate(optimizer, *both).mean() for t, both in enumerate(walk) if t])
    t = np.arange(1, num_steps + 1)
    pure = with_gradient_noise(bowls(np.zeros(200)), 1.0)
    walk = iterate(pure, optimizer, np.zeros(200), num_steps, rng=np.random.default_rng(3))
    in_noise = np.array([effective_rate(optimizer, *both).mean() for i, both in enumerate(walk) if i])
    gap = {cls: np.log10(end) for cls, end in ends.items()}
    numbers = {
        "exponent": Measured(
            log_slope(t[100:], in_noise[100:]), label="exponent of Adagrad's rate in noise, theory -0.5"
        ),
        "theory": Measured(
            np.max(np.abs(in_noise[100:] * np.sqrt(t[100:]) / 0.01 - 1)),
            label="largest deviation of that rate from learning_rate / (sigma sqrt(t))",
            digits=1,
        ),
        "small": mean_interval(
            gap[Adagrad][small] - gap[RMSprop][small], "learning rate 0.01: powers of ten by which Adagrad ends higher"
        ),
        "tuned": mean_interval(
            gap[Adagrad].min(axis=0) - gap[RMSprop].min(axis=0), "the same, each with its best learning rate"
        ),
        "best_adagrad": Measured(
            RATES[np.argmin(gap[Adagrad].mean(axis=1))], label="Adagrad's best learning rate", digits=2
        ),
        "best_rmsprop": Measured(
            RATES[np.argmin(gap[RMSprop].mean(axis=1))], label="RMSprop's best learning rate", digits=2
        ),
    }
    plot = Plot(
        "step",
        "Adagrad's effective rate",
        (
            Line("on the noisy bowl", t, falling),
            Line("in pure noise", t, in_noise),
            Line("0.01 / sqrt(t)", t, 0.01 / np.sqrt(t), theory=True),
        ),
        log="xy",
    )
    return Evidence(numbers, plot)


def _judge_stops_early(n):
    if n["small"].upper <= 0:
        return fails("with the same small learning rate it ends no higher than RMSprop")
    if n["small"].lower <= 0:
        return not_shown("with the same small learning rate the interval holds both answers")
    if n["tuned"].lower > 0:
        return holds("also with its best learning rate it ends above RMSprop")
    if n["tuned"].upper < 0:
        return holds_if(
            "its learning rate is as small as one is used to from others: tuned, Adagrad wants a far larger one, and "
            "its falling rate is then a schedule that settles lower in noise"
        )
    return not_shown("with its best learning rate the interval holds both answers")


STOPS_EARLY = Claim(
    id="C-05-1",
    lecture="L0 l.235; L1 l.305; L2 l.95",
    statement="Adagrad is a very aggressive approach: learning usually stops too early",
    condition="Bowl with 10 coordinates, condition number 100, gradient noise 0.3, 30 starts, 1500 steps, the "
    "same learning "
    "rate 0.01 and the best of 13",
    rule="Fails unless Adagrad ends higher than RMSprop at learning rate 0.01 (interval above 0); holds if it "
    "does so with "
    "the best learning rates, too; 'holds if' otherwise.",
    experiment=_stops_early,
    judge=_judge_stops_early,
    effects=(Effect("small"), Effect("tuned")),
)

# --- C-05-2 -------------------------------------------------------------------------------------------

ADAPTIVE = (Adagrad, RMSprop, Adadelta, Adam, AMSGrad, Nadam, Adamax)


def tied_network(seed, spread=0.0):
    """``(loss, theta)``: 2 inputs, 4 hidden units that start alike up to ``spread``, one output."""
    rng = np.random.default_rng([502, seed])
    network = Network(Linear(2, 4, rng), Tanh(), Linear(4, 1, rng))
    first, second = network.layers[0].params, network.layers[2].params
    first["weight"][...] = first["weight"][:, :1] if first["weight"].shape == (2, 4) else first["weight"][:1]
    second["weight"][...] = second["weight"].ravel()[0]
    for array in (first["weight"], second["weight"]):
        array += spread * rng.normal(size=array.shape)
    x = rng.normal(size=(40, 2))
    return NetworkLoss(network, x, np.sin(2 * x[:, :1]) * x[:, 1:], LeastSquares()), network.theta.copy()


def spread_of_units(loss, theta):
    """Largest difference between the four units in anything that they own."""
    loss.network.theta = theta
    weight = loss.network.layers[0].params["weight"]
    weight = weight if weight.shape == (2, 4) else weight.T
    out = loss.network.layers[2].params["weight"].ravel()
    return float(max(np.ptp(weight, axis=1).max(), np.ptp(out)))


def _symmetry(num_steps=150):
    tied, free, curves = [], [], []
    for cls in ADAPTIVE:
        for store, spread in ((tied, 0.0), (free, 1e-3)):
            loss, theta = tied_network(0, spread)
            optimizer = cls() if cls is Adadelta else cls(learning_rate=0.02)
            path = descend(loss, optimizer, theta, num_steps).thetas
            store.append(spread_of_units(loss, path[-1]))
            if cls is Adagrad:
                every = np.arange(0, num_steps + 1, 10)
                curves.append((every, np.array([spread_of_units(loss, path[t]) for t in every])))
    numbers = {
        "tied": Measured(max(tied), label="largest spread of units that started alike, seven methods"),
        "free": Measured(min(free), label="least spread of units that started 0.001 apart"),
    }
    plot = Plot(
        "step",
        "spread of the units, Adagrad",
        (Line("started alike", *curves[0]), Line("started 0.001 apart", *curves[1])),
    )
    return Evidence(numbers, plot)


def _judge_symmetry(n):
    if n["tied"].value > 1e-6:
        return holds("units that started alike have come apart")
    return fails(
        "units that start alike get the same gradients, keep the same sums and stay alike; what breaks symmetry is the "
        "initialisation"
    )


SYMMETRY = Claim(
    id="C-05-2",
    lecture="L0 l.226",
    statement="Adagrad's rates for each weight may help with breaking symmetries",
    condition="A network with 2 inputs, 4 tanh units and one output, all units alike at the start; seven "
    "adaptive methods, "
    "150 steps",
    rule="Holds if the units of any method come apart by more than 1e-6; fails otherwise.",
    experiment=_symmetry,
    judge=_judge_symmetry,
    identity=True,
)

# --- C-05-3 -------------------------------------------------------------------------------------------

EPSILONS = np.geomspace(1e-10, 1e-2, 9)
USUAL = (EPSILONS > 5e-9) & (EPSILONS < 2e-4)


def _no_learning_rate():
    surface, num_steps = ravine(30.0), 300
    starts = np.broadcast_to(np.array(surface.start), (len(EPSILONS), 2))
    run = descend(surface, Adadelta(eps=EPSILONS[:, None]), starts, num_steps)
    first = np.abs(run.thetas[1] - run.thetas[0])[:, 1]
    g = np.abs(surface.gradient(np.array(surface.start)))[1]
    theory = np.sqrt(EPSILONS / (0.1 * g**2 + EPSILONS)) * g
    last = run.values[-1]
    table = {row[0]: row[1] for row in stored()["Adadelta"]["tuning"]}
    numbers = {
        "spread": Measured(
            np.max(last[USUAL]) / np.min(last[USUAL]), label="f after 300 steps: worst / best of eps 1e-8 to 1e-4"
        ),
        "exponent": Measured(
            log_slope(EPSILONS[:7], first[:7]), label="exponent of the first step against eps, theory 0.5"
        ),
        "theory": Measured(
            np.max(np.abs(first / theory - 1)),
            label="largest deviation from sqrt(eps / ((1-rho) g^2 + eps)) |g|",
            digits=1,
        ),
        "first": Measured(first[4], label="first step with eps 1e-6"),
        "digits_1": Measured(table[1.0], label="digits: steps to the target with its learning rate of 1"),
        "digits": Measured(
            min(table.values()), label=f"the same with its best, {stored()['Adadelta']['learning_rate']:g}"
        ),
    }
    plot = Plot(
        "eps",
        "f after 300 steps, and the first step",
        (
            Line("f after 300 steps", EPSILONS, last),
            Line("first step", EPSILONS, first),
            Line("first step by theory", EPSILONS, theory, theory=True),
        ),
        log="xy",
    )
    return Evidence(numbers, plot)


def _judge_no_learning_rate(n):
    if n["spread"].value < 10 and n["digits_1"].value < 2 * n["digits"].value:
        return holds("neither eps nor a factor before the update matters much")
    return fails(
        "eps has taken the learning rate's place: the first steps grow like its root, and a tuned factor helps"
    )


NO_LEARNING_RATE = Claim(
    id="C-05-3",
    lecture="L1 l.339; L2 l.128",
    statement="Adadelta does not need to set a learning rate",
    condition="Ravine of condition number 30, 300 steps, eps from 1e-10 to 1e-2, all else by default; and the "
    "digits of C-05-16",
    rule="Holds if f after 300 steps changes by less than a factor of 10 for eps from 1e-8 to 1e-4, and on the "
    "digits a tuned "
    "factor before the update halves the number of steps at most; fails otherwise.",
    experiment=_no_learning_rate,
    judge=_judge_no_learning_rate,
    effects=(Effect("spread", none=1.0, ratio=True), Effect("digits_1", none=101.0)),
)

# --- C-05-12 ------------------------------------------------------------------------------------------


def _swings(cls, angle, rates, num_steps=150):
    """Of each learning rate: way across the corridor over the first distance; when f is below f / 1000 for good.

    The second is ``num_steps + 1`` where it never is.
    """
    surface = rotated(ravine(30.0), angle)
    starts = np.broadcast_to(np.array(surface.start), (len(rates), 2))
    run = descend(surface, cls(learning_rate=rates[:, None]), starts, num_steps)
    a = np.deg2rad(angle)
    with np.errstate(all="ignore"):
        across = run.thetas @ np.array([-np.sin(a), np.cos(a)])
        way = np.sum(np.abs(np.diff(across, axis=0)), axis=0) / np.abs(across[0])
        above = ~(run.values < run.values[0] / 1000)
    arrived = np.where(above.any(axis=0), num_steps + 1 - np.argmax(above[::-1], axis=0), 0)
    return way, arrived


def _oscillates_less():
    rates, num_steps = np.geomspace(1e-4, 3, 91), 150
    found = {
        (cls, angle): _swings(cls, angle, rates, num_steps) for cls in (Momentum, RMSprop) for angle in (0.0, 45.0)
    }
    spacing, names, numbers = np.log10(rates[1] / rates[0]), {Momentum: "momentum", RMSprop: "RMSprop"}, {}
    for (cls, angle), (way, arrived) in found.items():
        key = f"{names[cls].lower()}_{angle:.0f}"
        best = int(np.argmin(arrived))
        numbers[f"way_{key}"] = Measured(
            way[best],
            label=f"{names[cls]}, {angle:.0f}°: way across the corridor / first distance, best learning rate",
            digits=2,
        )
        numbers[f"width_{key}"] = Measured(
            spacing * np.sum(arrived <= num_steps),
            label=f"{names[cls]}, {angle:.0f}°: powers of ten of learning rates that come below f / 1000",
            digits=2,
        )
    lines = [Line(f"{names[cls]}, {angle:.0f}°", rates, arrived) for (cls, angle), (_, arrived) in found.items()]
    return Evidence(numbers, Plot("learning rate", "steps until f stays below f / 1000", tuple(lines), log="x"))


def _judge_oscillates_less(n):
    calmer = [n[f"way_rmsprop_{a}"].value < n[f"way_momentum_{a}"].value for a in (0, 45)]
    wider = [n[f"width_rmsprop_{a}"].value > n[f"width_momentum_{a}"].value for a in (0, 45)]
    if all(calmer) and all(wider):
        return holds("at both angles it swings less and stands more learning rates")
    if not (calmer[0] or wider[0]):
        return fails("even along an axis it swings as much, and it stands no more learning rates")
    if all(calmer) and not any(wider):
        return partly("it swings less at both angles", "that it is more robust: fewer learning rates arrive")
    return partly("along an axis one of the two is so", "it swings less and stands more learning rates at both angles")


OSCILLATES_LESS = Claim(
    id="C-05-12",
    lecture="L4 l.97",
    statement="RMSprop is more robust and oscillates less than momentum",
    condition="Ravine of condition number 30, along an axis and at 45 degrees, momentum 0.9, rho 0.9, 150 "
    "steps, 91 learning "
    "rates from 0.0001 to 3",
    rule="Holds if at both angles RMSprop's way across the corridor is shorter at the learning rate that "
    "arrives first, and "
    "more learning rates bring f below a thousandth for good; fails if along the axis neither is so; partly "
    "between.",
    revised="A first version counted changes of side at the lowest f, where it counted rounding errors.",
    experiment=_oscillates_less,
    judge=_judge_oscillates_less,
    effects=(Effect("width_rmsprop_0", none=3.0), Effect("width_rmsprop_45", none=3.0)),
)

# --- C-05-13 ------------------------------------------------------------------------------------------

SEEDS = range(6)


def _sparse():
    loss = {
        (name, rare): np.array([learned(name, seed, rare)[1] for seed in SEEDS])
        for name in ("SGD", "Adagrad", "Adam")
        for rare in (True, False)
    }
    share = {
        name: np.array([learned(name, seed)[0][-5:].mean() for seed in SEEDS]) for name in ("SGD", "Adagrad", "Adam")
    }

    def gain(name, rare):
        return 100 * (1 - loss[name, rare] / loss["SGD", rare])

    numbers = {
        "adagrad": mean_interval(gain("Adagrad", True), "rare features: Adagrad's loss lower than SGD's by percent"),
        "adam": mean_interval(gain("Adam", True), "rare features: Adam's loss lower than SGD's by percent"),
        "adagrad_even": mean_interval(gain("Adagrad", False), "all features equally frequent: Adagrad"),
        "adam_even": mean_interval(gain("Adam", False), "all features equally frequent: Adam"),
        "learned": mean_interval(share["Adagrad"], "share of the weights of the 5 rarest that Adagrad learns", 2),
        "learned_adam": mean_interval(share["Adam"], "the same, Adam", 2),
        "learned_sgd": mean_interval(share["SGD"], "the same, SGD", 2),
    }
    x = np.array(SEEDS, dtype=float)
    lines = tuple(Line(name, x, gain(name, True)) for name in ("Adagrad", "Adam"))
    even = tuple(Line(f"{name}, equally frequent", x, gain(name, False)) for name in ("Adagrad", "Adam"))
    return Evidence(numbers, Plot("data set", "loss lower than SGD's, percent", (*lines, *even)))


def _judge_sparse(n):
    if n["adagrad"].upper <= 0 or n["adam"].upper <= 0:
        return fails("with rare features it does not beat a tuned SGD")
    if n["adagrad"].lower <= 0 or n["adam"].lower <= 0:
        return not_shown("with rare features the interval holds both answers")
    if n["adagrad_even"].upper < n["adagrad"].lower and n["adam_even"].upper < n["adam"].lower:
        return holds_if(
            "features differ in how often they occur: then the rare ones keep a high rate; where all are alike "
            "the gain is small or gone"
        )
    if n["adagrad_even"].lower > n["adagrad"].upper or n["adam_even"].lower > n["adam"].upper:
        return holds("it beats a tuned SGD with rare features, and no less without")
    return not_shown("it beats a tuned SGD with rare features; whether no less without, the intervals leave open")


SPARSE = Claim(
    id="C-05-13",
    lecture="L2 l.177; L3 l.168",
    statement="Adagrad and Adam are able to deal with sparse gradients",
    condition="Logistic regression on 40 features that are on in 1/2 to 1/200 of 3000 samples, or all in 1/10; "
    "batches of 10, "
    "600 steps, 6 data sets, the best of 19 learning rates for each method",
    rule="Fails unless Adagrad and Adam end below SGD with rare features (intervals above 0); 'holds if' when "
    "with equally "
    "frequent features the gain is smaller (intervals apart); else holds.",
    experiment=_sparse,
    judge=_judge_sparse,
    effects=(Effect("adagrad"), Effect("adam")),
)

RATE_CLAIMS = (STOPS_EARLY, SYMMETRY, NO_LEARNING_RATE, OSCILLATES_LESS, SPARSE)
