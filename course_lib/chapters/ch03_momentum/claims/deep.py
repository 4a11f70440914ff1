"""Chapter 3, "a slowly increasing momentum trains deep networks": an autoencoder of eight layers on the digits.

The runs take minutes and are stored (``measured``); the tests repeat one of them.
"""

import numpy as np

from course_lib.chapters.ch03_momentum.claims.measured import made_with, measured
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

RISING, USUAL, NUM_STEPS = "rising to 0.99", "constant 0.9", 2000


def _deep():
    found = measured("deep")
    losses = {name: np.array(about["curves"])[:, -1] for name, about in found.items()}
    tuned = {name: min(loss for _, loss in about["tuning"]) for name, about in found.items()}
    best = min((name for name in found if name != RISING), key=tuned.get)  # chosen on other seeds than it is judged by
    gains = {name: np.log10(loss / losses[RISING]) for name, loss in losses.items()}
    numbers = {
        "gain": mean_interval(gains[USUAL], "powers of ten by which the rising momentum ends below a constant 0.9", 2),
        "best": mean_interval(gains[best], f"the same, below the best constant, {best.removeprefix('constant ')}", 2),
        "plain": mean_interval(gains["constant 0"], "the same, below gradient descent (constant 0)", 2),
    }
    for name, about in found.items():
        numbers[name] = Measured(about["rate"], label=f"best learning rate, {name}", digits=2)
    steps = np.linspace(0, 1, 11) * NUM_STEPS
    lines = [Line(name, steps, np.array(about["curves"]).mean(0)) for name, about in found.items()]
    return Evidence(numbers, Plot("update", "loss on all training images", tuple(lines), "y"))


def _judge_deep(n):
    if n["gain"].upper <= 0:
        return fails("a constant 0.9, tuned alike, ends as low")
    if n["gain"].lower <= 0:
        return not_shown("against a constant 0.9 the interval holds both answers")
    if n["best"].lower > 0:
        return holds("it ends lower than every constant that was tried, each at its own best learning rate")
    if n["best"].upper <= 0:
        return holds_if("the constant is the usual 0.9; another one, tuned alike, ends as low")
    return not_shown("below a constant 0.9 it is, but against the best constant the interval holds both answers")


DEEP = Claim(
    id="C-03-15",
    lecture="L2 l.36 (quoting Sutskever et al. 2013)",
    statement="With a slowly increasing schedule for the momentum, SGD with momentum can train deep networks",
    condition="An autoencoder on the 1258 training images of the digits, eight layers of tanh units, 64-48-32-16-8 and "
    "back, batches of 200, 2000 updates of Nesterov's method; the schedule of Sutskever et al. (3.18), from 0.5 to "
    "0.99, against the constants 0, 0.9 and 0.99, each at the best of 13 learning rates, 1.5 times apart, on 2 seeds; "
    f"10 fresh seeds, paired; {made_with('deep')}",
    rule="Fails if a constant 0.9 ends as low (upper end of the gain at most 0). Holds if the rising momentum ends "
    "below the constant that is best on the tuning seeds (lower end above 0); 'holds if' where it gains over 0.9 and "
    "that constant ends as low; not shown where an interval holds both answers.",
    experiment=_deep,
    judge=_judge_deep,
    effects=(Effect("gain"), Effect("best")),
)

DEEP_CLAIMS = (DEEP,)
