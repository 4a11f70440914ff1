"""Errata of chapter 6: E9, E34 (what breaks symmetry), E44 to E46; E7, E8 and E10 are run in chapter 1."""

import numpy as np

from course_lib.chapters.ch06_initialisation.claims.signals import second_moments
from course_lib.chapters.ch06_initialisation.experiments.dead_units import census
from course_lib.chapters.ch06_initialisation.experiments.symmetry import STARTS, problem, spread, start
from course_lib.claims.errata import Erratum, Row
from course_lib.initializers import lecun_normal, xavier_normal
from course_lib.optimizers import Adagrad
from course_lib.run import descend


def _dies():
    """A unit with a bias of -2 that was negative for one sample, and for all."""
    found = census(0.45, -2.0, seed=0, num_epochs=6)
    plain, biased = (census(1.0, bias, seed=0, num_epochs=6) for bias in (0.0, 0.5))
    return (
        Row(
            "dead units of layer 2, initial bias -2: if dead is for good (as before training), after 6 epochs",
            found.dead[0, 1],
            found.dead[-1, 1],
            1,
        ),
        Row(
            "learning rate 1: dead units without, and with a initial bias of 0.5 (the remedy)",
            plain.dead[-1, 1],
            biased.dead[-1, 1],
            1,
        ),
    )


def _breaks_symmetry():
    objective = problem()
    rows = []
    for kind in STARTS[:3:2]:
        run = descend(objective, Adagrad(0.1), start(objective, kind), 100)
        rows.append(float(spread(objective, run.thetas[-1]) > 1e-6))
    return (
        Row("Adagrad, 100 steps from equal weights: units apart (1: yes)", 1.0, rows[0]),
        Row("the same from different outgoing weights", 1.0, rows[1]),
    )


def overwriting_draws(rng):
    """L4's three lines as printed: each overwrites B; returns n Var of what is left, and of each line by itself."""
    lines = [
        rng.uniform(-0.05, 0.05, size=(4, 32, 32)),
        rng.uniform(-0.5, 0.5, size=(4, 32, 32)),
        rng.normal(size=(4, 32, 32)) / np.sqrt(32),
    ]
    return 32 * np.var(lines[-1]), [32 * np.var(line) for line in lines]


def _script():
    left, each = overwriting_draws(np.random.default_rng(44))
    names = "U(-0.05, 0.05)", "U(-0.5, 0.5)", "N(0, 1) / sqrt(32)"
    return tuple(
        Row(f"32 Var(B) behind the histograms of {name}: last line run, that line run", left, own, 2)
        for name, own in zip(names, each, strict=True)
    )


def _derivation():
    widths = np.full(11, 32)
    relu, tanh = (second_moments(name, widths, 1.0, 600, 45)[:, -1].mean() for name in ("relu", "tanh"))
    return (
        Row("n Var = 1, ten ReLU layers: mean square of z", 1.0, relu, 1),
        Row("n Var = 1, ten tanh layers: the same", 1.0, tanh, 1),
    )


def _glorot():
    rng, fans = np.random.default_rng(46), (400, 100)
    printed, right = (np.var(draw(*fans, rng)) for draw in (lecun_normal, xavier_normal))
    square = [np.var(draw(200, 200, rng)) for draw in (lecun_normal, xavier_normal)]
    return (
        Row("100 Var(W), 400 inputs, 100 units", 100 * printed, 100 * right, 2),
        Row("200 Var(W), 200 inputs, 200 units", 200 * square[0], 200 * square[1], 1),
    )


ERRATA = (
    Erratum(
        "E9",
        "L4 l.183",
        "the constant should start positive, or a unit can die: z < 0 and its parameters are not updated",
        "a unit is dead only if z < 0 for ALL samples; a positive initial bias is no remedy: more units die with it",
        "One sample with z > 0 is enough for a gradient. What brings z below 0 for all is a step too long.",
        _dies,
        "C-06-8",
        ("as claimed", "measured"),
    ),
    Erratum(
        "E34 (symmetry)",
        "L0 l.233",
        "Adagrad breaks symmetry, since every parameter has a rate of its own",
        "tied units have the same gradients, hence the same sums of squares and the same rates: they stay tied",
        "What differs must differ already: random weights break the symmetry, a rate for each coordinate cannot.",
        _breaks_symmetry,
        "C-06-5",
        ("as claimed", "measured"),
    ),
    Erratum(
        "E44",
        "L4, script",
        "three assignments to B one after the other; B[0] is never used",
        "each is a script of its own (a comment says: choose one), with matrices B[1] to B[3]",
        "Run as printed, the first two draws are overwritten and all three histograms would be the third.",
        _script,
        "",
        ("as printed", "one at a time"),
    ),
    Erratum(
        "E45",
        "L4, eq. 3",
        "V(sum of beta x_i) = n V(beta) V(x) in every layer: with n V(beta) = 1 units neither saturate nor vanish",
        "sum of beta_i x_i; after an activation it is n V(beta) E[x^2], and E[x^2] shrinks",
        "Behind ReLU the mean of x is not 0, behind tanh its spread is smaller: the step from layer 1 to 2 needs both.",
        _derivation,
        "C-06-1",
        ("as claimed", "measured"),
    ),
    Erratum(
        "E46",
        "L4 l.278, eq. 4",
        "Glorot: the variance 1 / n",
        "1 / fan_in is LeCun's; Glorot and Bengio's is 2 / (fan_in + fan_out), He's for ReLU 2 / fan_in",
        "The same where fan_in = fan_out. L4's z is the sum in one line and a standard normal in the next.",
        _glorot,
        "C-06-3",
    ),
)
