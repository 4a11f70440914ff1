"""Errata of chapter 8: E5 (L2 penalty and weight decay) and E50 (the p of dropout, and what dropout costs)."""

import numpy as np

from course_lib.chapters.ch08_dropout.claims.training import PRICE
from course_lib.chapters.ch08_dropout.experiments.shrinkage import bowl
from course_lib.claims.errata import Erratum, Row
from course_lib.layers import Dropout
from course_lib.objective import with_l2_penalty
from course_lib.optimizers import SGD, Adam, AdamW
from course_lib.run import descend

BOWL, START, DECAY = bowl(np.array([1.0, 10.0]), np.array([1.0, 1.0])), np.array([3.0, 3.0]), 0.1


def _decayed(learning_rate, num_steps):
    """Gradient descent with decoupled weight decay: theta shrinks by learning_rate * DECAY in every step."""
    theta = START
    for _ in range(num_steps):
        theta = theta - learning_rate * BOWL.gradient(theta) - learning_rate * DECAY * theta
    return theta


def _penalty_and_decay():
    penalised = with_l2_penalty(BOWL, DECAY)
    rows = []
    for coordinate, curvature in enumerate((1, 10)):
        descent = descend(penalised, SGD(0.05), START, 200).thetas[-1, coordinate]
        rows.append(Row(f"gradient descent, curvature {curvature}", descent, _decayed(0.05, 200)[coordinate], 4))
    for coordinate, curvature in enumerate((1, 10)):
        adam = descend(penalised, Adam(0.05), START, 2000).thetas[-1, coordinate]
        decoupled = descend(BOWL, AdamW(0.05, weight_decay=DECAY), START, 2000).thetas[-1, coordinate]
        rows.append(Row(f"Adam, curvature {curvature}", adam, decoupled, 4))
    return tuple(rows)


def _keep_or_drop():
    x = np.ones(100_000)
    kept = [np.mean(Dropout(rate, np.random.default_rng(0)).forward(x, training=True) > 0) for rate in (0.2, 0.8)]
    n = PRICE.run().numbers
    return (
        Row("share of units kept with p = 0.8", kept[0], kept[1], 2),
        Row("epochs to the same training loss, with dropout over without", 1.0, n["fit"].value, 2),
    )


ERRATA = (
    Erratum(
        id="E5",
        where="L1 l.199",
        printed="the penalty lambda ||x||^2: an alternative to weight decay",
        right="the same as weight decay for gradient descent only (with weight decay 2 lambda, our l2_penalty); with "
        "Adam the two are different methods",
        why="Adam divides the penalty's gradient by the same root as the loss's, so steep coordinates are decayed "
        "less. AdamW decays all alike, outside the division (Loshchilov and Hutter 2019).",
        compare=_penalty_and_decay,
        claim="C-05-9",
        heads=("L2 penalty 0.1", "weight decay 0.1"),
    ),
    Erratum(
        id="E50",
        where="L4 l.348, l.363-366",
        printed="p is the probability to be kept; an ensemble at no additional computational cost",
        right="PyTorch and Keras write p for the probability to be dropped; the cost is in the number of epochs",
        why="The same 0.8 keeps four units of five in one source and one of five in the other. An update costs the "
        "same, but its gradient is noisier, and the net takes more epochs to fit.",
        compare=_keep_or_drop,
        claim="C-08-4",
        heads=("L4: p kept, no cost", "PyTorch: p dropped; measured"),
    ),
)
