"""Chapter 5, weights that are 0: what an L1 penalty does in the loss, in a proximal step and in FTRL."""

import numpy as np

from course_lib.chapters.ch05_adaptive.experiments.sparsity import methods, sparsity
from course_lib.claims.kit import Claim, Effect, Evidence, Line, Plot, fails, holds, mean_interval, not_shown, partly

SEEDS = range(10)
NAMES = {"loss": "Adagrad, penalty in the loss", "proximal": "proximal Adagrad", "ftrl": "FTRL"}


def _zeros():
    found = {name: [sparsity(name, seed) for seed in SEEDS] for name in methods()}
    useless = {key: 100 * np.array([run.kept_useless for run in found[name]]) for key, name in NAMES.items()}
    useful = {key: 100 * np.array([run.kept_useful for run in found[name]]) for key, name in NAMES.items()}
    numbers = {
        key: mean_interval(useless[key], f"{name}: percent of useless weights left") for key, name in NAMES.items()
    }
    numbers["useful"] = mean_interval(useful["ftrl"], "FTRL: percent of useful weights left")
    seeds = np.arange(len(SEEDS))
    lines = tuple(Line(name, seeds, useless[key]) for key, name in NAMES.items())
    return Evidence(numbers, Plot("seed", "percent of the 90 useless weights that are not 0", lines))


def _judge_zeros(n):
    if n["ftrl"].lower > n["loss"].upper - 20:
        return fails("FTRL leaves about as many weights as the penalty in the loss does")
    if n["ftrl"].upper < 50 < n["loss"].lower and n["useful"].lower > 80:
        if n["proximal"].upper < 50:
            return holds("and the proximal step does so as well; a penalty in the loss only makes weights small")
        return partly(
            "FTRL leaves few of the useless weights and most of the useful ones", "a proximal step leaves many"
        )
    return not_shown("an interval reaches over the line")


ZEROS = Claim(
    id="C-05-19",
    lecture="L1 l.176 (McMahan 2011, section 1)",
    statement="FTRL and proximal steps make weights exactly 0, a penalty in the loss does not",
    condition="Logistic regression, 100 features of which 10 matter, 1 500 samples, 600 steps; each method with the "
    "rate and penalty that validation data choose, of 7 times 8; 10 seeds",
    rule="Fails if FTRL leaves no 20 points fewer of the useless weights than the penalty in the loss. Holds if FTRL "
    "and the proximal step leave fewer than half of them (upper ends), the penalty in the loss more than half (lower "
    "end), and FTRL keeps more than 80 % of the useful ones (lower end); partly if the proximal step leaves more; else "
    "not shown.",
    experiment=_zeros,
    judge=_judge_zeros,
    effects=(Effect("ftrl", 50.0),),
)
