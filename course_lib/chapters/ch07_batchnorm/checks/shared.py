"""What the checks of chapter 7 share: modules that are off limits, and how eps is looked for."""

import numpy as np

from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.generic import WHOLE

TOPICS = ("layers", "derivatives")
PURE = "The arrays that were given are left as they were"
PURE_HINT = "a = a - b makes a new array; a -= b and a[...] = b write into the caller's."
TINY = 1e-30  # an eps that nobody sees, nor its root


def checkerboard(rng, shape):
    """+a and -a in turn along the last two axes: mean 0 and variance a^2 over rows, columns and everything."""
    signs = (-1.0) ** np.add.outer(np.arange(shape[-2]), np.arange(shape[-1]))
    return np.broadcast_to(rng.uniform(1.5, 2.5) * signs, shape).copy()


SQUARES = (
    "variance as a difference of squares",
    WHOLE,
    "mean(x^2) - mean(x)^2 subtracts two large numbers that are nearly equal: with a mean of a million, a variance of "
    "1 is right to three or four digits only. Subtract the mean first, then square.",
)
FAINT = 1e-4  # the spread of features, or images, that hardly vary
LARGE = 1e4  # the scale of x where no eps that anybody would choose matters


def difference_of_squares(x, **axes):
    """The variance as the mistake of ``SQUARES`` has it."""
    return (x * x).mean(**axes) - x.mean(**axes) ** 2


def own_standardised(y, x):
    """``y``, or ``Wrong`` where it is x itself or the same for all: then there is no x_hat for gamma and beta."""
    if np.allclose(y, x) or np.ptp(y) < 1e-6:
        raise Wrong("For gamma 1 and beta 0 nothing was standardised: gamma and beta have no x_hat to act on.", got=y)
    return y


def eps_under_the_root(standardised, x, rng):
    """Raise ``Wrong`` unless ``standardised(eps)`` shrinks as 1 / sqrt(var + eps) does.

    The variance is the function's own, read from its answer with an eps that nobody sees: whether that one
    is right is another check's question. ``x`` is a checkerboard.
    """
    without = shaped(standardised(TINY), x.shape, "the result with a tiny eps")
    if not np.all(np.abs(without) > 1e-2):  # next to nothing, everything is as small as it should be
        raise Wrong("The result with a tiny eps has zeros where x has none.", got=without)
    variance = (x / without) ** 2
    for eps in (rng.uniform(0.5, 1.5), rng.uniform(5.0, 20.0)):
        expected = without * np.sqrt(variance / (variance + eps))
        close(standardised(eps), expected, "the result, from your own one with a tiny eps,", atol=1e-10)
