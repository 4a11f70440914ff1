"""Exercise 01-6: the gradient through a vector that is made one long, to be derived.

Its oracle walks into the complex plane.
"""

import numpy as np

from course_lib.chapters.ch01_backprop.checks.layers import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, either_sign, whole, wide

ACROSS = "What d_y has at a right angle to x is divided by the length of x"
ALONG = "What d_y has along x does not come through"
BOTH = (ACROSS, ALONG, PURE)

normalised = Exercise("01-6", "Back through a length", "normalised_backward", kind="derive", topics=TOPICS)


def _loss(x, d_y):
    """A loss whose gradient by y is d_y; ``x`` may be complex."""
    return np.sum(d_y * x / np.sqrt(np.sum(x * x, axis=1, keepdims=True)))


def _by_small_steps(x, d_y, h=1e-30):
    """Each derivative by a step into the complex plane, which subtracts nothing."""
    d_x = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1j * h
        d_x[place] = _loss(moved, d_y).imag / h
    return d_x


def _rows(rng, batch=4, n=3):
    """``(x, d_y)``: rows of different lengths, none near 1."""
    x, d_y = rng.normal(size=(2, batch, n))
    lengths = rng.permutation(np.linspace(1.5, 4.0, batch))
    return x / np.linalg.norm(x, axis=1, keepdims=True) * lengths[:, None], d_y


def _along(x, d_y):
    return x * (np.sum(x * d_y, axis=1) / np.sum(x * x, axis=1))[:, None]


@normalised.check(
    ACROSS,
    points=2,
    hint=(
        "Push x sideways by a little: how far does x / |x| go if x is long, how far if it is short?",
        "Each row is divided by its own length, once.",
    ),
)
def across(normalised_backward, rng):
    x, d_y = _rows(rng)
    d_y = d_y - _along(x, d_y)
    close(normalised_backward(x, d_y), _by_small_steps(x, d_y), "d_x for a d_y at right angles")


@normalised.check(
    ALONG,
    points=2,
    hint=(
        "Make x a little longer: what does y do?",
        "The length depends on every entry, too. Differentiate x_i / |x| by x_j, for i = j and for i != j.",
    ),
)
def along(normalised_backward, rng):
    x, d_y = _rows(rng)
    d_x = shaped(normalised_backward(x, d_y), x.shape, "d_x")
    if not np.all(np.abs(d_x).max(axis=1) > 1e-3):
        raise Wrong("A row of d_x is 0, though its d_y does not point along x.", got=d_x)
    close(_along(x, d_x), np.zeros(x.shape), "the part of d_x along x", atol=1e-10)


def _batches(rng):
    """Batches of one row and of many, long and short ones, numbers of either sign, zeros; one column: nothing moves;
    rows that have length 1 already.

    Rows of a millionth have no zeros: an entry that should be 0 there would be what rounding leaves, times a million.
    """
    batch, n, more = different(rng, 3, 2, 7)
    cases = []
    for rows, width, scale in ((batch, n, 1.0), (1, more, 100.0), (more, 2, 0.01), (3, 1, 1.0)):
        x = wide(rng, rows, width)
        x[:, 0] = rng.uniform(0.5, 2.0, rows)
        cases.append((scale * x, wide(rng, rows, width)))
    for scale in (1e-6, 1e5):
        x = scale * either_sign(rng, 0.5, 2.0, (batch, n))
        cases.append((x, either_sign(rng, 0.5, 2.0, (batch, n))))
    cases.append((either_sign(rng, 0.5, 2.0, (75, 2)), either_sign(rng, 0.5, 2.0, (75, 2))))
    return [*cases, (x / np.linalg.norm(x, axis=1, keepdims=True), either_sign(rng, 0.5, 2.0, (batch, n)))]


whole(normalised, _by_small_steps, _batches, ("d_x",), again=True)


@normalised.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_stay(normalised_backward, rng):
    leaves_inputs_alone(normalised_backward, *_rows(rng), other=_rows(rng))


def _length(x):
    return np.linalg.norm(x, axis=1, keepdims=True)


def _unit(x):
    return x / _length(x)


def _through_sum(x, d_y):
    size = np.sum(np.abs(x), axis=1, keepdims=True)
    return d_y / size - np.sign(x) * np.sum(x * d_y, axis=1, keepdims=True) / size**2


def _made(along=lambda part, x, length: part, power=1):
    """An answer that takes ``along`` out and divides by the length to some power."""

    def answer(x, d_y):
        length = np.linalg.norm(x, axis=1, keepdims=True)
        return (d_y - along(_along(x, d_y), x, length)) / length**power

    return answer


