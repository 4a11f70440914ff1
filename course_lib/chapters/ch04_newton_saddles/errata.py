"""Errata of chapter 4: E26 to E31, each printed version run beside the right one."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.claims.newton import x_cos
from course_lib.chapters.ch04_newton_saddles.claims.saddles import mirrored
from course_lib.chapters.ch04_newton_saddles.experiments import (
    classify,
    coin_flip_probability,
    newton_census,
    probability_all_positive,
)
from course_lib.chapters.ch04_newton_saddles.experiments.basins import basins
from course_lib.chapters.ch04_newton_saddles.experiments.deep_linear import linear_network
from course_lib.chapters.ch04_newton_saddles.experiments.landscape import KIND_EXAMPLES
from course_lib.claims.errata import Erratum, Row
from course_lib.optimizers import Newton, SaddleFreeNewton
from course_lib.run import descend
from course_lib.surfaces import SURFACES


def _only_positive_curvature():
    objective = x_cos()
    newton = descend(objective, Newton(), [10.0], 20).thetas[-1]
    free = descend(objective, SaddleFreeNewton(), [10.0], 200).thetas[-1]
    surface = SURFACES["himmelblau"]
    axis = np.linspace(-5, 5, 41)
    starts = np.stack(np.meshgrid(axis, axis), axis=-1)
    away = np.mean(newton_census(surface, starts).kinds != "minimum")
    kinds = basins(surface, "saddle-free Newton", starts).kinds
    return (
        Row("x cos(cx) from 10: curvature where it ends", *(objective.hessian(end)[0, 0] for end in (newton, free))),
        Row("Himmelblau, 41 x 41 starts: share that ends at no minimum", away, np.mean(kinds != 0)),
    )


def printed_newton(surface, theta, num_steps):
    """L3 l.240 as it stands, x_t = H_{t-1} g_t with H the inverse Hessian: the place is replaced by the step."""
    for _ in range(num_steps):
        theta = np.linalg.solve(surface.hessian(theta), surface.gradient(theta))
    return theta


def _place_and_step():
    surface, start = SURFACES["booth"], np.array([-3.0, 0.0])
    right = descend(surface, Newton(), start, 2)
    return (
        Row("Booth, a quadratic, from (-3, 0): f after 1 step", surface.value(printed_newton(surface, start, 1)), 0.0),
        Row("f after 2 steps", surface.value(printed_newton(surface, start, 2)), round(float(right.values[2]), 9)),
    )


def _inferior():
    from course_lib.chapters.ch04_newton_saddles.claims.krylov import KRYLOV  # runs for seconds

    n = KRYLOV.run().numbers
    return (Row("log10 of Krylov's loss / the other's, tuned, at equal cost", n["sgd"].value, n["full"].value, 1),)


def _kinds():
    cross = KIND_EXAMPLES["$x y$"]
    diagonal = np.diag(cross.hessian(np.zeros(2)))
    silent = [classify(objective, np.zeros(2)).degenerate for objective in KIND_EXAMPLES.values()]
    down = classify(cross, [0.0, 0.0]).saddle_index
    return (
        Row("xy at 0: directions down, counted along the axes", np.sum(diagonal < 0), down),
        Row("five critical points: those that the signs of L0 leave without a name", 0, np.sum(silent)),
    )


def _coins():
    return tuple(
        Row(f"P(all {n} eigenvalues positive)", coin_flip_probability(n), probability_all_positive(n), digits)
        for n, digits in ((2, 4), (3, 3), (4, 2))
    )


def _branches():
    line = np.linspace(1, -1, 2001)
    one = linear_network(1, 1).value(np.stack([line, line], axis=-1))
    two, three = (linear_network(k, 2).value(mirrored(spare)) for k, spare in ((2, False), (3, True)))
    return (
        Row("w1 w2 = 1: loss on the way from one minimum to its negative", 0.0, one.max()),
        Row("2 inputs, 2 hidden units, 2 outputs, W2 W1 = I: loss on the way to the other part", 0.0, two.max()),
        Row("the same with 3 hidden units", 0.0, three.max()),
    )


ERRATA = (
    Erratum(
        id="E26",
        where="L0 l.158-170",
        printed="long steps where curvature is shallow, short ones where it is steep; no learning rate; attracted to "
        "saddle points",
        right="true where the curvature is positive; where it is negative the step goes uphill, and every "
        "non-degenerate critical point attracts, maxima too",
        why="Newton's method solves gradient = 0. Dividing by a negative eigenvalue turns the sign of that component.",
        compare=_only_positive_curvature,
        claim="C-04-1",
        heads=("Newton", "size of the curvature"),
    ),
    Erratum(
        id="E27",
        where="L3 l.240",
        printed="x_t = H_{t-1} g_t, to find the local optima",
        right="x_t = x_{t-1} - H_{t-1}^{-1} g_{t-1}, to find critical points of any kind",
        why="The old place and the minus are missing, and the gradient belongs to the old place.",
        compare=_place_and_step,
        claim="C-04-2",
    ),
    Erratum(
        id="E28",
        where="L3 l.212",
        printed="Krylov subspace descent: inferior to SGD",
        right="no source is given; on the same samples and at the same cost it is ahead of gradient descent, and what "
        "beats it are mini-batches",
        why="It depends on the noise that SGD may use and Krylov may not: claim C-04-11 runs both.",
        compare=_inferior,
        claim="C-04-11",
        heads=("SGD in batches of 20", "descent on all samples, as Krylov"),
    ),
    Erratum(
        id="E29",
        where="L4 l.47; L0 l.182-186",
        printed="a minimum is a smaller curvature; a saddle is a minimum in one parameter and a maximum in another; "
        "three kinds by signs",
        right="signs of eigenvalues, in directions of their own; where one is 0 the Hessian does not decide; the "
        "gradient is 0 there, not near 0",
        why="xy has a saddle with zeros on the diagonal. x^4 + y^4, x^2 - y^4, the monkey saddle have eigenvalues 0.",
        compare=_kinds,
    ),
    Erratum(
        id="E30",
        where="L0 l.194",
        printed="random signs, as of coins: all N positive with probability 2^-N",
        right="(2 - sqrt 2)/4 for N = 2, (pi - 2 sqrt 2)/(4 pi) for N = 3, about exp(-(log 3)/4 N^2) for large N",
        why="Eigenvalues of a random symmetric matrix repel each other, so their signs are not independent.",
        compare=_coins,
        claim="C-04-6",
        heads=("coin flips", "random matrix"),
    ),
    Erratum(
        id="E31",
        where="L0 l.200",
        printed="linear networks: global minima connected via a single manifold (Saxe et al.)",
        right="connected where there are more hidden units than the map has rank; with just as many there are two "
        "parts (Trager et al. 2020). No bad minima: Baldi and Hornik 1989; Saxe et al. solve the dynamics",
        why="With as many hidden units as rank W1 is square, and every way from det W1 > 0 to det W1 < 0 passes a "
        "product of lower rank: for W2 W1 = I a loss of 1/2.",
        compare=_branches,
        claim="C-04-8",
    ),
)
