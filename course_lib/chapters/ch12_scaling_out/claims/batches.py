"""Chapter 12, large batches: what they cost, how their rate is found, where they end."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.claims.measured import made_with, measured
from course_lib.chapters.ch12_scaling_out.experiments.batch_sizes import fit_asymptotes
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
    share_interval,
)
from course_lib.claims.runs import ratio_interval

DIGITS = "64-32-10 net on 1 000 digits, plain descent, constant rate"

# --- C-12-6 -------------------------------------------------------------------------------------------


def _slower():
    found = measured("batch_sizes")
    sizes, steps = np.array(found["sizes"]), np.array(found["steps"])
    samples, place = steps * sizes[:, None], found["sizes"].index
    fit = fit_asymptotes(sizes, steps.mean(axis=1))
    numbers = {
        "small": ratio_interval(samples[place(8)] / samples[place(1)], "samples seen, batches of 8 over batches of 1"),
        "large": ratio_interval(
            samples[place(256)] / samples[place(8)], "samples seen, batches of 256 over batches of 8"
        ),
        "critical": Measured(fit.critical, label="critical batch size, from the fit", digits=2),
        "fewest": Measured(fit.fewest, label="updates of an infinite batch, from the fit", digits=2),
    }
    lines = (
        Line("measured", sizes, samples.mean(axis=1), samples.min(axis=1), samples.max(axis=1)),
        Line("fit", sizes, sizes * fit.steps(sizes), theory=True),
    )
    return Evidence(numbers, Plot("batch size", "samples seen until the loss is 0.15", lines, "xy"))


def _judge_slower(n):
    if n["large"].upper < 1.25:
        return fails("batches of 256 need no more samples than batches of 8")
    if n["large"].lower <= 1.25 or n["small"].upper > 1.25 >= n["small"].lower:
        return not_shown("an interval holds both answers")
    if n["small"].upper <= 1.25:
        return holds_if(
            "the batch is beyond the critical size: below it twice the batch halves the number of updates, and the "
            "same data teach as much"
        )
    return holds("every larger batch needs more samples")


SLOWER = Claim(
    id="C-12-6",
    lecture="L3 l.35",
    statement="A larger batch means fewer updates for the same amount of data, which slows training",
    condition=f"{DIGITS}, until the loss on all of them is 0.15; batches of 1 to 1 000, each at the best of 16 rates "
    f"by factors of 1.4, chosen on 4 other seeds; 10 seeds; {made_with('batch_sizes')}",
    rule="Fails if batches of 256 need less than 1.25 times as many samples as batches of 8 (upper end). 'Holds if' "
    "when they need more (lower end) and batches of 8 need no more than 1.25 times as many as batches of 1 (upper "
    "end); not shown where an interval holds 1.25; else holds.",
    experiment=_slower,
    judge=_judge_slower,
    effects=(Effect("large", 1.0, ratio=True),),
)

# --- C-12-7 -------------------------------------------------------------------------------------------


def _linear():
    found = measured("linear_scaling")
    factors, place = np.array(found["factors"]), found["factors"].index
    rows = {way: np.array(found[way], dtype=float) for way in ("at once", "warm-up")}
    base = rows["at once"][0]
    arrived = {way: np.isfinite(rows[way]) for way in rows}
    numbers = {
        "eight": ratio_interval(
            base / (8 * rows["at once"][place(8)]), "k = 8: updates of k = 1 / (8 times those of k = 8)"
        ),
        "far": share_interval(arrived["at once"][place(32)], "k = 32: share of the runs that arrive"),
        "far, warmed": share_interval(arrived["warm-up"][place(32)], "the same after a warm-up of 160 updates"),
        "edge": share_interval(arrived["at once"][place(24)], "k = 24: share of the runs that arrive"),
        "edge, warmed": share_interval(arrived["warm-up"][place(24)], "the same after a warm-up of 160 updates"),
        "rate": Measured(found["rate"], label="best rate of a batch of 1"),
    }
    lines = tuple(Line(f"rate times k, {way}", factors, arrived[way].mean(axis=1)) for way in rows)
    return Evidence(numbers, Plot("k", "share of the runs that reach the target", lines, "x"))


def _judge_linear(n):
    if n["eight"].upper < 0.7:
        return fails("eight times the batch and the rate need more than an eighth of the updates")
    if n["eight"].lower <= 0.7 or n["far"].lower <= 0.5 <= n["far"].upper:
        return not_shown("an interval holds both answers")
    if n["far"].upper < 0.5:
        return holds_if(
            "k stays small: with k = 8 it holds; with k = 32, about the critical batch size, runs do not arrive"
        )
    return holds("for k = 8 and for k = 32")


LINEAR = Claim(
    id="C-12-7",
    lecture="Goyal et al. 2017, section 2.1",
    statement="When the batch is k times as large, multiply the learning rate by k",
    condition=f"{DIGITS}, until the loss on all of them is 0.15, at most 1 000 updates; from batches of 1 at their "
    f"best rate; 10 seeds; {made_with('linear_scaling')}",
    rule="Fails if with k = 8 less than 0.7 of the factor 8 arrives (upper end). 'Holds if' when 0.7 arrive (lower "
    "end) and with k = 32 less than half of the runs reach the target (upper end); holds if more than half do; else "
    "not shown.",
    experiment=_linear,
    judge=_judge_linear,
    effects=(Effect("eight", 1 / 8, ratio=True),),
)

# --- C-12-8 -------------------------------------------------------------------------------------------

SAME = 1.15  # sharpness within this factor counts as the same


def _sharp():
    arms = measured("minima")
    small, large, same = (
        {name: np.array(arms[arm][name]) for name in ("loss", "sharpness", "accuracy")}
        for arm in ("small", "large", "large, same rate")
    )
    rates = {arm: f"rate {arms[arm]['rate']:.2g}" for arm in arms}
    numbers = {
        "loss": ratio_interval(large["loss"] / small["loss"], "training loss, batches of 500 over batches of 16", 3),
        "own": ratio_interval(
            large["sharpness"] / small["sharpness"],
            f"largest eigenvalue, the same ({rates['large']}, {rates['small']})",
            3,
        ),
        "kept": ratio_interval(
            same["sharpness"] / small["sharpness"], f"largest eigenvalue when 500 keeps the {rates['small']}", 3
        ),
        "accuracy": mean_interval(
            100 * (large["accuracy"] - small["accuracy"]), "test accuracy, 500 less 16, own rates, points", 2
        ),
        "accuracy, kept": mean_interval(
            100 * (same["accuracy"] - small["accuracy"]), "the same at one rate, points", 2
        ),
    }
    lines = tuple(
        Line(f"batches of {arm['size']}, rate {arm['rate']:.2g}", np.arange(1, 11), np.sort(arm["sharpness"]))
        for arm in arms.values()
    )
    return Evidence(numbers, Plot("seed, from flat to sharp", "largest eigenvalue of the Hessian", lines))


def _judge_sharp(n):
    if not 0.95 < n["loss"].lower <= n["loss"].upper < 1.05:
        return not_shown("the training losses at which they were compared differ")
    if n["own"].lower > SAME:
        return holds("with each at its own best rate")
    if n["own"].upper > SAME:
        return not_shown("the interval holds both answers")
    return fails("at equal training loss and each at its own best rate, they are sharper by less than a seventh")


SHARP = Claim(
    id="C-12-8",
    lecture="L3 l.36 (Keskar et al. 2017)",
    statement="Large batches end in sharper minima",
    condition=f"{DIGITS}, compared where the loss on all of them first is 0.1; batches of 16 and 500, each at the "
    "rate with the best validation accuracy (of 14 by factors of 1.4, on 4 other seeds), and 500 at the rate of 16; "
    f"10 seeds, from the same weights; {made_with('minima')}",
    rule="Holds if, each at its own rate, the largest eigenvalue of batches of 500 is more than 1.15 times that of "
    "batches of 16 (lower end), fails if it is not (upper end); not shown where the interval holds 1.15 or the "
    "training losses differ by 5 %.",
    experiment=_sharp,
    judge=_judge_sharp,
    effects=(Effect("own", 1.0, ratio=True),),
    revised="The first rule also asked for the sharpness at the rate of the small batch, whose interval held both "
    "answers: it is printed and no longer judged.",
)

# --- C-12-9 -------------------------------------------------------------------------------------------


def _noise_scale():
    found = measured("batch_sizes")
    sizes, steps = np.array(found["sizes"]), np.array(found["steps"])
    noise = np.array(found["noise"])
    critical = np.array([fit_asymptotes(sizes, steps[:, seed]).critical for seed in range(steps.shape[1])])
    numbers = {
        "ratio": ratio_interval(noise / critical, "noise scale over critical batch size"),
        "noise": ratio_interval(noise, "noise scale, geometric mean of four places of a run"),
        "critical": ratio_interval(critical, "critical batch size, fitted to each seed"),
    }
    seeds = np.arange(1, 1 + len(noise))
    return Evidence(
        numbers, Plot("seed", "batch size", (Line("noise scale", seeds, noise), Line("critical", seeds, critical)), "y")
    )


def _judge_noise_scale(n):
    low, high = n["ratio"].lower, n["ratio"].upper
    if low >= 1 / 3 and high <= 3:
        return holds("to a factor of three")
    if high < 1 / 3 or low > 10:
        return fails("it is off by more than the order of magnitude, or too small by more than a factor of three")
    if low > 3 and high <= 10:
        return holds_if("the order of magnitude is asked for: it is several times too large here")
    return not_shown("the interval holds several answers")


NOISE_SCALE = Claim(
    id="C-12-9",
    lecture="McCandlish et al. 2018, section 2.2",
    statement="The gradient noise scale predicts the critical batch size",
    condition="The runs of C-12-6, the critical size fitted to each seed; the noise scale at training losses of "
    f"1.5, 0.8, 0.4 and 0.2 on the way of batches of 64; {made_with('batch_sizes')}",
    rule="Holds if their ratio lies between 1/3 and 3 (interval), 'holds if' when between 3 and 10; fails if below "
    "1/3 or above 10; else not shown.",
    experiment=_noise_scale,
    judge=_judge_noise_scale,
    effects=(Effect("ratio", 1.0, ratio=True),),
)
