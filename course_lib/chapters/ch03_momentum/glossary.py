"""The terms that chapter 3 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "momentum",
        "The share of the velocity that is kept in every step.",
        figure="visualiser",
        equation="3.2",
    ),
    Term(
        "velocity",
        "The sum of past gradients, older ones with smaller weights, by which the parameters move.",
        figure="momentum_weights_figure",
        equation="3.19",
    ),
    Term(
        "condition number",
        "Largest over smallest eigenvalue of the Hessian: how much steeper a valley is across than along.",
        figure="phase_map",
        equation="3.14",
    ),
    Term(
        "critical damping",
        "The momentum at which a coordinate arrives soonest, between creeping and swinging.",
        figure="damping_figure",
        equation="3.12",
    ),
    Term(
        "rate of convergence",
        "The factor by which each step multiplies the error in the long run.",
        figure="phase_map",
        equation="3.12",
    ),
    Term(
        "Nesterov's method",
        "Momentum whose gradient is taken at the point to which the velocity alone would lead.",
        figure="step_figure",
        equation="3.6",
    ),
    Term(
        "rising momentum",
        "A momentum that goes to 1 with the steps, for functions whose smallest curvature is not known.",
        figure="worst_case_figure",
        equation="3.17",
    ),
)
