"""Chapter 10, "alchemy": random against grid search, and what the learning-rate range test is worth."""

import numpy as np

from course_lib.chapters.ch10_cnn_training.claims.measured import made_with, measured
from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, holds_if, mean_interval

# --- C-10-7 -------------------------------------------------------------------------------------------


def _searches():
    found = measured("searches")
    grid, random = (np.array(found[key]) for key in ("grid", "random"))
    numbers = {
        "grid": mean_interval(grid, "best of 9 on a grid, mean of 20 searches"),
        "random": mean_interval(random, "best of 9 random trials"),
        "difference": mean_interval(random - grid, "random - grid", 2),
        "rates": Measured(
            found["rates"]["random"] / found["rates"]["grid"], label="learning rates tried, random / grid"
        ),
    }
    ranks = np.arange(1, 1 + len(grid))
    lines = Line("grid", ranks, np.sort(grid)), Line("random", ranks, np.sort(random))
    return Evidence(numbers, Plot("search, from worst to best", "best accuracy found", lines))


def _judge_searches(n):
    if n["difference"].upper < 0:
        return fails("the grid finds better values")
    if n["difference"].lower <= 0:
        return holds_if("many searches are averaged; over twenty of them the advantage may still be chance")
    return holds("with the same number of trials random search finds better values: it tries more learning rates")


SEARCHES = Claim(
    id="C-10-7",
    lecture="L1 l.391-401 (Bergstra and Bengio 2012)",
    statement="Random search beats grid search with the same number of trials",
    condition="LeNet on the digits, momentum, 3 epochs; learning rate 0.0001 to 1 and weight decay 1e-7 to 1e-3, both "
    f"logarithmic; 3 x 3 grids, shifted at random, against 9 random points, 20 times; {made_with('searches')}",
    rule="Fails if the paired difference is below 0 (two standard errors); 'holds if' when it may be 0; else holds.",
    experiment=_searches,
    judge=_judge_searches,
)

# --- C-10-8 -------------------------------------------------------------------------------------------


def _range_tests():
    found, numbers, lines = measured("range_tests"), {}, []
    for name, values in found.items():
        swept = np.array(values["swept"])  # (rates, seeds)
        best = swept[np.argmax(swept.mean(axis=1))]
        numbers[name] = mean_interval(
            np.array(values["reached"]) - best, f"{name}: accuracy at the named rate - best", 2
        )
        tenth = np.array(values["tenth"]) - best
        numbers[f"{name}, tenth"] = mean_interval(tenth, f"{name}: at a tenth of it - best", 2)
        lines.append(Line(name, np.arange(1, 1 + swept.shape[1]), np.sort(values["named"])))
    plot = Plot("seed, from the smallest to the largest", "learning rate named by the range test", tuple(lines), "y")
    return Evidence(numbers, plot)


NEAR = -0.03


def _judge_range_tests(n):
    direct = [n[name].upper >= NEAR for name in ("SGD", "momentum", "Adam")]
    tenth = [n[f"{name}, tenth"].upper >= NEAR for name in ("SGD", "momentum", "Adam")]
    if all(direct):
        return holds("the steepest place is a good rate for all three optimizers")
    if all(one or other for one, other in zip(direct, tenth, strict=True)):
        return holds_if("a tenth of the steepest place is tried as well: for some optimizers that is the better one")
    return fails("for one of the optimizers neither the named rate nor a tenth of it comes near the best")


RANGE_TESTS = Claim(
    id="C-10-8",
    lecture="L1 l.407 (Smith 2017)",
    statement="One short range test finds a good learning rate",
    condition="LeNet on the digits, 100 steps from 0.00001 to 10, against a sweep of nine rates with 4 epochs each; 5 "
    f"seeds, constant rates; {made_with('range_tests')}",
    rule="A rate is near the best if its paired difference in accuracy may be above -0.03 (two standard errors). Holds "
    "if the named rate is for SGD, momentum and Adam; 'holds if' when it or a tenth of it is; else fails.",
    experiment=_range_tests,
    judge=_judge_range_tests,
)

TUNING_CLAIMS = (SEARCHES, RANGE_TESTS)
