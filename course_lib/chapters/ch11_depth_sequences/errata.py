"""The erratum of chapter 11: clipping by norm as it is printed, which makes short gradients longer, too."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.clipping import rescaled
from course_lib.claims.errata import Erratum, Row
from course_lib.objective import Objective
from course_lib.optimizers import SGD, clip_by_norm, clip_by_value, with_clipping
from course_lib.run import descend

SHORT = np.array([0.3, 0.4])
BOWL = Objective(lambda theta: np.sum(theta**2, axis=-1) / 2, lambda theta: theta)


def distance_after(clip, num_steps=200, learning_rate=0.12):
    """How far from the minimum of a bowl gradient descent ends, from (3, 4), its gradients passed through ``clip``."""
    run = descend(with_clipping(BOWL, clip), SGD(learning_rate), [3.0, 4.0], num_steps)
    return float(np.linalg.norm(run.thetas[-1]))


def _compare():
    return (
        Row("length of (0.3, 0.4) after clipping at 1", *(float(np.linalg.norm(f(SHORT, 1.0))) for f in WAYS)),
        Row(
            "distance to a minimum after 200 steps of rate 0.12",
            *(distance_after(lambda g, f=f: f(g, 1.0)) for f in WAYS),
        ),
        Row("g = 3 clipped by value, a = 1, b = -1", float(min(1, max(-1, 3.0))), float(clip_by_value(3.0, 1.0))),
        Row("the same with a and b exchanged", float(min(-1, max(1, 3.0))), float(clip_by_value(3.0, 1.0))),
    )


WAYS = (rescaled, clip_by_norm)
ERRATA = (
    Erratum(
        id="E17",
        where="L3 l.96-104, Clipping by value, Clipping by norm",
        printed="g <- g a / ||g||; and g_i <- min(a, max(b, g_i)) without saying which of a and b is larger",
        right="g <- g min(1, a / ||g||); a is the upper and b the lower bound, a >= b",
        why="As printed every gradient gets the length a, a short one near a minimum too: steps no longer shrink, and "
        "descent ends in a circle about the minimum. With a below b clipping by value gives a for every gradient.",
        compare=_compare,
        claim="C-11-5",
    ),
)