for name, fails, says, wrong in (
    ("not divided", ACROSS, "A longer x turns less: divide by its length.", _made(power=0)),
    ("divided twice", ACROSS, "Divide by the length once, not by its square.", _made(power=2)),
    ("divided three times", ACROSS, "Divide by the length once, not by its cube.", _made(power=3)),
    ("multiplied by the length", ACROSS, "A longer x turns less, not more: divide by its length.", _made(power=-1)),
    (
        "the length is taken as a constant",
        ALONG,
        "The length is made of x, too: there is a second path, through the length.",
        _made(lambda part, x, length: 0 * part),
    ),
    (
        "the second path added",
        ALONG,
        "The path through the length has a minus: a longer x makes y shorter.",
        _made(lambda part, x, length: -part),
    ),
    (
        "half of the second path",
        ALONG,
        "The derivative of the length is x / |x|: the 2 of the square and the 1/2 of the root cancel.",
        _made(lambda part, x, length: part / 2),
    ),
    (
        "twice the second path",
        ALONG,
        "The derivative of the length is x / |x|: the 2 of the square and the 1/2 of the root cancel.",
        _made(lambda part, x, length: 2 * part),
    ),
    (
        "x in place of y on the second path",
        ALONG,
        "Written with y = x / |x| it is y (y . d_y): with x in its place it is |x|^2 times too large.",
        _made(lambda part, x, length: part * length**2),
    ),
    (
        "the second path divided by the length",
        ALONG,
        "x (x . d_y) is divided by the square of the length, and then all by the length.",
        _made(lambda part, x, length: part * length),
    ),
    (
        "the second path divided once too often",
        ALONG,
        "With y = x / |x| it is y (y . d_y) / |x|: the lengths of both y are in it, and |x| once more.",
        _made(lambda part, x, length: part / length),
    ),
    (
        "the mean in place of the sum",
        ALONG,
        "y . d_y adds up over the row, with no division by the number of its entries.",
        _made(lambda part, x, length: part / x.shape[1]),
    ),
    (
        "one product for the whole batch",
        ALONG,
        "Each row has a product y . d_y of its own: sum over axis 1, and keep the rows apart.",
        lambda x, d_y: (d_y - _unit(x) * np.sum(_unit(x) * d_y)) / _length(x),
    ),
    (
        "y . d_y without the second y",
        ALONG,
        "y . d_y is a number for each row; what is taken out is that much of y.",
        lambda x, d_y: (d_y - np.sum(_unit(x) * d_y, axis=1, keepdims=True)) / _length(x),
    ),
    (
        "the sum of d_y in place of y . d_y",
        BOTH,
        "What is taken out is the part of d_y along y: each entry of d_y counts with that of y.",
        lambda x, d_y: (d_y - _unit(x) * np.sum(d_y, axis=1, keepdims=True)) / _length(x),
    ),
    (
        "each entry by itself",
        BOTH,
        "The length is made of all entries, so each y_i depends on every x_j: the products mix the row.",
        lambda x, d_y: d_y * (1 - _unit(x) ** 2) / _length(x),
    ),
    (
        "the square of the length",
        BOTH,
        "The length is the root of the sum of the squares.",
        lambda x, d_y: (d_y - x * np.sum(x * d_y, axis=1, keepdims=True) / _length(x) ** 4) / _length(x) ** 2,
    ),
    (
        "the sum of the entries for the length",
        ACROSS,
        "|x| is the root of the sum of the squares; here x is divided by a sum of sizes.",
        lambda x, d_y: _through_sum(x, d_y),
    ),
    (
        "as in batchnorm",
        BOTH,
        "Nothing is centred here: no mean of d_y is taken out, and y . d_y is a sum.",
        lambda x, d_y: (
            (d_y - d_y.mean(axis=1, keepdims=True) - _unit(x) * np.mean(_unit(x) * d_y, axis=1, keepdims=True))
            / _length(x)
        ),
    ),
):
    normalised.mistake(name, fails, says)(wrong)


@normalised.mistake("one length for the batch", BOTH, "Each row has a length of its own: sum over axis 1 alone.")
def one_length(x, d_y):
    length = np.sqrt(np.sum(x * x))
    return d_y / length - x * np.sum(x * d_y) / length**3


@normalised.mistake("one length for the batch", BOTH, "Each row has a length of its own: sum over axis 1 alone.")
def one_length_a_product_for_each_row(x, d_y):
    length = np.sqrt(np.sum(x * x))
    return d_y / length - x * np.sum(x * d_y, axis=1, keepdims=True) / length**3


@normalised.mistake("the lengths of the columns", BOTH, "A sample is a row: sum over axis 1.")
def lengths_of_columns(x, d_y):
    length = np.sqrt(np.sum(x * x, axis=0))
    return d_y / length - x * np.sum(x * d_y, axis=0) / length**3


@normalised.mistake("uphill", ACROSS, "The sign of d_x is that of d_y: x and y turn the same way.")
def uphill(x, d_y):
    return -_made()(x, d_y)
