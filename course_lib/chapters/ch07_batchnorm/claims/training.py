"""Chapter 7, what only training shows: the landscape, covariate shift, small batches, large steps, placement."""

from functools import lru_cache

import numpy as np

from course_lib.chapters.ch07_batchnorm.experiments import DISTANCES, accuracy, landscape_run, shift_run, train_digits
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
)

PLAIN, NORMED, NOISY = "none", "batch norm", "noisy batch norm"


def _medians(run):
    """Spread of the losses ahead, gradient change at four and at a quarter of a learning rate; medians over the run."""
    late = slice(3, None)  # the first steps are about the output layer
    quarter = DISTANCES.index(0.25)
    return (
        np.median(run.spread[late]),
        np.median(run.changes[late, -1]),
        np.median(run.changes[late, quarter]),
    )


@lru_cache(maxsize=64)
def _final(norm, rate, seed):
    """Loss after 120 steps in ten layers; two claims ask for the same runs."""
    return train_digits(norm, rate, 120, seed=seed).final


# --- C-07-1 -------------------------------------------------------------------------------------------


def _smoother():
    seeds = range(3)
    runs = {norm: [landscape_run(norm, 0.1, seed=seed) for seed in seeds] for norm in (PLAIN, NORMED)}
    slow = {norm: [landscape_run(norm, 0.02, num_steps=40, seed=seed) for seed in seeds] for norm in (PLAIN, NORMED)}
    ratio = np.log([np.divide(_medians(a), _medians(b)) for a, b in zip(runs[PLAIN], runs[NORMED], strict=True)])
    local = [np.log(_medians(a)[2] / _medians(b)[2]) for a, b in zip(slow[PLAIN], slow[NORMED], strict=True)]
    numbers = {
        "spread": _times(ratio[:, 0], "losses ahead span this many times more without, up to 4 learning rates"),
        "change": _times(ratio[:, 1], "the gradient changes this many times more without, 4 learning rates away"),
        "local": _times(local, "the same 0.005 away, a quarter of a learning rate of 0.02"),
    }
    curves = {norm: np.mean([np.median(run.changes[3:], axis=0) for run in runs[norm]], axis=0) for norm in runs}
    lines = tuple(
        Line(name, np.array(DISTANCES), curves[norm]) for norm, name in ((PLAIN, "without"), (NORMED, "batch norm"))
    )
    return Evidence(numbers, Plot("distance / learning rate", "change of the gradient over its length", lines))


def _times(logarithms, label):
    """Geometric mean with its interval."""
    mean = mean_interval(logarithms, label, 2)
    return mean._replace(value=np.exp(mean.value), low=np.exp(mean.low), high=np.exp(mean.high))


def _judge_smoother(n):
    if n["spread"].lower <= 1 or n["change"].lower <= 1:
        return fails("what lies ahead of a step is no smoother with batch normalisation")
    if n["local"].upper < 1:
        return holds_if(
            "one looks as far as a training step and beyond, which is what Santurkar et al. measured; right beside the "
            "point the gradient turns more quickly with it"
        )
    return holds("losses and gradients ahead vary less, and nearby not more")


SMOOTHER = Claim(
    id="C-07-1",
    lecture="L4 l.318",
    statement="Batch normalisation smooths the loss landscape",
    condition="Digits, 10 hidden layers of 48 ReLU units, He's draw, batches of 64, descent with learning rate 0.1, "
    "100 steps (0.02 and 40 for the near look), 3 seeds; probed every 4 steps along the step itself",
    rule="Fails if, up to 4 learning rates ahead, losses or gradients do not vary more without batch normalisation "
    "(lower ends above 1). 'Holds if' when a look an 80th as far shows the opposite (upper end below 1).",
    experiment=_smoother,
    judge=_judge_smoother,
)


# --- C-07-2 -------------------------------------------------------------------------------------------


OWN_RATES = {PLAIN: (0.05, 0.1, 0.2), NORMED: (0.4, 0.8), NOISY: (0.4, 0.8)}


