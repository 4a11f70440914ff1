"""Exercise 07-6: the way back through a batch normalisation without squares, to be derived.

Its oracle walks into the complex plane, one entry at a time.
"""

import numpy as np

from course_lib.chapters.ch07_batchnorm.checks.shared import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, different, whole, wide

DIRECT = "A d_y that neither shifts nor stretches is divided by dev + eps"
SHIFT = "Nothing comes back for a shift of a feature"
STRETCH = "Nothing comes back for a stretch of a feature"
EVERYTHING = (DIRECT, SHIFT, STRETCH, PURE)

absolute = Exercise("07-6", "Back without squares", "deviation_backward", kind="derive", topics=TOPICS)


def _loss(x, d_y, eps):
    """A loss whose gradient by y is d_y; ``x`` may be complex."""
    away = x - x.mean(axis=0)
    sizes = away * np.sign(away.real)
    return np.sum(d_y * away / (sizes.mean(axis=0) + eps))


def _by_small_steps(x, d_y, eps, h=1e-30):
    d_x = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1j * h
        d_x[place] = _loss(moved, d_y, eps).imag / h
    return d_x


def _hat(x, eps):
    away = x - x.mean(axis=0)
    return away / (np.abs(away).mean(axis=0) + eps)


def _batch(rng, batch=5, features=3):
    """``(x, d_y)``: two of five entries above the mean, three below, or the other way round, none of them near it, and
    one on the other side of 0."""
    side = rng.choice([-1, 1], features)
    x = np.array([2.0, 1.2, -0.5, -0.9, -1.8])[:batch, None] * rng.uniform(0.9, 1.1, (batch, features)) + 0.7
    x = rng.permuted(x * side, axis=0)
    return x * rng.uniform(1.5, 3.0, features), rng.normal(size=(batch, features)) + 1


def _plain(x, d_y):
    """``d_y`` without its mean, and without what it has along x."""
    away, d_y = x - x.mean(axis=0), d_y - d_y.mean(axis=0)
    return d_y - away * np.sum(d_y * away, axis=0) / np.sum(away * away, axis=0)


def _something(d_x, x):
    d_x = shaped(d_x, x.shape, "d_x")
    if not np.all(np.ptp(d_x, axis=0) > 1e-3):
        raise Wrong("A column of d_x is 0, or all of its entries are the same.", got=d_x)
    return d_x


@absolute.check(
    DIRECT,
    points=2,
    hint="Here mean and deviation need no path: what is left of y = (x - mean) / (dev + eps)?",
)
def direct(deviation_backward, rng):
    (x, d_y), eps = _batch(rng), rng.uniform(0.3, 0.8)
    d_y = _plain(x, d_y)
    close(deviation_backward(x, d_y, eps), d_y / (np.abs(x - x.mean(axis=0)).mean(axis=0) + eps), "d_x")


@absolute.check(
    SHIFT,
    points=1,
    hint=(
        "Add 1 to a whole column of x: y stays. What must its column of d_x sum to?",
        "The mean is on two paths: in x - mean above the line, and inside the sizes below it.",
    ),
)
def shift(deviation_backward, rng):
    x, d_y = _batch(rng)
    d_x = _something(deviation_backward(x, d_y, rng.uniform(0.3, 0.8)), x)
    close(d_x.sum(axis=0), np.zeros(3), "the sum of each column", atol=1e-9 * np.abs(d_x).max(axis=0))


@absolute.check(
    STRETCH,
    points=2,
    hint=(
        "Without eps, doubling every distance from the mean leaves y as it is.",
        "The slope of |z| is the sign of z: the third path has it where (7.3) has x_hat.",
    ),
)
def stretch(deviation_backward, rng):
    x, d_y = _batch(rng)
    d_x = _something(deviation_backward(x, d_y, 1e-30), x)
    away = x - x.mean(axis=0)
    size = np.abs(away).max(axis=0) * np.abs(d_x).max(axis=0)
    close(np.sum(away * d_x, axis=0), np.zeros(3), "the sum of distance times d_x of each column", atol=1e-9 * size)


