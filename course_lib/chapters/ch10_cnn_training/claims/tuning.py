"""Chapter 10, "alchemy": random against grid search, and what the learning-rate range test is worth."""

import numpy as np

from course_lib.chapters.ch10_cnn_training.claims.measured import made_with, measured
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
from course_lib.claims.runs import ratio_interval

# --- C-10-7 -------------------------------------------------------------------------------------------


def _searches():
    found = measured("searches")
    grids, random = (np.array(found[key]) for key in ("grid", "random"))  # (seeds, places of the grid), (seeds,)
    grids = grids[:, np.argsort(grids.mean(axis=0))]
    grid, places = grids.mean(axis=1), grids.shape[1]
    numbers = {
        "grid": mean_interval(grid, f"best of 9 on a grid, test accuracy, mean over its {places} places"),
        "random": mean_interval(random, "best of 9 random trials, mean over all draws"),
        "difference": mean_interval(random - grid, "random - grid", 2),
        "worst": mean_interval(grids[:, 0], "the grid at its worst place"),
        "best": mean_interval(grids[:, -1], "the grid at its best place"),
        "rates": Measured(
            found["rates"]["random"] / found["rates"]["grid"], label="learning rates tried, random / grid"
        ),
    }
    ranks, draws = np.arange(1, 1 + places), np.full(places, random.mean())
    lines = Line("grid", ranks, grids.mean(axis=0)), Line("random", ranks, draws)
    return Evidence(
        numbers, Plot("place of the grid, from worst to best", "test accuracy of the network chosen", lines)
    )


def _judge_searches(n):
    if n["difference"].upper < 0:
        return fails("the grid finds better values")
    if n["difference"].lower > 0:
        return holds("on average over where the grid lies: as many random trials try more learning rates")
    return not_shown("over these seeds the difference may be 0")


SEARCHES = Claim(
    id="C-10-7",
    lecture="Bergstra and Bengio 2012, abstract",
    statement="Random search beats grid search with the same number of trials",
    condition="small LeNet on the digits, momentum, 3 epochs; learning rate 0.0001 to 1 and weight decay 1e-7 to 1e-3, "
    "24 and 6 values on logarithmic axes, all 144 points trained for each of 10 seeds; then every 3 x 3 grid and every "
    "draw of 9 points is counted out; the best is chosen on the validation images and scored on the test images; "
    f"{made_with('searches')}",
    rule="Holds if the paired difference is above 0 (two standard errors), fails if it is below, else not shown.",
    effects=(Effect("difference"),),
    experiment=_searches,
    judge=_judge_searches,
    revised="A first version had 20 searches, chose and scored on the same images, and called an interval that holds 0 "
    "'holds if many searches are averaged'. A second one drew 30 searches, and the luck of the draws hid the "
    "difference; now none is drawn. The rule is the same.",
)

# --- C-10-8 -------------------------------------------------------------------------------------------

NEAR = -0.03
NAMES = ("SGD", "momentum", "Adam")


def _range_tests():
    found, numbers, lines = measured("range_tests"), {}, []
    for name in NAMES:
        values = found[name]
        best = np.array(values["best"])
        numbers[name] = mean_interval(
            np.array(values["reached"]) - best, f"{name}: accuracy, named rate - best rate", 2
        )
        numbers[f"{name}, tenth"] = mean_interval(np.array(values["tenth"]) - best, f"{name}: a tenth of it - best", 2)
        numbers[f"{name}, rate"] = ratio_interval(
            np.array(values["named"]) / values["rate"], f"{name}: named rate / best rate ({values['rate']:.2g})"
        )
        lines.append(Line(name, np.arange(1, 1 + len(best)), np.sort(values["named"])))
    plot = Plot("seed, from the smallest to the largest", "learning rate named by the range test", tuple(lines), "y")
    return Evidence(numbers, plot)


def _judge_range_tests(n):
    near = [name for name in NAMES if n[name].lower > NEAR]
    far = [name for name in NAMES if n[name].upper < NEAR]
    if len(near) == len(NAMES):
        return holds("the named rate comes within three points of the best, for all three optimizers")
    if len(far) == len(NAMES):
        return fails("the named rate stays more than three points below the best, for all three optimizers")
    if near and len(near) + len(far) == len(NAMES):
        return holds_if(
            f"the optimizer is {' or '.join(near)}; with {' and '.join(far)} it is more than three points off"
        )
    unclear = [name for name in NAMES if name not in near + far]
    return not_shown(f"for {' and '.join(unclear)} three points lie within the interval")


RANGE_TESTS = Claim(
    id="C-10-8",
    lecture="Smith 2017, section 3.3; in this form Gugger and Howard 2018",
    statement="One short range test finds a good learning rate",
    condition="small LeNet on the digits, 100 steps from 0.00001 to 10, steepest place before the lowest loss, "
    "smoothed over 7 steps; against the best constant rate for 4 epochs (validation images of other seeds, by factors "
    f"of 1.5); accuracy on the test images, 10 seeds; {made_with('range_tests')}",
    rule="A named rate is near the best if it costs less than three points of accuracy (lower end of the paired "
    "difference above -0.03), far if it costs more (upper end below). Holds if it is near for SGD, momentum and Adam, "
    "fails if it is far for all; 'holds if' when each is one or the other; else not shown.",
    effects=tuple(Effect(name) for name in NAMES),
    experiment=_range_tests,
    judge=_judge_range_tests,
    revised="A first version looked for the steepest place behind the jump of the loss, too, and found it there; and "
    "it called a rate near when it only might be, which a noisier experiment passes more easily.",
)

TUNING_CLAIMS = (SEARCHES, RANGE_TESTS)