def _shift():
    seeds = range(3)
    found = {norm: [shift_run(norm, seed=seed) for seed in seeds] for norm in (PLAIN, NORMED, NOISY)}
    shift = {norm: [np.median(shifts) for _, shifts in runs] for norm, runs in found.items()}
    best = {
        norm: np.min([[_final(norm, rate, seed) for seed in seeds] for rate in rates], axis=0)
        for norm, rates in OWN_RATES.items()
    }
    numbers = {
        "calm": _times(np.log(np.divide(shift[PLAIN], shift[NORMED])), "shift a step without / with batch norm"),
        "jumps": _times(np.log(np.divide(shift[NOISY], shift[PLAIN])), "shift a step, noisy batch norm / without"),
        "same": Measured(
            np.mean([run.final for run, _ in found[NOISY]]) - np.mean([run.final for run, _ in found[NORMED]]),
            label="loss that noise costs after 120 steps at the learning rate 0.1",
            digits=1,
        ),
        "plain": _best(best[PLAIN], "loss, each at its own best rate: without"),
        "normed": _best(best[NORMED], "batch norm"),
        "noisy": _best(best[NOISY], "noisy batch norm"),
    }
    steps = np.arange(0, 120, 3)
    lines = tuple(
        Line(norm if norm != PLAIN else "without", steps, np.mean([shifts for _, shifts in found[norm]], axis=0))
        for norm in (PLAIN, NORMED, NOISY)
    )
    return Evidence(numbers, Plot("step", "shift of what activations get, a step", lines, "y"))


def _best(losses, label):
    return mean_interval(losses, label, 2)


def _judge_shift(n):
    if n["calm"].lower <= 1:
        return fails("the inputs of the activations shift as much with batch normalisation")
    gained, lost = n["plain"].value - n["normed"].value, n["noisy"].value - n["normed"].value
    if n["jumps"].lower > 1 and lost < gained / 2:
        return holds_if(
            "it is read as a description, not as the reason: inputs do shift less, but with noise that makes them "
            "shift more than without any norm, most of the gain in training stays"
        )
    return holds("inputs shift less, and where noise makes them shift the gain is gone")


SHIFT = Claim(
    id="C-07-2",
    lecture="L4 l.321",
    statement="With batch normalisation units are less sensitive to the changing distribution of their input "
    "(internal covariate shift), and this makes training quicker",
    condition="Digits, 10 hidden layers of 48, batches of 64, 120 steps, 3 seeds; shifts at the learning rate 0.1, "
    "losses each at its own best of 0.05, 0.1, 0.2 (without) or 0.4, 0.8 (with); noise redraws scale and shift of "
    "every unit at every step (standard deviation 0.1)",
    rule="Fails if inputs do not shift less with batch normalisation. 'Holds if' when noisy batch normalisation shifts "
    "them more than no normalisation does and still loses less than half of the gain in loss.",
    revised="A first version compared losses at the one learning rate of 0.1, where batch normalisation gains little "
    "and the noise costs most of it; now each net has its own best rate.",
    experiment=_shift,
    judge=_judge_shift,
)


# --- C-07-3 -------------------------------------------------------------------------------------------

SIZES, NUM_RUNS = (1, 2, 8, 64), 4


def _small_batches():
    scores = {}
    for norm in (NORMED, "group norm"):
        for size in SIZES:
            runs = [train_digits(norm, 0.05, 240, size, seed, depth=3) for seed in range(NUM_RUNS)]
            scores[norm, size] = [accuracy(run.network, run.theta) for run in runs]
    numbers = {
        f"{norm[:5]}_{size}": Measured(
            np.sum(np.greater(scores[norm, size], 0.5)),
            label=f"runs of {NUM_RUNS} that read over half: {norm}, batches of {size}",
        )
        for norm in (NORMED, "group norm")
        for size in SIZES
    }
    numbers["large"] = mean_interval(scores[NORMED, 64], "accuracy, batch norm, batches of 64", 2)
    numbers["group_large"] = mean_interval(scores["group norm", 64], "accuracy, group norm, batches of 64", 2)
    lines = tuple(
        Line(norm, np.array(SIZES), np.array([np.mean(scores[norm, size]) for size in SIZES]))
        for norm in (NORMED, "group norm")
    )
    return Evidence(numbers, Plot("batch size", "test accuracy after 240 steps", lines, "x"))


def _judge_small(n):
    if min(n[f"group_{size}"].value for size in SIZES) < NUM_RUNS:
        return fails("group normalisation breaks, too")
    if n["batch_1"].value + n["batch_2"].value == 0:
        return holds(
            "with batches of one or two no run with batch normalisation reads half of the digits, and every "
            "run with group normalisation does"
        )
    return holds_if("the batch is a single sample") if n["batch_1"].value == 0 else fails("batch normalisation learns")


SMALL_BATCHES = Claim(
    id="C-07-3",
    lecture="L1 l.382 (Wu and He 2018)",
    statement="Batch normalisation fails at small batches, group normalisation does not",
    condition="Digits, 3 hidden layers of 48, learning rate 0.05, 240 steps whatever the batch size, 4 seeds; test "
    "accuracy in inference mode",
    rule="Holds if no run of 4 with batch normalisation reads over half of the digits after training with single "
    "samples or pairs, and every run with group normalisation does; 'holds if' when so with single samples only.",
    experiment=_small_batches,
    judge=_judge_small,
)


