"""An example of every kind of critical point."""

import numpy as np

from course_lib.objective import Objective
from course_lib.surfaces import SURFACES


def _formula(value, gradient, hessian):
    return Objective(
        value=lambda t: value(t[..., 0], t[..., 1]),
        gradient=lambda t: np.stack(gradient(t[..., 0], t[..., 1]), axis=-1),
        hessian=lambda t: _matrix(*hessian(t[..., 0], t[..., 1])),
    )


def _matrix(xx, xy, yy):
    return np.stack([np.stack([xx, xy], axis=-1), np.stack([xy, yy], axis=-1)], axis=-2)


KIND_EXAMPLES = {
    "$x^2 + y^2$": SURFACES["global_minimum"],
    "$x y$": _formula(lambda x, y: x * y, lambda x, y: (y, x), lambda x, y: (0 * x, 1 + 0 * x, 0 * x)),
    "$x^4 + y^4$": _formula(
        lambda x, y: x**4 + y**4, lambda x, y: (4 * x**3, 4 * y**3), lambda x, y: (12 * x**2, 0 * x, 12 * y**2)
    ),
    "$x^3 - 3 x y^2$": SURFACES["monkey_saddle"],
    "$x^2 - y^4$": _formula(
        lambda x, y: x**2 - y**4, lambda x, y: (2 * x, -4 * y**3), lambda x, y: (2 + 0 * x, 0 * x, -12 * y**2)
    ),
}
