"""The terms that chapter 2 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "finite sum",
        "A loss that is the mean over samples.",
        figure="noise_ball",
        equation="2.1",
    ),
    Term(
        "mini-batch",
        "The few samples whose gradient stands for that of all: unbiased, and less noisy the more there are.",
        figure="C-02-1",
        equation="2.2",
    ),
    Term(
        "noise ball",
        "Where a run with a constant learning rate goes on moving, because noise pushes it out of the minimum.",
        figure="noise_ball",
        equation="2.3",
    ),
    Term(
        "sufficient decrease",
        "Armijo's condition: the loss falls by at least a share of what its slope promises.",
        figure="line_search",
        equation="2.21",
    ),
    Term(
        "line search",
        "The step's length is looked for along a direction, by evaluating the loss.",
        figure="line_search",
        equation="2.21",
    ),
    Term(
        "schedule",
        "A rule that changes the learning rate with the step.",
        figure="schedule_explorer",
    ),
    Term(
        "Polyak averaging",
        "The mean of the points that a run visits, in place of its last one.",
        figure="C-02-8",
    ),
    Term(
        "interpolation",
        "All samples can be fitted at once: at the minimum no sample has a gradient, and no noise is left.",
        figure="C-02-4",
    ),
    Term(
        "linear scaling",
        "Batch and learning rate are multiplied by the same factor, which keeps the ball while the rate is small.",
        figure="C-02-6",
        equation="2.3",
    ),
    Term(
        "snapshot",
        "The full gradient at an older point, with which SVRG takes the noise out of a sample's gradient.",
        figure="snapshot_figure",
        equation="2.33",
    ),
    Term(
        "strongly convex",
        "Curved upwards everywhere by at least a positive amount: there is one minimum, and a bound on the way to it.",
        figure="bounds_figure",
    ),
    Term(
        "smooth",
        "The gradient changes by at most L times the distance: the curvature is bounded.",
        figure="bounds_figure",
    ),
)
