"""What a step assumes about the function: Newton's tangent, the secant, and the Hessian that BFGS has learned."""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import BFGS, Newton, exact_on_quadratic
from course_lib.run import descend, iterate
from course_lib.surfaces import quadratic

BOWL = quadratic(np.array([[3.0, 1.2], [1.2, 1.0]]))
START = (-1.0, 2.0)


def newtons_example():
    """A function of one number whose slope is x^3 - 2 x - 5, the cubic that Newton solved (1669)."""
    return Objective(
        value=lambda theta: np.sum(theta**4 / 4 - theta**2 - 5 * theta, axis=-1),
        gradient=lambda theta: theta**3 - 2 * theta - 5,
        hessian=lambda theta: (3 * theta**2 - 2)[..., None],
    )


def newton_points(start=4.0, num_steps=3):
    """Newton's points on ``newtons_example`` ``(num_steps + 1,)``."""
    return descend(newtons_example(), Newton(), [start], num_steps).thetas[:, 0]


def secant_step(slope, old, new):
    """The next point of the secant method: the zero of the chord through ``(old, slope(old))`` and ``new``'s."""
    curvature = (slope(new) - slope(old)) / (new - old)  # y / s, (4.4)
    return new - slope(new) / curvature


def learned_hessians(num_steps=2):
    """``(thetas (num_steps + 1, 2), hessians (num_steps + 1, 2, 2))`` of BFGS on ``BOWL``; it starts from the identity.

    With line searches that find the lowest point, on a quadratic of n coordinates, BFGS knows the Hessian after n steps
    (Nocedal and Wright 2006, theorem 6.4).
    """
    bfgs = BFGS(line_search=exact_on_quadratic, scale_first=False)
    thetas, states = zip(*iterate(BOWL, bfgs, START, num_steps), strict=True)
    return np.array(thetas), np.array([np.linalg.inv(state.inverse_hessian) for state in states])