def _batches(rng):
    """Batches of several sizes, one feature and many, on scales from a millionth to a hundred, zeros in d_y."""
    few, many, features = different(rng, 3, 3, 8)
    cases = []
    sizes = (few, features, 1.0, 0.1), (many, 1, 100.0, 1e-5), (2 * many, few, 0.01, 1e-3), (few, few, 1.0, 0.3)
    for rows, columns, scale, eps in (*sizes, (2, features, 1.0, 0.5), (75, 2, 1.0, 0.1)):
        x = scale * (rng.normal(size=(rows, columns)) + rng.normal(size=columns))
        cases.append((x, wide(rng, rows, columns), eps))
    return [*cases, (1e-5 + 3e-7 * _batch(rng)[0], wide(rng, 5, 3), 1e-6)]


whole(absolute, _by_small_steps, _batches, ("d_x",), rtol=1e-8)


@absolute.check(PURE, points=1, hint=PURE_HINT, aside=True)
def batch_stays(deviation_backward, rng):
    leaves_inputs_alone(deviation_backward, *_batch(rng), 0.1, other=(*_batch(rng), 0.2))


def _made(
    mean=lambda d_y: d_y.mean(axis=0),
    sign=lambda x_hat: np.sign(x_hat) - np.sign(x_hat).mean(axis=0),
    share=lambda x, eps: 1.0,
    hat=_hat,
    along=lambda d_y, x_hat: (d_y * x_hat).mean(axis=0),
    scale=lambda x, eps: np.abs(x - x.mean(axis=0)).mean(axis=0) + eps,
):
    """An answer with its faults as switches."""

    def answer(x, d_y, eps):
        x_hat = hat(x, eps)
        third = share(x, eps) * sign(x_hat) * along(d_y, x_hat)
        return (d_y - mean(d_y) - third) / scale(x, eps)

    return answer


def _deviation(x, eps):
    return np.abs(x - x.mean(axis=0)).mean(axis=0)


