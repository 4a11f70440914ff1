"""Chapter 11, what only training shows: clipping, truncation, a curriculum; all at their own best settings."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.claims.measured import made_with, measured
from course_lib.chapters.ch11_depth_sequences.experiments.clipping import RATES
from course_lib.chapters.ch11_depth_sequences.experiments.curriculum import ARMS
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
from course_lib.claims.runs import ratio_interval

GUESSING = 1 / 6


def _losses(found):
    """Losses of one arm; what overflowed, or is worse than always answering 1, counts as guessing."""
    return np.minimum(np.array(found["loss"], dtype=float), GUESSING)


# --- C-11-4 -------------------------------------------------------------------------------------------


def _antidote():
    found = measured("clipping")
    plain, clipped = found["no clipping"], found["clipped at 1"]
    gain = np.log(_losses(plain)) - np.log(_losses(clipped))
    numbers = {
        "ratio": ratio_interval(np.exp(gain), "loss without clipping / clipped at 1, each at its own best rate"),
        "plain": mean_interval(_losses(plain), f"loss without, learning rate {plain['rate']:.2g} (guessing: 0.167)"),
        "clipped": mean_interval(_losses(clipped), f"clipped at 1, learning rate {clipped['rate']:.2g}"),
        "rates": Measured(clipped["rate"] / plain["rate"], label="best rate clipped / best rate without", digits=2),
        "acted": mean_interval(clipped["acted"], "share of the updates in which clipping acted", 2),
    }
    lines = tuple(
        Line(name, np.array(RATES), np.minimum(np.array(arm["choosing"]), 1.0)) for name, arm in found.items()
    )
    return Evidence(numbers, Plot("learning rate", "mean loss of the choosing seeds, at most 1", lines, "xy"))


def _judge_antidote(n):
    if n["ratio"].upper < 1:
        return fails("the loss is higher with clipping")
    if n["ratio"].lower <= 1 or n["clipped"].upper > 0.9 * GUESSING:
        return not_shown("equal losses lie within the interval, or nothing was learned")
    return holds(
        "each at its own best rate, the loss is lower with clipping; and rates work with it that diverge without"
    )


ANTIDOTE = Claim(
    id="C-11-4",
    lecture="L3 l.86",
    statement="Gradient clipping can be an effective antidote to exploding gradients",
    condition="Adding task of length 20, tanh RNN with 12 units from a rotation, momentum 0.9, batches of 16, 1000 "
    "updates; rates by factors of 1.5 chosen on 6 seeds, reported on 20 others; "
    f"{made_with('clipping')}",
    rule="Holds if the loss without clipping is larger, as a ratio, interval included; fails if it is smaller; not "
    "shown "
    "if the interval holds 1, or if clipped training is not 10 % better than guessing. A run that overflows counts as "
    "guessing.",
    effects=(Effect("ratio", 1.0, ratio=True), Effect("clipped", GUESSING, ends=(GUESSING,))),
    experiment=_antidote,
    judge=_judge_antidote,
    revised="length, net and number of updates were chosen in trial runs, so that the task is learned at all; the rule "
    "and the seeds that are reported were not touched afterwards.",
)

# --- C-11-5 -------------------------------------------------------------------------------------------


def _always():
    found = measured("clipping")
    always, often, seldom = (found[name] for name in ("always 0.1 long", "clipped at 0.1", "clipped at 1"))
    numbers = {
        "printed": ratio_interval(_losses(always) / _losses(seldom), "loss: always rescaled / clipped at 1"),
        "small": ratio_interval(_losses(always) / _losses(often), "loss: always rescaled / clipped at 0.1"),
        "acted": mean_interval(often["acted"], "share of the updates in which clipping at 0.1 acts", 2),
        "seldom": mean_interval(seldom["acted"], "the same, clipping at 1", 2),
    }
    lines = tuple(Line(name, np.arange(20), np.sort(_losses(found[name]))) for name in found if name != "no clipping")
    return Evidence(numbers, Plot("seed, sorted by loss", "loss", lines, "y"))


def _judge_always(n):
    if n["printed"].upper < 1.5 and n["small"].upper < 1.5:
        return holds(
            "rescaling every gradient costs less than half of the loss more than clipping does: on noisy batches of "
            "this "
            "task clipping at 0.1 acts nearly always, and is the same thing"
        )
    if n["printed"].lower > 1.5 or n["small"].lower > 1.5:
        return fails("with every gradient at one length the loss is more than one and a half times as large")
    return not_shown("one and a half times the loss lies within an interval")


ALWAYS = Claim(
    id="C-11-5",
    lecture="L3 l.92-104",
    statement="Exploding gradients are avoided by normalizing the gradient to one length (as the formula is printed)",
    condition="The runs of C-11-4, with every gradient brought to the length 0.1 at its own best rate, against "
    "clipping "
    "at 0.1 and at 1",
    rule="Holds if the loss is less than 1.5 times that of clipping, at 0.1 and at 1, intervals included; fails if it "
    "is more than that of one of the two; else not shown. Where batches have no noise it cannot converge.",
    effects=(Effect("printed", 4.0, ratio=True), Effect("small", 4.0, ratio=True)),
    experiment=_always,
    judge=_judge_always,
)

# --- C-11-6 -------------------------------------------------------------------------------------------


def _truncation():
    found = measured("truncation")
    chunks = np.array([int(chunk) for chunk in found["4"]])
    errors = {size: np.array([arm["error"] for arm in found[size].values()]) for size in ("4", "24")}
    short, long = 2, 5  # places in chunks: 4 steps, less than the lag of 5, and 12
    numbers = {
        "gap": mean_interval(errors["4"][short] - errors["4"][long], "4 units: error, chunks of 4 - chunks of 12", 2),
        "small": mean_interval(errors["4"][short], "4 units, chunks of 4 (guessing: 1)", 2),
        "large": mean_interval(errors["24"][:3].max(axis=0), "24 units, the worst of chunks of 1, 2 and 4", 2),
        "whole": mean_interval(errors["24"][-1], "24 units, the whole sequence", 2),
        "one": mean_interval(errors["24"][0] / errors["24"][-1], "24 units: chunks of 1 / whole sequence", 2),
    }
    lines = tuple(
        Line(
            f"{size} units",
            chunks,
            values.mean(axis=1),
            *(values.mean(axis=1) + sign * 2 * values.std(axis=1, ddof=1) / 4 for sign in (-1, 1)),
        )
        for size, values in errors.items()
    )
    return Evidence(numbers, Plot("length of a chunk (the lag is 5)", "error over that of guessing", lines, "x"))


def _judge_truncation(n):
    if n["gap"].upper < 0:
        return fails("short chunks learn the dependency better")
    if n["gap"].lower <= 0 or n["large"].lower <= 0.5 <= n["large"].upper:
        return not_shown("no difference, or half of guessing, lies within the interval")
    if n["large"].lower > 0.5:
        return holds("with chunks shorter than the lag it is not learned, in small nets and in large ones")
    return holds_if(
        "the state does not carry the past by itself: in a net of 24 units random weights already remember it, and the "
        "readout, which needs no gradient through time, finds it"
    )


TRUNCATION = Claim(
    id="C-11-6",
    lecture="L3 l.21",
    statement="Truncated backpropagation limits the length of the dependencies that can be learned",
    condition="Repeat the number of 5 steps before, sequences of 24, tanh RNN with 4 and with 24 units, Adam, 800 "
    "updates "
    "of 8 sequences; rates chosen on 6 seeds, reported on 16 others; "
    f"{made_with('truncation')}",
    rule="Fails if 4 units learn it better with chunks of 4 than of 12. If they learn it worse: holds if 24 units, "
    "with "
    "chunks of 1, 2 and 4, stay above half of the error of guessing; 'holds if' when they fall below. An interval that "
    "holds 0, or a half, shows nothing.",
    effects=(Effect("gap"), Effect("large", 1.0, ends=(0.5,))),
    experiment=_truncation,
    judge=_judge_truncation,
    revised="the lag and the two sizes were chosen in trial runs on other seeds.",
)

# --- C-11-8 -------------------------------------------------------------------------------------------


def _curriculum():
    found = measured("curriculum")
    loss = {arm: _losses(found[arm]) for arm in ARMS}
    best = found["short to long"]
    numbers = {
        "full": ratio_interval(loss["full length"] / loss["short to long"], "loss: full length only / short to long"),
        "mixed": ratio_interval(loss["mixed"] / loss["short to long"], "loss: mixed / short to long"),
        "later": ratio_interval(loss["mixed, then full"] / loss["short to long"], "mixed, then full / short to long"),
        **{f"of {arm}": mean_interval(values, f"loss: {arm} (guessing: 0.167)", 2) for arm, values in loss.items()},
        "rate": Measured(best["rate"], label="best rate, short to long", digits=2),
        "pace": Measured(best["pace"], label="share of the work until the full length", digits=2),
    }
    lines = tuple(Line(arm, np.arange(16), np.sort(values)) for arm, values in loss.items())
    return Evidence(numbers, Plot("seed, sorted by loss", "loss at the full length", lines, "y"))


def _judge_curriculum(n):
    if n["full"].upper < 1 and n["mixed"].upper < 1:
        return fails("the curriculum's loss is higher than that of the full length and of the mixture")
    if n["full"].lower <= 1 or n["mixed"].lower <= 1:
        return not_shown("an equal loss lies within an interval")
    if n["later"].lower > 1:
        return holds(
            "the loss is lower than with the full length, with all lengths mixed, and with mixed ones at first"
        )
    if n["later"].upper < 1:
        return partly("short sequences at first help", "that their order does: mixed lengths at first help more")
    return not_shown("short sequences at first help; whether their order does lies within the interval")


CURRICULUM = Claim(
    id="C-11-8",
    lecture="L3 l.40",
    statement="Easy examples first, gradually harder ones: useful for what is very hard to train",
    condition="Adding task of length 25, tanh RNN with 16 units, Adam, 40 000 steps of time for every arm; rates by "
    "factors of 1.5 and paces of 0.25 to 0.9 chosen on 6 seeds, reported on 16 others; "
    f"{made_with('curriculum')}",
    rule="Fails if short to long has a higher loss than full length and mixture; not shown if one of these intervals "
    "holds 1. Against mixed lengths at first and then the full one: holds if lower, partly if higher, not shown where "
    "the interval holds 1.",
    effects=(Effect("full", 1.0, ratio=True), Effect("mixed", 1.0, ratio=True), Effect("later", 1.0, ratio=True)),
    experiment=_curriculum,
    judge=_judge_curriculum,
    revised="length and work were chosen in trial runs on the choosing seeds, so that the task is learned at all; "
    "smaller rates and a pace of 0.9 were added after a first run whose best ones lay at the edge of the grid.",
)

TRAINING_CLAIMS = (ANTIDOTE, ALWAYS, TRUNCATION, CURRICULUM)
