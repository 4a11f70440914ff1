"""Exercise 07-5: batch normalisation at inference, many samples in pieces, with one fault in the code handed out."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.checks.shared import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import different, whole, wide

RUNNING = "Every sample is standardised by the running mean and variance"
COMPANY = "A sample comes out the same, whatever stands in its piece"
SCALED = "gamma and beta act on what was standardised"
ALL_FAIL = (RUNNING, COMPANY, SCALED, NAMED, PURE)

MENU = {
    "statistics of the piece": "then a sample would come out differently in other company.",
    "running statistics move": "then the second call with the same samples would give something else.",
    "samples are left out": "then there would be fewer rows than samples.",
    "wrong axis": "then each sample would be standardised over its own features.",
    "eps outside the root": "then features of small variance would be shrunk too much, in any company.",
    "gamma and beta are swapped": "then a beta of 0 would make everything 0.",
}
pieces = Debug(
    "07-5", "Inference in pieces", "infer_in_pieces", topics=TOPICS, menu=MENU, fault="statistics of the piece"
)


def _right(x, gamma, beta, running_mean, running_var, eps, piece):
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


def _given(rng, num_samples, num_features, piece, **chosen):
    """Arguments; ``chosen`` replaces some of them."""
    given = {
        "x": rng.normal(2.0, 3.0, (num_samples, num_features)),
        "gamma": wide(rng, num_features),
        "beta": wide(rng, num_features),
        "running_mean": rng.normal(size=num_features),
        "running_var": rng.uniform(0.3, 4.0, num_features),
        "eps": 10.0 ** rng.uniform(-6, -1),
        "piece": piece,
    }
    return tuple((given | chosen).values())


def _cases(rng):
    few, many, features = different(rng, 3, 4, 12)
    sizes = ((few, features, 3), (many + 8, 3, 5), (7, 1, 2), (1, features, 4), (9, 2, 9), (6, 4, 1), (5, 3, 50))
    sizes += (few, few, few - 1), (1200, 1, 7)
    still = np.array([0.0, 0.4, 0.0])  # features that did not vary in training, and may do now
    return [*(_given(rng, *size) for size in sizes), _given(rng, 6, 3, 4, running_var=still, eps=0.1)]


whole(pieces, _right, _cases)


@pieces.check(
    RUNNING,
    points=2,
    hint=(
        "At inference the net has running statistics: which of the arguments does the code never use?",
        "x_hat = (x - running_mean) / sqrt(running_var + eps), (7.4).",
    ),
)
def running_statistics(infer_in_pieces, rng):
    plain = {"gamma": np.ones(3), "beta": np.zeros(3), "eps": float(rng.uniform(0.2, 0.6))}
    given = _given(rng, 6, 3, 50, **plain)
    close(infer_in_pieces(*given), _right(*given), "the result for gamma 1 and beta 0, in one piece,")


@pieces.check(COMPANY, points=1, hint="Try the same eight samples in pieces of 8, of 3 and of 1.")
def whatever_the_company(infer_in_pieces, rng):
    x, *others, _ = _given(rng, 8, 3, 8, gamma=rng.uniform(1.5, 3.0, 3))
    at_once = shaped(infer_in_pieces(x, *others, 8), x.shape, "the result in one piece").copy()
    if np.allclose(at_once, x) or np.any(np.ptp(at_once, axis=0) < 1e-9):
        raise Wrong("In one piece samples come out as they went in, or all alike.", got=at_once)
    for piece in (3, 5):
        close(infer_in_pieces(x, *others, piece), at_once, f"the result in pieces of {piece}, from yours in one piece,")


@pieces.check(SCALED, points=1, hint="y = gamma * x_hat + beta, (7.2).")
def gamma_and_beta_act_behind(infer_in_pieces, rng):
    standard = {"running_mean": np.zeros(3), "running_var": np.ones(3), "eps": 1e-13}
    given = _given(rng, 5, 3, 50, gamma=rng.uniform(2, 3, 3), beta=rng.uniform(4, 5, 3), **standard)
    close(infer_in_pieces(*given), _right(*given), "the result for running mean 0 and variance 1")


pieces.names_the_fault(points=1)


@pieces.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_are_left(infer_in_pieces, rng):
    leaves_inputs_alone(infer_in_pieces, *_given(rng, 7, 3, 3), other=_given(rng, 7, 3, 3))


@pieces.handed_out(ALL_FAIL)
def statistics_of_the_piece(x, gamma, beta, running_mean, running_var, eps, piece):
    found = []
    for first in range(0, len(x), piece):
        part = x[first : first + piece]
        x_hat = (part - part.mean(axis=0)) / np.sqrt(part.var(axis=0) + eps)
        found.append(gamma * x_hat + beta)
    return np.concatenate(found)


def _with_hat(hat):
    """An answer that scales ``hat(x, mean, var, eps)``."""

    def answer(x, gamma, beta, running_mean, running_var, eps, piece):
        return gamma * hat(x, running_mean, running_var, eps) + beta

    return answer


def _with_end(end):
    """An answer that ends with ``end(gamma, x_hat, beta)``."""

    def answer(x, gamma, beta, running_mean, running_var, eps, piece):
        return end(gamma, (x - running_mean) / np.sqrt(running_var + eps), beta)

    return answer


for name, says, hat in (
    (
        "divided by the variance",
        "Take the root: divide by the standard deviation.",
        lambda x, m, v, e: (x - m) / (v + e),
    ),
    (
        "eps outside the root",
        "eps is added to the variance, under the root.",
        lambda x, m, v, e: (x - m) / (v**0.5 + e),
    ),
    ("eps left out", "Add eps to the running variance.", lambda x, m, v, e: (x - m) / v**0.5),
    ("the mean left in", "Subtract the running mean first.", lambda x, m, v, e: x / (v + e) ** 0.5),
    ("the mean added", "Subtract the running mean, do not add it.", lambda x, m, v, e: (x + m) / (v + e) ** 0.5),
):
    pieces.mistake(name, RUNNING, says)(_with_hat(hat))
for name, says, end in (
    ("beta left out", "Add beta, the new mean.", lambda gamma, x_hat, beta: gamma * x_hat),
    ("gamma left out", "Multiply by gamma, the new standard deviation.", lambda gamma, x_hat, beta: x_hat + beta),
    ("beta scaled too", "gamma multiplies x_hat alone; beta is added after it.", lambda g, x_hat, b: g * (x_hat + b)),
):
    pieces.mistake(name, SCALED, says)(_with_end(end))


@pieces.mistake(
    "pieces in reverse order",
    COMPANY,
    "Row i of the result belongs to sample i: put the pieces together in the order in which they were taken.",
)
def pieces_in_reverse_order(x, gamma, beta, running_mean, running_var, eps, piece):
    y = _right(x, gamma, beta, running_mean, running_var, eps, piece)
    return np.concatenate([y[first : first + piece] for first in range(0, len(y), piece)][::-1])


@pieces.mistake("the last samples left out", COMPANY, "Samples that do not fill a piece are to come out, too.")
def last_samples_left_out(x, gamma, beta, running_mean, running_var, eps, piece):
    whole_pieces = len(x) // piece * piece or len(x)
    return _right(x[:whole_pieces], gamma, beta, running_mean, running_var, eps, piece)


@pieces.mistake(
    "statistics of all samples",
    (RUNNING, SCALED),
    "These are the statistics of all samples at hand. The net was trained with others: take the running ones.",
)
def statistics_of_all_samples(x, gamma, beta, running_mean, running_var, eps, piece):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta
