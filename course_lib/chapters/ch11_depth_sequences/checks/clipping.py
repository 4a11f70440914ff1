"""Exercise 11-3: clipping by the global norm."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.checks.through_time import PURE, PURE_HINT, TOPICS, WRITES, others
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, numbers, several
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, whole

clip = Exercise("11-3", "Clipping by the global norm", "clip_all", topics=TOPICS)

LONG = "A gradient that is too long is shortened by one factor for all layers"
SHORT = "A gradient that is short enough stays as it is, the zero gradient too"
NO_NUMBER = "Where the norm is inf or nan, all gradients become 0"
NORM = "The norm that comes back is that before clipping"
NAMES = ("the gradient by weight_x", "the gradient by weight_h", "the gradient by bias", "the norm")


def global_norm(*parts):
    """The root of the sum of all squares."""
    return float(np.sqrt(sum(np.sum(np.square(part)) for part in parts)))


def _clipped(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = d_weight_x, d_weight_h, d_bias
    norm = global_norm(*parts)
    if not np.isfinite(norm):
        return *(np.zeros(part.shape) for part in parts), norm
    factor = max_norm / norm if norm > max_norm else 1.0
    return *(part * factor for part in parts), norm


def _layer(rng, length, max_norm):
    """Gradients of a recurrent layer, together ``length`` long, and the threshold."""
    hidden, fan_in = different(rng, 2, 2, 6)
    parts = [rng.normal(size=shape) for shape in ((hidden, fan_in), (hidden, hidden), (hidden,))]
    parts[2][0] = 0.0
    norm = global_norm(*parts)
    return *(part * (length / norm) for part in parts), max_norm


BAD = np.inf, np.nan, -np.inf


def _spoiled(rng, bad, place):
    """One number of the gradient number ``place`` is ``bad``."""
    given = _layer(rng, 0.6, 1.0)
    given[place].reshape(-1)[-1] = bad
    return given


def _inf_of_either_sign(rng):
    given = _spoiled(rng, np.inf, 0)
    given[1][0, 0] = -np.inf
    return given


def _zero(rng):
    return *(0 * part for part in _layer(rng, 1.0, 1.0)[:3]), 0.5


def _same_parts(clip_all, given):
    """Compare the gradients, and leave the norm to the check of its own."""
    for part, right, name in zip(several(clip_all(*given), NAMES), _clipped(*given)[:3], NAMES, strict=False):
        close(part, right, name)


@clip.check(LONG, points=1, hint=("One norm over all numbers of all three.", "factor = max_norm / norm"))
def long_ones_are_shortened(clip_all, rng):
    for length, max_norm in ((8.0, 0.7), (30.0, 2.5)):
        _same_parts(clip_all, _layer(rng, length, max_norm))


@clip.check(SHORT, points=1, hint="Nothing happens unless norm > max_norm; and 0 / 0 is no factor.", supporting=True)
def short_ones_stay(clip_all, rng):
    for given in (_layer(rng, 0.5, 1.0), _layer(rng, 0.05, np.inf), _zero(rng)):
        _same_parts(clip_all, given)


@clip.check(
    NO_NUMBER,
    points=1,
    hint="np.isfinite(norm): if it is not, return zeros of the same shapes.",
    supporting=True,
)
def no_number_no_step(clip_all, rng):
    found = []
    for place, bad in ((place, bad) for place in (1, 0, 2) for bad in BAD):
        *parts, _ = several(clip_all(*_spoiled(rng, bad, place)), NAMES)
        if not found and not any(
            np.isfinite(numbers(part, name)).any() for part, name in zip(parts, NAMES, strict=False)
        ):
            close(parts[0], np.zeros(np.shape(parts[0])), NAMES[0])  # not a finite number anywhere: said as that
        left = [np.count_nonzero(numbers(part, name)) for part, name in zip(parts, NAMES, strict=False)]
        found.append(float(sum(left)))
    close(np.array(found), np.zeros(9), "how much is left of nine gradients in which one number is inf, nan or -inf")


@clip.check(NORM, points=1, hint="Keep it before you multiply: one wants to see how often clipping acts.")
def norm_comes_back(clip_all, rng):
    for given in (_layer(rng, 6.0, 1.0), _layer(rng, 0.4, 1.0)):
        close(several(clip_all(*given), NAMES)[3], _clipped(*given)[3], NAMES[3])


def _cases(rng):
    """Just too long, and by many orders of magnitude; short ones; one number that is none, in each place, where
    any norm is allowed, too."""
    lengths = (5.0, 1.0), (2.0, 1.9), (400.0, 3.0), (1e-4, 1e-5), (1e60, 2.0), (1e98, 0.5)
    long = [_layer(rng, length, max_norm) for length, max_norm in lengths]
    short = [_layer(rng, length, max_norm) for length, max_norm in ((0.3, 1.0), (0.9, 5.0), (7.0, np.inf))]
    spoiled = [_spoiled(rng, bad, place) for place in range(3) for bad in BAD]
    unbounded = [(*given[:3], np.inf) for given in spoiled[:2]]
    return [*long, *short, _zero(rng), *spoiled, *unbounded, _inf_of_either_sign(rng)]


def _agree(result, expected, given, mine):
    """All three gradients, and the norm; where that is no finite number, so is what comes back."""
    for part, right, name in zip(several(result, NAMES), expected, NAMES, strict=True):
        if np.all(np.isfinite(right)):
            size = max(1.0, np.max(np.abs(right)) / 1e6)  # numbers beyond 1e50 are compared with none
            close(numbers(part, name) / size, right / size, name)
        elif np.all(np.isfinite(numbers(part, name))):
            raise Wrong("The norm before clipping is inf or nan here, but another number came back.", got=part)


whole(clip, _clipped, _cases, NAMES, agree=_agree)


@clip.check(PURE, points=1, hint=PURE_HINT, aside=True)
def gradients_are_left_alone(clip_all, rng):
    given = _layer(rng, 4.0, 1.0)
    leaves_inputs_alone(clip_all, *given, other=others(rng, given))


def _wrong(name, fails, says, norm_of=global_norm, told=lambda norm, clipped: norm, clipping=None):
    """Right but for the norm that decides, the norm that is told, or how a finite gradient is clipped."""

    @clip.mistake(name, fails, says)
    def function(d_weight_x, d_weight_h, d_bias, max_norm):
        parts = d_weight_x, d_weight_h, d_bias
        if not np.isfinite(global_norm(*parts)):
            return _clipped(*parts, max_norm)
        norm = norm_of(*parts)
        factor = max_norm / norm if norm > max_norm else 1.0
        clipped = [part * factor for part in parts] if clipping is None else clipping(parts, max_norm)
        return *clipped, told(global_norm(*parts), clipped)


def _norms(*parts):
    return [global_norm(part) for part in parts]


def _each(parts, max_norm):
    return [part * min(1.0, max_norm / max(global_norm(part), 1e-300)) for part in parts]


def _always(parts, max_norm):
    norm = global_norm(*parts)
    return list(parts) if norm == 0 or max_norm == np.inf else [part * (max_norm / norm) for part in parts]


_wrong("norms added up", LONG, "Norms add as squares: the root of their sum.", norm_of=lambda *p: sum(_norms(*p)))
_wrong("the longest one's norm", LONG, "One norm over all three.", norm_of=lambda *p: max(_norms(*p)))
_wrong(
    "the root forgotten", LONG, "The norm is the root of the sum of squares.", norm_of=lambda *p: global_norm(*p) ** 2
)
_wrong(
    "root mean square",
    LONG,
    "The norm is of the sum of squares, not of their mean.",
    norm_of=lambda *p: global_norm(*p) / np.sqrt(sum(part.size for part in p)),
)
_wrong("each by its own norm", LONG, "One factor for all: they keep their proportions.", clipping=_each)
_wrong(
    "by value",
    LONG,
    "This cuts coordinates one by one, and turns the gradient.",
    clipping=lambda parts, max_norm: [np.clip(part, -max_norm, max_norm) for part in parts],
)
_wrong("always rescaled", SHORT, "Short gradients stay short: only where norm > max_norm.", clipping=_always)
_wrong("the norm after clipping", NORM, "Return the norm before clipping.", told=lambda norm, c: global_norm(*c))
_wrong("the norm's square", NORM, "Return the root.", told=lambda norm, clipped: norm**2)


@clip.mistake("0 / 0", SHORT, "The zero gradient has no direction: look whether norm > max_norm before you divide.")
def zero_over_zero(d_weight_x, d_weight_h, d_bias, max_norm):
    *clipped, norm = _clipped(d_weight_x, d_weight_h, d_bias, max_norm)
    return *(part * np.nan if norm == 0 else part for part in clipped), norm


@clip.mistake("inf and nan go through", NO_NUMBER, "max_norm / inf is 0, and 0 * inf is nan: look at the norm first.")
def goes_through(d_weight_x, d_weight_h, d_bias, max_norm):
    norm = global_norm(d_weight_x, d_weight_h, d_bias)
    factor = min(1.0, max_norm / norm if norm else 1.0)
    return *(part * factor for part in (d_weight_x, d_weight_h, d_bias)), norm


@clip.mistake("only inf is caught", NO_NUMBER, "A nan in one place makes the norm nan: np.isfinite catches both.")
def only_inf(d_weight_x, d_weight_h, d_bias, max_norm):
    *clipped, norm = _clipped(d_weight_x, d_weight_h, d_bias, max_norm)
    return *(part * np.nan if np.isnan(norm) else part for part in clipped), norm


@clip.mistake("gradients are overwritten", PURE, WRITES)
def overwritten(d_weight_x, d_weight_h, d_bias, max_norm):
    *clipped, norm = _clipped(d_weight_x, d_weight_h, d_bias, max_norm)
    d_weight_x[:], d_weight_h[:], d_bias[:] = clipped
    return *clipped, norm


def _stretch(part):
    return np.linalg.norm(part, 2) if np.isfinite(part).all() else np.nan


def _by_another_norm(norm_of):
    """Clipping by ``norm_of(*parts)``, which also comes back."""

    def clipped(d_weight_x, d_weight_h, d_bias, max_norm):
        parts = d_weight_x, d_weight_h, d_bias
        norm = norm_of(*parts)
        if not np.isfinite(norm):
            return *map(np.zeros_like, parts), norm
        factor = max_norm / norm if norm > max_norm else 1.0
        return *(factor * part for part in parts), norm

    return clipped


for name, fails, says, norm_of in (
    (
        "a sum of norms, returned as well",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "Norms add as squares: the root of the sum of all squares.",
        lambda *parts: sum(np.sqrt(np.sum(part**2)) for part in parts),
    ),
    (
        "bias left out of the norm",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "One norm over all three: the bias counts, too.",
        lambda *parts: np.sqrt(sum(np.sum(part**2) for part in parts[:2])),
    ),
    (
        "weight_x left out of the norm",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "One norm over all three.",
        lambda *parts: np.sqrt(sum(np.sum(part**2) for part in parts[1:])),
    ),
    (
        "largest stretch of a matrix for its norm",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "np.linalg.norm(g, 2) is a matrix's largest singular value: all squares are added, np.linalg.norm(g).",
        lambda *parts: global_norm(*(_stretch(part) for part in parts)),
    ),
    (
        "the largest entry for the norm",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "The norm is the root of the sum of all squares.",
        lambda *parts: max(np.abs(part).max() for part in parts),
    ),
    (
        "sum of sizes for the norm",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "The norm is the root of the sum of all squares, not the sum of sizes.",
        lambda *parts: sum(np.sum(np.abs(part)) for part in parts),
    ),
    (
        "root mean square, returned as well",
        (LONG, SHORT, NO_NUMBER, NORM, PURE),
        "The norm is of the sum of squares, not of their mean.",
        lambda *parts: np.sqrt(sum(np.sum(part**2) for part in parts) / sum(part.size for part in parts)),
    ),
):
    clip.mistake(name, fails, says)(_by_another_norm(norm_of))


@clip.mistake(
    "nan is caught, inf is not", NO_NUMBER, "inf makes the factor 0, and 0 * inf is nan: np.isfinite catches both."
)
def nan_is_caught_inf_is_not(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if np.isnan(norm):
        return (*(np.zeros_like(part) for part in parts), norm)
    factor = max_norm / norm if norm > max_norm else 1.0
    return (*(factor * part for part in parts), norm)


@clip.mistake("bias not shortened", LONG, "One factor for all three.")
def bias_not_shortened(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if not np.isfinite(norm):
        return (*(np.zeros_like(part) for part in parts), norm)
    factor = max_norm / norm if norm > max_norm else 1.0
    return (factor * d_weight_x, factor * d_weight_h, d_bias, norm)


def _small_number(small):
    """``small`` beside the norm."""

    def clipped(d_weight_x, d_weight_h, d_bias, max_norm):
        parts = d_weight_x, d_weight_h, d_bias
        norm = global_norm(*parts)
        if not np.isfinite(norm):
            return *map(np.zeros_like, parts), norm
        factor = max_norm / (norm + small) if norm > max_norm else 1.0
        return *(factor * part for part in parts), norm

    return clipped


for small in 10.0 ** -np.arange(1, 9):
    clip.mistake(
        "a small number below the line", LONG, "Where norm > max_norm nothing is 0: divide by the norm itself."
    )(_small_number(small))


@clip.mistake(
    "the factor turned round", (LONG, SHORT), "The factor is max_norm / norm: times it, norm becomes max_norm."
)
def the_factor_turned_round(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = global_norm(*parts)
    if not np.isfinite(norm):
        return (*map(np.zeros_like, parts), norm)
    return (*(min(1.0, norm / max_norm) * part for part in parts), norm)


@clip.mistake("the factor turned round", LONG, "The factor is max_norm / norm: times it, norm becomes max_norm.")
def longer_ones_made_longer(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = global_norm(*parts)
    if not np.isfinite(norm):
        return (*map(np.zeros_like, parts), norm)
    return (*(norm / max_norm * part if norm > max_norm else 1 * part for part in parts), norm)


@clip.mistake("only inf is caught", NO_NUMBER, "A nan in one place makes the norm nan: np.isfinite catches both.")
def nan_stays_where_it_is(d_weight_x, d_weight_h, d_bias, max_norm):
    *clipped, norm = _clipped(d_weight_x, d_weight_h, d_bias, max_norm)
    return *((d_weight_x, d_weight_h, d_bias) if np.isnan(norm) else clipped), norm


@clip.mistake(
    "the short ones rescaled", (LONG, SHORT), "It is the other way round: what is longer than max_norm is shortened."
)
def the_short_ones_rescaled(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if not np.isfinite(norm):
        return (*(np.zeros_like(part) for part in parts), norm)
    factor = max_norm / norm if norm < max_norm else 1.0
    return (*(factor * part for part in parts), norm)


@clip.mistake("shortened to nothing", LONG, "A long gradient keeps its direction, and max_norm of its length.")
def shortened_to_nothing(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if not np.isfinite(norm):
        return (*(np.zeros_like(part) for part in parts), norm)
    factor = 0.0 if norm > max_norm else 1.0
    return (*(factor * part for part in parts), norm)


@clip.mistake(
    "the rest kept where there is inf or nan",
    NO_NUMBER,
    "Nothing of such a gradient is to be trusted: all of it becomes 0.",
)
def the_rest_kept_where_there_is_inf_or_nan(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if not np.isfinite(norm):
        return (*(np.nan_to_num(part) for part in parts), norm)
    factor = max_norm / norm if norm > max_norm else 1.0
    return (*(factor * part for part in parts), norm)


@clip.mistake(
    "the norm 0 for inf and nan",
    WHOLE,
    "The norm that comes back is that before clipping, inf or nan here: who reads it sees that something broke.",
)
def the_norm_0_for_inf_and_nan(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = (d_weight_x, d_weight_h, d_bias)
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if not np.isfinite(norm):
        return (*(np.zeros_like(part) for part in parts), 0.0)
    factor = max_norm / norm if norm > max_norm else 1.0
    return (*(factor * part for part in parts), norm)


def _looked_for(places):
    """inf and nan are looked for in some of the gradients only."""

    def clipped(d_weight_x, d_weight_h, d_bias, max_norm):
        parts = d_weight_x, d_weight_h, d_bias
        norm = global_norm(*parts)
        if not all(np.isfinite(parts[place]).all() for place in places):
            return *map(np.zeros_like, parts), norm
        factor = max_norm / norm if norm > max_norm else 1.0
        return *(factor * part for part in parts), norm

    return clipped


for places in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)):
    clip.mistake(
        "inf and nan looked for in some of the gradients only",
        NO_NUMBER,
        "One bad number in any of the three spoils the norm of all: ask np.isfinite(norm).",
    )(_looked_for(places))


@clip.mistake(
    "-inf goes through", NO_NUMBER, "-inf makes the norm inf, too: ask np.isfinite(norm), not for one bad number."
)
def minus_inf_goes_through(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = d_weight_x, d_weight_h, d_bias
    norm, total = global_norm(*parts), sum(float(np.sum(part)) for part in parts)
    if np.isnan(total) or total == np.inf:
        return *map(np.zeros_like, parts), norm
    factor = max_norm / norm if norm > max_norm else 1.0
    return *(factor * part for part in parts), norm


def _softly(parts, max_norm):
    factor = max_norm / (max_norm + global_norm(*parts)) if np.isfinite(max_norm) else 1.0
    return [factor * part for part in parts]


_wrong(
    "shortened softly",
    (LONG, SHORT),
    "Nothing is shortened up to max_norm, and what is longer gets exactly that length: min(1, max_norm / norm).",
    clipping=_softly,
)


def _bias_apart(parts, max_norm):
    factor = min(1.0, max_norm / max(global_norm(*parts), 1e-300))
    return [factor * parts[0], factor * parts[1], *_each(parts[2:], max_norm)]


_wrong(
    "the bias by its own norm", LONG, "One factor for all three: the bias keeps its proportion.", clipping=_bias_apart
)
