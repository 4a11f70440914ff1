"""The terms that chapter 4 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "Hessian",
        "The matrix of second derivatives: how the gradient changes with every coordinate.",
        figure="kinds_figure",
        equation="4.1",
    ),
    Term(
        "Newton's method",
        "Steps by the inverse of the Hessian times the gradient: on a quadratic one leads to the critical point.",
        figure="basin_map",
        equation="4.1",
    ),
    Term(
        "saddle",
        "A critical point from which the loss falls in one direction and rises in another.",
        figure="kinds_figure",
    ),
    Term(
        "saddle index",
        "The number of directions in which a critical point bends down.",
        figure="index_figure",
    ),
    Term(
        "damping",
        "A multiple of the identity that is added to the Hessian, so that no direction is uphill.",
        figure="basins_figure",
        equation="4.1",
    ),
    Term(
        "saddle-free Newton",
        "Newton's method with the absolute values of the eigenvalues: it flees from saddles.",
        figure="basins_figure",
        equation="4.2",
    ),
    Term(
        "secant equation",
        "What a step and the change of the gradient along it say about the Hessian.",
        figure="secant_figure",
        equation="4.4",
    ),
    Term(
        "BFGS",
        "An approximation of the inverse Hessian that each step corrects so that it obeys the secant equation.",
        figure="secant_figure",
        equation="4.6",
    ),
    Term(
        "L-BFGS",
        "BFGS that keeps the last pairs of steps and gradient changes, and no matrix.",
        figure="second_order_race_figure",
        equation="4.8",
    ),
    Term(
        "conjugate gradients",
        "Directions that do not undo each other: in n of them a quadratic in n dimensions is solved.",
        figure="second_order_race_figure",
        equation="4.11",
    ),
    Term(
        "natural gradient",
        "The gradient measured by how much the distribution of the outputs changes, not the parameters.",
        figure="second_order_race_figure",
        equation="4.3",
    ),
)
