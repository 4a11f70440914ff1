"""Errata of chapter 2: E11 to E16 and E19 of the lectures."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.claims.noise import UNIT
from course_lib.chapters.ch02_sgd_noise.claims.rules import AVERAGING
from course_lib.claims.errata import Erratum, Row
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.schedules import cosine_restarts, inverse_square_root, inverse_time, linear_blend
from course_lib.stochastic import draw_batch


def implicit_descent(start, learning_rate, num_steps):
    """L4 l.28 as printed, on f = theta^2 / 2: theta_t = theta_t-1 - eta theta_t, solved for theta_t."""
    return start / (1 + learning_rate) ** num_steps


def _index():
    rows = []
    for learning_rate in (0.5, 2.5):
        right = descend(UNIT, SGD(learning_rate), np.array([1.0]), 10).thetas[-1, 0]
        printed = implicit_descent(1.0, learning_rate, 10)
        rows.append(Row(f"theta after 10 steps on theta^2 / 2 from 1, learning rate {learning_rate:g}", printed, right))
    return tuple(rows)


def _sums():
    t = np.arange(1, 1_000_001)
    root, inverse = inverse_square_root(1.0)(t), inverse_time(1.0)(t)
    return (
        Row("sum of the learning rates, a million steps", root.sum(), inverse.sum()),
        Row("sum of their squares, ten thousand steps", np.sum(root[:10_000] ** 2), np.sum(inverse[:10_000] ** 2)),
        Row("sum of their squares, a million steps", np.sum(root**2), np.sum(inverse**2)),
    )


def _bounded():
    t, gamma, nu = 100, 1.0, 2.0
    return (
        Row("E |gradient|^2 at distance 10 from the minimum (unit example)", 2.0, 10.0**2 + 1.0),
        Row("E Delta^2 at k = 100: bound, exact", nu / (t + gamma), 1 / t),
    )


def _blend():
    first, last, tau = 0.1, 0.001, 100
    formula = (1 - 200 / tau) * first + 200 / tau * last
    return (Row("learning rate at k = 2 tau, from 0.1 to 0.001", formula, linear_blend(first, last, tau)(201)),)


def _subset():
    rng = np.random.default_rng(15)
    different = np.mean([len(np.unique(draw_batch(100, 100, rng, replacement=True))) for _ in range(500)])
    return (Row("different samples among 100 draws from 100", different, len(draw_batch(100, 100, rng)), 2),)


def l3_program(num_epochs):
    """Learning rates of L3's program, l.139-155, line by line."""
    t_i, t_mult, t_cur, min_lr, max_lr, rates = 10, 2, 0, 0.01, 0.1, []
    for epoch in range(num_epochs):
        if epoch > 0 and t_cur == t_i:
            t_cur = 0
            t_i *= t_mult
        rates.append(min_lr + 0.5 * (max_lr - min_lr) * (1 + np.cos(np.pi * t_cur / t_i)))
        t_cur += 1
    return np.array(rates)


def _restarts():
    printed, right = l3_program(70), np.array([cosine_restarts(0.1, 0.01, 10, 2)(t) for t in range(1, 71)])
    return (
        Row("smallest learning rate in 70 epochs, eta_min = 0.01", printed.min(), right.min(), 8),
        Row("learning rate in the last epoch before the first restart", printed[9], right[9], 4),
    )


def _averages():
    numbers = AVERAGING.run().numbers
    return (Row("squared distance / that of the last point", numbers["last_n"].value, numbers["all"].value, 2),)


ERRATA = (
    Erratum(
        id="E11",
        where="L4 l.28",
        printed="beta_t = beta_{t-1} - eta grad(beta_t)",
        right="beta_t = beta_{t-1} - eta grad(beta_{t-1})",
        why="As printed the gradient is taken at the point that is still to be found: that is the implicit (proximal) "
        "method, which no learning rate makes diverge, and which needs an equation solved in every step.",
        compare=_index,
    ),
    Erratum(
        id="E12",
        where="L1 l.237-239",
        printed="a line search is not applicable; 1/k and 1/sqrt(k) are both typical",
        right="it is where all samples can be fitted (Vaswani et al. 2019); 1/sqrt(k) is for convex functions with "
        "kinks",
        why="Robbins and Monro ask for an infinite sum and a finite sum of squares. The squares of 1/sqrt(k) sum to "
        "log(k): it needs another proof, and gives a slower rate.",
        compare=_sums,
        claim="C-02-4",
        heads=("1/sqrt(k)", "1/k"),
    ),
    Erratum(
        id="E13",
        where="L1 l.250-264",
        printed="Delta_k = |x - x*|; f(k); E |grad f_i|^2 <= M^2 and strongly convex",
        right="Delta_k = |x^k - x*|; f(x^k); the gradients are bounded where the iterates stay",
        why="The gradient of a strongly convex function grows without bound, so both assumptions cannot hold "
        "everywhere. The constants are right: the exact example keeps the bound.",
        compare=_bounded,
        claim="C-02-3",
        heads=("assumed or bound", "exact"),
    ),
    Erratum(
        id="E14",
        where="L0 l.62-84",
        printed="'simulated annealing'; for t = 0, 1, 2, ...; eta_k = (1 - k/tau) eta_0 + (k/tau) eta_tau",
        right="a linear blend, held at eta_tau from k = tau on",
        why="Annealing accepts or refuses moves at a temperature; nothing of that happens here. The loop has no end, "
        "and beyond tau the formula turns negative: it would climb.",
        compare=_blend,
    ),
    Erratum(
        id="E15",
        where="L1 l.367",
        printed="{i_1, ..., i_m} in {1, ..., N}; the sum runs over i_k = i_1 ... i_m",
        right="{i_1, ..., i_m} is a subset of {1, ..., N}; the sum runs over j = 1 ... m of the gradients i_j",
        why="Whether a sample may come twice is left open, and it matters: drawn with replacement, an epoch's worth of "
        "draws misses more than a third of the samples. The sign may be a slip of the transcription.",
        compare=_subset,
        claim="C-02-1",
        heads=("with replacement", "a subset"),
    ),
    Erratum(
        id="E16",
        where="L3 l.126-157",
        printed="reset to its maximum once its minimum is reached",
        right="L3's program restarts when the minimum would be next, and never uses it; divide by T_i - 1 to reach it",
        why="t_cur / t_i goes up to (T_i - 1) / T_i. Besides, np is not imported, num_epochs not defined, and the "
        "author is Loshchilov.",
        compare=_restarts,
    ),
    Erratum(
        id="E19",
        where="L3 l.264-266 (last n); L3 l.194-196 (all)",
        printed="Polyak averaging: the last n iterates; ASGD: the average over time",
        right="Ruppert and Polyak average all iterates, perhaps after a start-up; the last n is a variant",
        why="An average of all points holds the start at weight 1/t, and forgets it slowly.",
        compare=_averages,
        claim="C-02-8",
        heads=("the last n", "all"),
    ),
)