# --- C-07-5 -------------------------------------------------------------------------------------------

RATES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
LEARNED = 1.0  # mean loss of the last 40 of 120 steps; guessing has 2.3


def _large_steps():
    final = {
        norm: np.array([[_final(norm, rate, seed) for rate in RATES] for seed in range(3)]) for norm in (PLAIN, NORMED)
    }
    largest = {norm: [_largest(row) for row in rows] for norm, rows in final.items()}
    best = {norm: rows.min(axis=1) for norm, rows in final.items()}
    numbers = {
        "plain": Measured(max(largest[PLAIN]), label="largest rate that learns (loss < 1) without, best of 3 seeds"),
        "normed": Measured(min(largest[NORMED]), label="largest rate that learns with batch norm, worst of 3 seeds"),
        "best": _times(np.log(best[PLAIN] / best[NORMED]), "loss without / with, each at its own best rate"),
    }
    lines = tuple(
        Line("without" if norm == PLAIN else norm, np.array(RATES), np.mean(final[norm], axis=0)) for norm in final
    )
    return Evidence(numbers, Plot("learning rate", "loss after 120 steps", lines, "xy"))


def _largest(row):
    """The largest rate up to which all learn; 0 if the smallest does not."""
    failed = [rate for rate, loss in zip(RATES, row, strict=True) if loss >= LEARNED]
    return max((rate for rate in RATES if not failed or rate < failed[0]), default=0.0)


def _judge_large(n):
    if n["normed"].value <= n["plain"].value:
        return fails("no larger learning rate is possible")
    if n["best"].lower > 1:
        return holds("larger rates learn, and at its own best rate each net shows the gain")
    return holds_if("one counts the rates that work: at its own best rate the plain net is as good")


LARGE_STEPS = Claim(
    id="C-07-5",
    lecture="L4 l.318",
    statement="Batch normalisation enables faster and more robust convergence: larger learning rates become possible",
    condition="Digits, 10 hidden layers of 48, He's draw, batches of 64, 120 steps of plain descent, rates 0.1 to 6.4 "
    "by factors of 2, 3 seeds; a net has learned if its mean loss over the last 40 steps is under 1",
    rule="Fails if the largest rate that still learns is not larger with batch normalisation (its worst seed against "
    "the other's best). Holds if it also reaches a lower loss, each at its own best rate (lower end above 1).",
    experiment=_large_steps,
    judge=_judge_large,
)


# --- C-07-7 -------------------------------------------------------------------------------------------


def _placement():
    logs = {}
    for depth in (4, 10):
        before, after = (
            [train_digits(NORMED, 0.2, 120, seed=seed, depth=depth, before=place).final for seed in range(5)]
            for place in (True, False)
        )
        logs[depth] = np.log(np.divide(after, before))
    numbers = {
        "shallow": _times(logs[4], "loss after / before the activation, 4 hidden layers"),
        "deep": _times(logs[10], "loss after / before the activation, 10 hidden layers"),
    }
    lines = tuple(Line(f"{depth} hidden layers", np.arange(5), np.exp(values)) for depth, values in logs.items())
    return Evidence(numbers, Plot("seed", "loss after the activation / before it", lines))


def _judge_placement(n):
    layers = {"shallow": "4 hidden layers", "deep": "10 hidden layers"}
    before = [layers[name] for name in layers if n[name].lower > 1]
    behind = [layers[name] for name in layers if n[name].upper < 1]
    if len(before) == 2:
        return holds("before the activation both nets reach a lower loss")
    if before:
        return holds_if(f"the net has {before[0]}")
    if behind:
        return fails(f"behind the activation the loss is lower with {' and with '.join(behind)}")
    return fails("neither place is better")


PLACEMENT = Claim(
    id="C-07-7",
    lecture="L4 l.322",
    statement="Batch normalisation is better used before the activation, when that makes a distribution non-Gaussian",
    condition="Training loss on digits, 4 and 10 hidden layers of 48 ReLU units, learning rate 0.2, batches of 64, 120 "
    "steps, 5 seeds",
    rule="Holds if the loss is lower before the activation in both nets (lower ends of the ratio above 1), 'holds if' "
    "in one of them, else fails.",
    experiment=_placement,
    judge=_judge_placement,
)

TRAINING_CLAIMS = (SMOOTHER, SHIFT, SMALL_BATCHES, LARGE_STEPS, PLACEMENT)
