"""Exercise 02-8: a large batch in pieces, with one fault in the code that is handed out."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.checks.rules import PURE, PURE_HINT, TOPICS, vector
from course_lib.checks.calls import leaves_inputs_alone, point_asked
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import WHOLE, whole

UNEVEN = "In pieces that do not fit evenly the step is that of the whole batch"
SAME = "Direction and length of the step do not depend on the size of the pieces"
ALL_FAIL = (UNEVEN, SAME, NAMED, PURE)

MENU = {
    "pieces weigh the same": "then a piece with one sample would count as much as one with many.",
    "samples are left out": "then the last samples could have any value, and the step would stay the same.",
    "sum instead of mean": "then pieces of half the size would double the step, also where they fit evenly.",
    "stale point": "then each piece would begin where the piece before has left theta.",
    "samples come twice": "then gradient would be asked about more samples than there are.",
    "wrong sign": "then the loss would rise, whatever the pieces.",
}
pieces = Debug(
    "02-8", "A large batch in pieces", "step_in_pieces", topics=TOPICS, menu=MENU, fault="pieces weigh the same"
)


class MeanGradient:
    """``gradient(theta, samples)``, the mean over the samples, as answers ask for it; ``most`` fit into memory."""

    def __init__(self, most):
        self.most, self.longest = most, 0

    def __call__(self, theta, samples):
        theta, samples = point_asked(theta), point_asked(samples)
        if theta.ndim != 1 or samples.ndim != 2 or samples.shape[1:] != theta.shape or not len(samples):
            raise ValueError(
                f"gradient takes theta (n,) and samples (m, n), m > 0; not {theta.shape}, {samples.shape}."
            )
        self.longest = max(self.longest, len(samples))
        return self.of_all(theta, samples)

    def of_all(self, theta, samples):
        return np.tanh(theta - samples).mean(axis=0) + 0.2 * theta


def _given(rng, num_samples, piece):
    """No two samples alike, the last ones farthest away: what becomes of them is seen."""
    samples = rng.normal(size=(num_samples, 3)) + np.linspace(0, 3, num_samples)[:, None]
    return vector(rng), samples, MeanGradient(piece), rng.uniform(0.3, 0.6), piece


def _whole_batch(theta, samples, gradient, learning_rate, piece):
    return theta - learning_rate * gradient.of_all(theta, samples)


def _batches(rng):
    sizes = ((7, 3), (11, 4), (10, 3), (9, 3), (5, 1), (4, 9), (1, 2), (13, 12))
    return [_given(rng, num_samples, piece) for num_samples, piece in sizes]


def _as_it_fits(result, expected, given, mine):
    close(result, expected, "the new theta")
    if given[2].longest > given[2].most:
        raise Wrong(
            "gradient was asked about more samples than fit into memory.", got=given[2].longest, expected=given[2].most
        )


whole(pieces, _whole_batch, _batches, ("the new theta",), _as_it_fits, again=True)


@pieces.check(
    UNEVEN,
    points=1,
    hint=(
        "Ten samples in pieces of four: four, four and two. Which share of the mean is due to the last two?",
        "The mean over all is the sum of len(part) * gradient(theta, part), divided by len(samples).",
    ),
)
def uneven_pieces(step_in_pieces, rng):
    given = _given(rng, int(rng.choice([7, 10, 13])), 3)
    close(step_in_pieces(*given), _whole_batch(*given), "the new theta")


@pieces.check(SAME, points=1, hint="Try pieces of 2, of 3 and of 4 on the same ten samples.")
def whatever_the_size_of_the_pieces(step_in_pieces, rng):
    theta, samples, gradient, learning_rate, _ = _given(rng, 10, 3)
    right = _whole_batch(theta, samples, gradient, learning_rate, 10) - theta
    lengths = []
    for piece in (4, 3, 7):
        new = shaped(step_in_pieces(theta, samples, gradient, learning_rate, piece), theta.shape, "the new theta")
        lengths.append((new - theta) @ right / (right @ right))
        close(new, theta + lengths[-1] * right, "the new theta, seen in the direction of the whole batch,")
    if lengths[0] == 0:
        raise Wrong("theta does not move.", got=new)
    close(np.array(lengths), np.full(3, lengths[0]), "the lengths of the steps with pieces of 4, 3 and 7")


pieces.names_the_fault(points=1)


@pieces.check(PURE, points=1, hint=PURE_HINT, aside=True)
def theta_and_samples_are_left(step_in_pieces, rng):
    leaves_inputs_alone(step_in_pieces, *_given(rng, 7, 3), other=_given(rng, 5, 2))


@pieces.handed_out(ALL_FAIL)
def pieces_weigh_the_same(theta, samples, gradient, learning_rate, piece):
    total, count = np.zeros_like(theta), 0
    for first in range(0, len(samples), piece):
        part = samples[first : first + piece]
        total = total + gradient(theta, part)
        count = count + 1
    return theta - learning_rate * total / count


def _parts(samples, piece):
    return [samples[first : first + piece] for first in range(0, len(samples), piece)]


def _summed(theta, samples, gradient, piece):
    """The sum over all samples."""
    return sum(len(part) * gradient(theta, part) for part in _parts(samples, piece))


def _with_step(step):
    """An answer that adds ``step(sum of the gradients, learning_rate, number of samples)``."""

    def answer(theta, samples, gradient, learning_rate, piece):
        return theta + step(_summed(theta, samples, gradient, piece), learning_rate, len(samples))

    return answer


for name, says, step in (
    (
        "not divided by the number of samples",
        "You weigh each piece by its samples, which gives their sum: divide by len(samples).",
        lambda g, rate, n: -rate * g,
    ),
    ("divided twice", "The sum over all samples is divided by their number once.", lambda g, rate, n: -rate * g / n**2),
    ("uphill", "Subtract the gradient: adding it climbs.", lambda g, rate, n: rate * g / n),
    ("the learning rate left out", "Multiply the mean gradient by the learning rate.", lambda g, rate, n: -g / n),
    ("half of it", "Divide by the number of samples, not by twice that.", lambda g, rate, n: -rate * g / n / 2),
):
    pieces.mistake(name, UNEVEN, says)(_with_step(step))


@pieces.mistake("the mean gradient alone", ALL_FAIL, "Return the new theta: theta minus the step.")
def mean_gradient_alone(theta, samples, gradient, learning_rate, piece):
    return _summed(theta, samples, gradient, piece) / len(samples)


@pieces.mistake(
    "divided by the samples, but not weighed",
    ALL_FAIL,
    "gradient is a mean already: multiply it by the number of samples in the piece before you add it up.",
)
def divided_but_not_weighed(theta, samples, gradient, learning_rate, piece):
    total = sum(gradient(theta, part) for part in _parts(samples, piece))
    return theta - learning_rate * total / len(samples)


@pieces.mistake(
    "every piece weighed as if it were full",
    ALL_FAIL,
    "The last piece holds fewer samples: weigh it by len(part), not by piece.",
)
def weighed_as_if_full(theta, samples, gradient, learning_rate, piece):
    total = sum(piece * gradient(theta, part) for part in _parts(samples, piece))
    return theta - learning_rate * total / len(samples)


def _shares_of_pieces(share, parts):
    def answer(theta, samples, gradient, learning_rate, piece):
        cut = parts(samples, piece)
        return theta - learning_rate * sum(share(part, cut, samples) * gradient(theta, part) for part in cut)

    return answer


for name, says, share, parts in (
    (
        "weighed, but divided by the number of pieces",
        "Each piece is weighed by its samples, so the sum is divided by the number of samples, not of pieces.",
        lambda part, pieces, samples: len(part) / len(pieces),
        _parts,
    ),
    (
        "each piece divided by its own samples",
        "gradient is a mean already: multiply it by len(part), and divide the sum by len(samples).",
        lambda part, pieces, samples: 1 / len(part),
        _parts,
    ),
    (
        "pieces of nearly equal size, which weigh the same",
        "np.array_split makes the sizes more alike, but not equal: each mean is still weighed by len(part).",
        lambda part, pieces, samples: 1 / len(pieces),
        lambda samples, piece: np.array_split(samples, -(-len(samples) // piece)),
    ),
    (
        "pieces that overlap",
        "first : first + piece holds piece samples; with one more, the next piece counts that one again.",
        lambda part, pieces, samples: len(part) / sum(map(len, pieces)),
        lambda samples, piece: [samples[first : first + piece + 1] for first in range(0, len(samples), piece)],
    ),
    (
        "the last piece alone",
        "Each piece adds to the sum: with total = ... in the loop only the last one is left.",
        lambda part, pieces, samples: float(part is pieces[-1]),
        _parts,
    ),
):
    pieces.mistake(name, ALL_FAIL, says)(_shares_of_pieces(share, parts))


@pieces.mistake(
    "the last samples left out", ALL_FAIL, "Samples that do not fill a piece belong to the mean as well: keep them."
)
def last_samples_left_out(theta, samples, gradient, learning_rate, piece):
    parts = [part for part in _parts(samples, piece) if len(part) == piece] or [samples]
    return theta - learning_rate * sum(gradient(theta, part) for part in parts) / len(parts)


@pieces.mistake(
    "a step for each piece", ALL_FAIL, "theta moves once, after the last piece: until then all ask at the same point."
)
def step_for_each_piece(theta, samples, gradient, learning_rate, piece):
    for part in _parts(samples, piece):
        theta = theta - learning_rate * len(part) / len(samples) * gradient(theta, part)
    return theta


@pieces.mistake(
    "the whole batch at once",
    WHOLE,
    "The step is right, but gradient was asked about more samples than fit into memory: piece of them at a time.",
)
def whole_batch_at_once(theta, samples, gradient, learning_rate, piece):
    return theta - learning_rate * gradient(theta, samples)
