"""The terms that chapter 12 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "synchronous training",
        "All workers wait until every gradient has arrived: one large batch.",
        figure="speed_up_curve",
        equation="12.1",
    ),
    Term(
        "straggler",
        "The worker for whom all others wait.",
        figure="speed_up_curve",
        equation="12.3",
    ),
    Term(
        "backup worker",
        "A worker more than gradients are needed: the latest of a round is thrown away.",
        figure="speed_up_curve",
        equation="12.4",
    ),
    Term(
        "staleness",
        "The number of updates between reading the parameters and using the gradient.",
        figure="staleness_explorer",
        equation="12.5",
    ),
    Term(
        "parameter server",
        "The machine that keeps the parameters and takes gradients as they come.",
        figure="cluster_race",
        equation="12.5",
    ),
    Term(
        "warm-up",
        "The learning rate rises to its value in the first steps.",
        figure="scaling_figure",
        equation="12.7",
    ),
    Term(
        "critical batch size",
        "The batch at which noise and gradient are as large as each other: beyond it a larger one saves few steps.",
        figure="critical_figure",
        equation="12.9",
    ),
    Term(
        "ring all-reduce",
        "Workers hand parts of the gradient round a ring until each has the sum, without a server.",
        figure="ring_stepper",
        equation="12.10",
    ),
)
