"""Checking functions that draw random weights: by shape and statistics, since numbers may be drawn in any order.

Bounds are five standard errors of a right answer: one run in a million fails for bad luck.
"""

import numpy as np

from course_lib.checks.compare import Wrong, alike, numbers, shaped
from course_lib.checks.facts import telling
from course_lib.settings.language import tr

ERRORS = 5  # standard errors
IN_A_ROW = 12  # calls with one generator
EXACT = 1e-10  # relative: a draw that comes so close to its expectation was made to
KURTOSIS = {"uniform": 1.8, "normal": 3.0}  # E[(w - m)^4] / Var^2


SCALED = "The variance is that of the distribution, not of the numbers that came: leave them as they were drawn."
BALANCED = "Numbers that are drawn one by one have a mean that is not 0: do not take it off afterwards."


def weights(result, shape):
    """Return ``result`` as a float64 array of finite numbers with this shape, or raise ``Wrong``."""
    got = shaped(result, shape, "the array of weights")
    if got.dtype.kind in "biu":
        raise Wrong(tr("The weights are whole numbers."), "Integer", got=got)
    if got.dtype.itemsize < 8:
        raise Wrong(tr("The weights have fewer digits than float64."), "Precision", got=got)
    return got


def weights_either_way(result, shape):
    """The same, but an array whose two axes are the other way round is turned: its shape has a check of its own."""
    try:
        return weights(result, shape)
    except Wrong as wrong:
        if wrong.kind != "Shape" or wrong.got.shape != shape[::-1]:
            raise
        return weights(np.transpose(result), shape)


def _no_draw(exact, sentence, name, says):
    """Raise ``Wrong``, and name what was done, if something holds exactly that chance brings about only nearly."""
    with telling(exact, name, says):
        if exact:
            raise Wrong(tr(sentence))


def centred(got):
    """Raise ``Wrong`` unless the mean of the weights is 0 up to chance."""
    got = numbers(got)
    if abs(got.mean()) > ERRORS * got.std() / np.sqrt(got.size) + 1e-12:
        raise Wrong(tr("The mean of the weights is not 0."), got=float(got.mean()), expected=0.0)


def has_variance(got, variance, distribution):
    """Raise ``Wrong`` unless the weights have this variance (of a "uniform" or "normal" distribution) up to chance, or
    if they have it to the last digit."""
    found, unbiased = (float(np.var(numbers(got), ddof=ddof)) for ddof in (0, min(1, got.size - 1)))
    exact = min(abs(found - variance), abs(unbiased - variance)) < EXACT * variance
    sentence = (
        "The variance of the weights is exactly that of the distribution: with drawn numbers it is only nearly so."
    )
    _no_draw(exact, sentence, "scaled after the draw", SCALED)
    error = variance * np.sqrt((KURTOSIS[distribution] - 1) / got.size)
    if abs(found - variance) > ERRORS * error:
        raise Wrong(tr("The variance of the weights is not what was expected."), got=found, expected=float(variance))


def is_distributed(got, distribution):
    """Raise ``Wrong`` unless the weights look uniform or normal: by their kurtosis, and by how far they reach."""
    got = numbers(got)
    ratio = (got - got.mean()) / (got.std() + 1e-300)
    kurtosis, reach = float(np.mean(ratio**4)), float(np.max(np.abs(ratio)))
    # 6 000 draws: the kurtosis to 0.06, five of these 0.32; a normal reaches beyond 3, a uniform ends at 1.73.
    fits = abs(kurtosis - KURTOSIS[distribution]) < 0.35 and (reach > 3 if distribution == "normal" else reach < 1.8)
    if not fits:
        raise Wrong(f"The weights are not {distribution}ly distributed.")


def independent(got):
    """Raise ``Wrong`` unless the weights look drawn one by one: none twice, mirrored, in step with its neighbour, or
    balanced so that they add up to 0."""
    got = numbers(got)
    if len(np.unique(np.abs(got).round(14))) < 0.999 * got.size:
        raise Wrong(
            "Some weights occur more than once, or again with the other sign: each is drawn by itself.", got=got
        )
    exact = any(np.all(np.abs(got.mean(axis)) < EXACT * got.std()) for axis in (None, 0, 1))
    _no_draw(exact, "The weights add up to exactly 0: drawn numbers do not.", "the mean taken off", BALANCED)
    for one, other in ((got[1:], got[:-1]), (got[:, 1:], got[:, :-1])):
        if abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) > ERRORS / np.sqrt(one.size):
            raise Wrong(tr("Neighbouring weights are not independent: each is drawn by itself."), got=got)


def uses_the_generator(call, what="weights"):
    """Raise ``Wrong`` unless ``call(generator)`` draws from the generator: same state, same draws; another, others; and
    others whenever it is called again.

    Args:
        call: function of a NumPy ``Generator`` that calls the student's function.
        what: what it draws, for the sentences.
    """
    first, again, other = (numbers(call(np.random.default_rng(seed))) for seed in (1, 1, 2))
    if not alike(first, again):
        raise Wrong(f"Generators in the same state lead to different {what}.")
    if alike(first, other):
        raise Wrong(f"Generators in different states lead to the same {what}.")
    generator = np.random.default_rng(3)
    drawn = [np.ravel(call(generator)).tolist() for _ in range(IN_A_ROW)]
    if any(one in drawn[:k] for k, one in enumerate(drawn)):
        raise Wrong(f"Calls with one generator, one after the other, lead to the same {what}.")


def same_draws(calls, others):
    """Whether two functions drew alike, call by call and in which calls repeat each other; for ``Exercise.same``."""
    pairs = list(zip(calls, others, strict=True))
    if not all(_alike(one, other) for one, other in pairs):
        return False
    return _repeats([one.result for one, _ in pairs]) == _repeats([other.result for _, other in pairs])


def _repeats(results):
    return [alike(results[i], results[j]) for i in range(len(results)) for j in range(i)]


def _alike(one, other):
    """Whether two calls returned arrays of one shape, mean, spread and form."""
    if one.error or other.error:
        return bool(one.error and other.error) and one.error.args == other.error.args
    try:
        one, other = numbers(one.result), numbers(other.result)
    except Wrong:
        return False
    if one.shape != other.shape or one.size < 100:  # a few numbers have no statistics
        return one.shape == other.shape
    (mean, spread, form), (mean_2, spread_2, form_2) = _moments(one), _moments(other)
    chance = ERRORS / np.sqrt(one.size)  # of the difference of two samples: of a spread 1, of a mean sqrt(2) times it
    same_form = abs(form - form_2) < 6 * chance
    return abs(spread / spread_2 - 1) < 0.7 * chance and abs(mean - mean_2) < 1.5 * chance * spread_2 and same_form


def _moments(array):
    mean, spread = array.mean(), array.std() + 1e-300
    return mean, spread, np.mean(((array - mean) / spread) ** 4)