for name, fails, says, switches in (
    ("not divided", DIRECT, "Divide by dev + eps.", {"scale": lambda x, eps: 1.0}),
    (
        "eps left out",
        DIRECT,
        "eps is below the line as well: divide by dev + eps.",
        {"scale": _deviation},
    ),
    (
        "divided twice",
        DIRECT,
        "Divide by dev + eps once.",
        {"scale": lambda x, eps: (_deviation(x, eps) + eps) ** 2},
    ),
    (
        "multiplied by the deviation",
        DIRECT,
        "y is x divided by dev + eps: so is what comes back.",
        {"scale": lambda x, eps: 1 / (_deviation(x, eps) + eps)},
    ),
    (
        "the standard deviation",
        DIRECT,
        "Here the deviation is the mean of sizes, not the root of a mean of squares.",
        {"scale": lambda x, eps: x.std(axis=0) + eps},
    ),
    (
        "the mean's direct path left out",
        SHIFT,
        "The mean is made of the batch: x - mean brings back minus the mean of d_y.",
        {"mean": lambda d_y: 0.0},
    ),
    (
        "the mean's direct path twice",
        SHIFT,
        "Minus the mean of d_y, once.",
        {"mean": lambda d_y: 2 * d_y.mean(axis=0)},
    ),
    (
        "the mean's direct path added",
        SHIFT,
        "The mean is subtracted from x: its path has a minus.",
        {"mean": lambda d_y: -d_y.mean(axis=0)},
    ),
    (
        "the mean inside the sizes left out",
        SHIFT,
        "|x - mean| depends on the mean, too: the signs of a batch need not cancel.",
        {"sign": np.sign},
    ),
    (
        "a sum in place of the mean",
        SHIFT,
        "Each sample has a share of 1 / m in the mean: subtract the mean of d_y.",
        {"mean": lambda d_y: d_y.sum(axis=0)},
    ),
    (
        "the deviation taken as a constant",
        STRETCH,
        "The deviation is made of the batch: there is a path through it.",
        {"share": lambda x, eps: 0.0},
    ),
    (
        "the third path of the squares",
        STRETCH,
        "This is (7.3). The slope of a square is x_hat, that of a size is its sign.",
        {"sign": lambda x_hat: x_hat},
    ),
    ("half of the third path", STRETCH, "No square, no root, no 1/2.", {"share": lambda x, eps: 0.5}),
    ("twice the third path", STRETCH, "No square, so no 2.", {"share": lambda x, eps: 2.0}),
    (
        "eps left out",
        WHOLE,
        "eps is below the line as well: divide by dev + eps.",
        {"hat": lambda x, eps: (x - x.mean(axis=0)) / _deviation(x, eps)},
    ),
    (
        "a sum in the third path",
        STRETCH,
        "The deviation is a mean: its path has 1 / m, too.",
        {"share": lambda x, eps: len(x)},
    ),
    (
        "the line below is not squared",
        STRETCH,
        "The slope of 1 / s is -1 / s**2: what goes through the deviation is divided by dev + eps twice.",
        {"share": lambda x, eps: _deviation(x, eps) + eps},
    ),
    (
        "divided once too often in the third path",
        STRETCH,
        "The slope of 1 / s is -1 / s**2, and one x - mean stands above the line.",
        {"share": lambda x, eps: 1 / (_deviation(x, eps) + eps)},
    ),
    (
        "the mean taken as a constant",
        SHIFT,
        "The mean is made of the batch: it is on two paths, in x - mean and inside the sizes.",
        {"mean": lambda d_y: 0.0, "sign": np.sign},
    ),
    (
        "the size in place of its slope",
        STRETCH,
        "The slope of |z| is the sign of z.",
        {"sign": lambda x_hat: np.abs(x_hat) - np.abs(x_hat).mean(axis=0)},
    ),
    (
        "one mean for all features",
        (SHIFT, STRETCH),
        "Each feature is by itself: means are over the batch, axis 0.",
        {"mean": np.mean, "along": lambda d_y, x_hat: (d_y * x_hat).mean()},
    ),
    (
        "d_y alone in the third path",
        STRETCH,
        "What d_y has along y goes through the deviation: the mean of d_y * y.",
        {"along": lambda d_y, x_hat: d_y.mean(axis=0)},
    ),
    ("the third path added", STRETCH, "A larger deviation makes y smaller: minus.", {"share": lambda x, eps: -1.0}),
):
    absolute.mistake(name, fails, says)(_made(**switches))


@absolute.mistake("the sign of x", STRETCH, "It is the size of x - mean: its slope is the sign of x - mean.")
def sign_of_x(x, d_y, eps):
    return _made(sign=lambda x_hat: np.sign(x) - np.sign(x).mean(axis=0))(x, d_y, eps)


@absolute.mistake(
    "samples and features exchanged", EVERYTHING, "Mean and deviation are those of a feature, over the batch: axis 0."
)
def exchanged(x, d_y, eps):
    return _made()(x.T, d_y.T, eps).T


def _as_in_chapter(std):
    """The way back of batch normalisation, (7.3), with ``std(x, eps)``."""
    hat = {"hat": lambda x, eps: (x - x.mean(axis=0)) / std(x, eps), "sign": lambda x_hat: x_hat, "scale": std}
    return _made(**hat)


for std in (lambda x, eps: np.sqrt(x.var(axis=0) + eps), lambda x, eps: x.std(axis=0) + eps):
    absolute.mistake(
        "batch normalisation itself",
        DIRECT,
        "This is the way back of (7.1), through squares and a root: here a feature is divided by the mean of sizes.",
    )(_as_in_chapter(std))


@absolute.mistake("uphill", DIRECT, "The sign of d_x is that of d_y: more x is more y.")
def uphill(x, d_y, eps):
    return -_made()(x, d_y, eps)
