"""What the exercises of chapter 5 share: their inputs, and the check on where eps stands.

Values are checked with an eps that is too small to be seen, so that its place costs the points of one check only.
There it is larger than the root, and two steps that differ in eps alone are compared: sign, learning rate
and first moment drop out of their ratio.
"""

import numpy as np

from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.facts import telling
from course_lib.checks.whole import either_sign, signs

TOPICS = ("optimizers",)
UNSEEN, SEEN = 1e-13, 5.0  # eps that changes no digit that is compared; eps larger than every root
DIGITS = 1e-6  # to which values are compared where eps is not asked about: a constant of 1e-8 costs its own points only
PURE = "The arrays that were given are left as they were"
PURE_HINT = "a = a + g**2 makes a new array; a += g**2 writes into the caller's."
EPS = "eps is added to the root, outside of it"
EPS_HINTS = (
    "Two things: a coordinate whose gradient has always been 0 must stay where it is, and the divisor is "
    "root plus eps.",
    "divide by (np.sqrt(...) + eps)",
)
KEPT = "eps kept in the state", "eps is added to the root, at every step anew: what is kept holds no eps."


def vector(rng):
    """Four numbers of either sign, none near zero and none near 1 in size (squares differ from absolute values)."""
    return rng.choice([rng.uniform(0.3, 0.8, 4), rng.uniform(1.3, 2.5, 4)]) * signs(rng, 4)


def squares(rng):
    """Four positive numbers: what a state of squares may hold."""
    return rng.uniform(0.5, 2.0, 4)


def slope(g):
    """A gradient that is ``g`` everywhere, as a function."""
    return lambda theta: np.array(g)


def bowl(rng):
    """The gradient of a bowl whose axes are tilted, as a function; it is not near 0 where ``vector`` lies."""
    root = rng.normal(size=(4, 4))
    hessian, minimum = root @ root.T + np.eye(4), either_sign(rng, 4, 6, 4)
    return lambda theta: hessian @ (theta - minimum)


def _way(new, theta):
    """How far ``new`` is from ``theta``; it must have moved in every coordinate."""
    new = shaped(new, theta.shape, "the new theta")
    if np.any(new == theta):
        raise Wrong("theta does not move.", got=new)
    return new - theta


def eps_outside(step, names, theta, given, root):
    """Raise ``Wrong`` unless steps with a large and a tiny eps are related as root + eps and root, and leave one state.

    Args:
        step: the student's function.
        names: of its results.
        theta: ``(n,)``.
        given: ``eps -> the other arguments``.
        root: ``(n,)``, what eps is to be added to.
    """
    results = [several(step(theta, *given(eps)), names) for eps in (SEEN, UNSEEN)]  # first a call where eps counts
    large, tiny = (_way(result[0], theta) for result in results)
    what = f"the divisor, seen from two steps that differ in eps only ({SEEN:g}, then {UNSEEN:g}),"
    close(tiny / large * root, root + SEEN, what, rtol=1e-6)
    for name, one, other in zip(names[1:], results[0][1:], results[1][1:], strict=True):
        with telling(True, *KEPT):
            close(one, shaped(other, theta.shape, name), f"{name} after a step with a large eps", DIGITS)


def stays(step, names, theta, *given):
    """Raise ``Wrong`` unless theta stays where it is, as it must where gradients have always been 0."""
    close(several(step(theta, *given), names)[0], theta, "theta where every gradient was 0")
