"""Chapter 7, what only training shows: the landscape, covariate shift, small batches, large steps, placement."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.claims.measured import made_with, measured
from course_lib.chapters.ch07_batchnorm.experiments import DISTANCES, accuracy, train_digits
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
    partly,
)
from course_lib.claims.runs import largest_rate, ratio_interval

PLAIN, NORMED, NOISY = "none", "batch norm", "noisy batch norm"


# --- C-07-1 -------------------------------------------------------------------------------------------


def _smoother():
    plain, normed = (measured("landscapes")[norm] for norm in (PLAIN, NORMED))
    labels = {
        "spread": "losses ahead span this many times more without, up to 4 learning rates",
        "change": "the gradient changes this many times more without, 4 learning rates away",
        "local": "the same 0.005 away, a quarter of a learning rate of 0.02",
    }
    numbers = {name: ratio_interval(np.divide(plain[name], normed[name]), label) for name, label in labels.items()}
    lines = tuple(
        Line(name, np.array(DISTANCES), np.array(found["curve"]))
        for name, found in (("without", plain), ("batch norm", normed))
    )
    return Evidence(numbers, Plot("distance / learning rate", "change of the gradient over its length", lines))


def _judge_smoother(n):
    if min(n["spread"].upper, n["change"].upper) < 1:
        return fails("what lies ahead of a step is no smoother with batch normalisation")
    if min(n["spread"].lower, n["change"].lower) <= 1 or n["local"].lower <= 1 <= n["local"].upper:
        return not_shown("the intervals hold both answers")
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
    condition="Digits, 10 hidden layers of 48 ReLU units, He initialisation, batches of 64, descent with rate 0.1, "
    "100 steps (0.02 and 40 for the near look), 10 seeds; probed every 4 steps along the step itself; "
    f"{made_with('landscapes')}",
    rule="Fails if, up to 4 learning rates ahead, losses or gradients vary more with batch normalisation (intervals). "
    "'Holds if' when they vary less, and a look an 80th as far shows the opposite; holds if it does not; an interval "
    "that holds 1 shows nothing.",
    effects=(Effect("spread", 1.0, ratio=True), Effect("change", 1.0, ratio=True), Effect("local", 1.0, ratio=True)),
    experiment=_smoother,
    judge=_judge_smoother,
)


# --- C-07-2 -------------------------------------------------------------------------------------------


def _shift():
    found = measured("shifts")
    plain, normed, noisy = (found[norm] for norm in (PLAIN, NORMED, NOISY))
    numbers = {
        "calm": ratio_interval(np.divide(plain["shift"], normed["shift"]), "shift a step without / with batch norm"),
        "jumps": ratio_interval(np.divide(noisy["shift"], plain["shift"]), "shift a step, noisy batch norm / without"),
        "gained": mean_interval(np.subtract(plain["loss"], normed["loss"]), "loss: without - batch norm", 2),
        "lost": mean_interval(np.subtract(noisy["loss"], normed["loss"]), "loss: noisy batch norm - batch norm", 2),
        "plain": mean_interval(plain["loss"], f"loss without, rate {plain['rate']:.2g}", 2),
        "normed": mean_interval(normed["loss"], f"batch norm, rate {normed['rate']:.2g}", 2),
        "noisy": mean_interval(noisy["loss"], f"noisy batch norm, rate {noisy['rate']:.2g}", 2),
    }
    lines = tuple(
        Line(name, np.arange(0, 120, 3), np.array(values["curve"]))
        for name, values in (("without", plain), (NORMED, normed), (NOISY, noisy))
    )
    return Evidence(numbers, Plot("step", "shift of what activations get, a step", lines, "y"))


def _judge_shift(n):
    if n["calm"].upper < 1:
        return fails("the inputs of the activations shift more with batch normalisation")
    if n["calm"].lower <= 1 or n["gained"].lower <= 0 or n["jumps"].lower <= 1:
        return not_shown("whether inputs shift less, whether training gains, or whether noise brings the shift back")
    if n["lost"].upper < n["gained"].lower / 2:
        return partly(
            "inputs shift less, and training is quicker",
            "that the one makes the other: with noise that makes inputs shift more than without any norm, most of the "
            "gain stays",
        )
    if n["lost"].lower > n["gained"].upper / 2:
        return holds("inputs shift less, and where noise makes them shift again most of the gain is gone")
    return not_shown("how much of the gain the noise leaves lies within the interval")


SHIFT = Claim(
    id="C-07-2",
    lecture="L4 l.321 (Ioffe and Szegedy 2015)",
    statement="With batch normalisation units are less sensitive to the distribution of their input (internal "
    "covariate shift), and this is why training is quicker",
    condition="Digits, 10 hidden layers of 48, batches of 64, 120 steps, 10 seeds; shifts at the learning rate 0.1, "
    "losses each at its own best rate of eleven from 0.044 to 2.6 (chosen on seeds 100 to 104); noise redraws scale "
    f"and shift of every unit at every step (standard deviation 0.1); {made_with('shifts')}",
    rule="Fails if inputs shift more with batch normalisation. Given that they shift less, that training gains, and "
    "that noise makes them shift more than without a norm (intervals): partly if the noise costs less than half of the "
    "gain in loss, holds if more (intervals apart); else not shown.",
    effects=(Effect("calm", 1.0, ratio=True), Effect("gained")),
    experiment=_shift,
    judge=_judge_shift,
    revised="A first version compared losses at the one learning rate of 0.1, where batch normalisation gains little "
    "and the noise costs most of it; now each net has its own best rate. And its verdict, 'holds if it is read as a "
    "description', was a refutation of the second half: now it says partly. What the noise"
    " costs is compared with the gain seed by seed since a run in which the plain net's own spread hid it.",
)


# --- C-07-3 -------------------------------------------------------------------------------------------

SIZES, NUM_RUNS = (1, 2, 8, 64), 10
FAR = 0.3  # of accuracy: what one would call to fail


def _small_batches():
    scores = {}
    for norm in (NORMED, "group norm"):
        for size in SIZES:
            runs = [train_digits(norm, 0.05, 240, size, seed, depth=3) for seed in range(NUM_RUNS)]
            scores[norm, size] = [accuracy(run.network, run.theta) for run in runs]
    gaps = {size: np.subtract(scores["group norm", size], scores[NORMED, size]) for size in SIZES}
    numbers = {
        f"gap_{size}": mean_interval(gaps[size], f"accuracy, group norm - batch norm, batches of {size}", 2)
        for size in SIZES
    } | {
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
    if min(n["large"].lower, n["group_large"].lower) < 0.5:
        return not_shown("even large batches may not learn")
    if n["gap_1"].upper < FAR:
        return fails("even with single samples batch normalisation reads nearly as many digits, or more")
    if n["gap_1"].lower <= FAR:
        return not_shown("whether single samples break batch normalisation lies within the interval")
    if n["gap_2"].lower > FAR:
        return holds("with batches of one or two batch normalisation reads far fewer digits than group normalisation")
    if n["gap_2"].upper < FAR:
        return holds_if("the batch is a single sample")
    return not_shown("whether pairs break batch normalisation lies within the interval")


SMALL_BATCHES = Claim(
    id="C-07-3",
    lecture="L1 l.382 (Wu and He 2018)",
    statement="Batch normalisation fails at small batches, group normalisation does not",
    condition="Digits, 3 hidden layers of 48, learning rate 0.05, 240 steps whatever the batch size, 10 seeds; test "
    "accuracy in inference mode",
    rule="Paired differences in accuracy, group minus batch normalisation. Holds if they are above 0.3 with batches of "
    "one and of two (intervals), 'holds if' with single samples only, fails if below 0.3 with single samples; an "
    "interval that holds the border shows nothing, nor do nets that do not learn from batches of 64.",
    effects=(Effect("gap_1"), Effect("gap_2")),
    experiment=_small_batches,
    judge=_judge_small,
    revised="A first version had 4 seeds and counted runs that read over half of the digits, without an interval.",
)


# --- C-07-5 -------------------------------------------------------------------------------------------


def _large_steps():
    found = measured("large_steps")
    rates, plain, normed = (np.array(found[key]) for key in ("rates", PLAIN, NORMED))
    largest = {norm: np.array([largest_rate(rates, row) for row in found[norm]]) for norm in (PLAIN, NORMED)}
    own = {norm: rows[:, np.argmin(rows.mean(axis=0))] for norm, rows in ((PLAIN, plain), (NORMED, normed))}
    numbers = {
        "ratio": ratio_interval(
            largest[NORMED] / largest[PLAIN], "largest rate that learns, with / without, 10 layers"
        ),
        "plain": ratio_interval(largest[PLAIN], "largest rate that learns without"),
        "normed": ratio_interval(largest[NORMED], "largest rate that learns with batch norm"),
        "best": ratio_interval(own[PLAIN] / own[NORMED], "loss without / with, each at its own best rate"),
    }
    lines = tuple(
        Line(name, rates, np.median(rows, axis=0)) for name, rows in (("without", plain), ("batch norm", normed))
    )
    return Evidence(numbers, Plot("learning rate", "loss after 120 steps, median of 10 seeds", lines, "xy"))


def _judge_large(n):
    if n["ratio"].upper < 1:
        return fails("no larger learning rate is possible")
    if n["ratio"].lower <= 1:
        return not_shown("the largest rate may be the same")
    if n["best"].lower > 1:
        return holds("larger rates learn, and each net at its own best rate, batch normalisation reaches a lower loss")
    if n["best"].upper < 1:
        return partly(
            "larger rates learn", "faster convergence: at its own best rate the plain net reaches a lower loss"
        )
    return not_shown("larger rates learn; whether the loss at the own best rate is lower lies within the interval")


LARGE_STEPS = Claim(
    id="C-07-5",
    lecture="L4 l.318",
    statement="Batch normalisation enables faster and more robust convergence: larger learning rates become possible",
    condition="Digits, 10 hidden layers of 48, He initialisation, batches of 64, 120 steps of plain descent, rates "
    "0.044 to 8.6 by factors of 1.5, 10 seeds; a net learns at a rate if its mean loss over the last 40 steps is under "
    f"1; {made_with('large_steps')}",
    rule="For each seed the largest rate up to which all learn; fails if it is smaller with batch normalisation "
    "(interval of the ratio), not shown if it may be the same. Holds if the net also reaches a lower loss, each at its "
    "own best rate (interval above 1), partly if it reaches a higher one; else not shown.",
    effects=(Effect("ratio", 1.0, ratio=True), Effect("best", 1.0, ratio=True)),
    experiment=_large_steps,
    judge=_judge_large,
    revised="The first version had a grid of factors of 2 and three seeds.",
)


# --- C-07-7 -------------------------------------------------------------------------------------------


def _placement():
    found, numbers, lines = measured("placement"), {}, []
    for name, layers in (("shallow", "4 layers"), ("deep", "10 layers")):
        before, behind = (found[layers][place] for place in ("before", "behind"))
        ratio = np.divide(behind["loss"], before["loss"])
        rates = f"rates {behind['rate']:.2g} and {before['rate']:.2g}"
        numbers[name] = ratio_interval(ratio, f"{layers}: loss behind / before the activation, {rates}")
        gain = np.subtract(behind["accuracy"], before["accuracy"])
        numbers[f"{name}_test"] = mean_interval(gain, f"{layers}: test accuracy, behind - before", 1)
        lines.append(Line(layers, np.arange(1, len(ratio) + 1), np.sort(ratio)))
    return Evidence(numbers, Plot("seed, sorted", "loss behind the activation / before it", tuple(lines)))


def _judge_placement(n):
    layers = {"shallow": "4 hidden layers", "deep": "10 hidden layers"}
    before = [layers[name] for name in layers if n[name].lower > 1]
    behind = [layers[name] for name in layers if n[name].upper < 1]
    if len(before) == 2:
        return holds("before the activation both nets reach a lower loss")
    if before:
        return holds_if(f"the net has {before[0]}")
    if behind:
        return fails(f"behind the activation the training loss is lower with {' and with '.join(behind)}")
    return not_shown("the training losses may be the same in both places")


PLACEMENT = Claim(
    id="C-07-7",
    lecture="L4 l.322",
    statement="Batch normalisation is better used before the activation, when that makes a distribution non-Gaussian",
    condition="Digits, 4 and 10 hidden layers of 48 ReLU units, batches of 64, training loss after 120 steps; each "
    "place at its own best of seven rates by factors of 1.5 (chosen on seeds 100 to 102), 10 other seeds, paired; "
    f"{made_with('placement')}",
    rule="Holds if the loss is lower before the activation in both nets (lower ends of the ratio above 1), 'holds if' "
    "in one of them. Fails if it is higher there in one and lower in none (upper end below 1); else not shown.",
    effects=(Effect("shallow", 1.0, ratio=True), Effect("deep", 1.0, ratio=True)),
    experiment=_placement,
    judge=_judge_placement,
    revised="A first version trained both at the one rate 0.2 and found a larger difference, 0.64.",
)

TRAINING_CLAIMS = (SMOOTHER, SHIFT, SMALL_BATCHES, LARGE_STEPS, PLACEMENT)
