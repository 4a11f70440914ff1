"""Exercise 11-6: lengths of a curriculum, from short to long."""

import numpy as np

from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

RISES = "The limit rises along a straight line, from the shortest to the longest"
PACE = "With a pace of less than 1 it rises faster"
STAYS = "Once there the limit stays: nothing is longer than the longest"
SPREAD = "The lengths are spread from the shortest to the limit, both among them"
WORK = "The work is counted in steps of time, not in updates or sequences"
ALONE = "The draws that were given are left as they were"
NAMES = "the lengths", "the share afterwards"

curriculum_lengths = Exercise(
    "11-6", "From short to long", "curriculum_lengths", topics=("layers", "optimizers", "derivatives", "sampling")
)


def _limit(share, pace, shortest, longest):
    return min(longest, int(np.floor(shortest + share / pace * (longest - shortest + 1))))


def _batch(share, pace, shortest, longest, draws, budget):
    lengths = shortest + np.floor(draws * (_limit(share, pace, shortest, longest) - shortest + 1)).astype(int)
    return lengths, share + np.sum(lengths) / budget


def _bounds(rng):
    """Shortest and longest length; at least ten lie between."""
    shortest = int(rng.integers(3, 7))
    return shortest, shortest + int(rng.integers(10, 30))


def _share(rng, pace, shortest, longest, low=0.2, high=0.8):
    """A share of the work at which the limit is just above a length: one step of it less in all, and it is below."""
    lengths = longest - shortest + 1
    between = rng.integers(int(low * lengths) + 2, int(high * lengths) + 1) + rng.uniform(0.1, 0.15)
    return float(pace * between / lengths)


def _early(rng, pace, shortest, longest):
    """A share at which the second length is nearly allowed: rounded to the nearest it would be."""
    return float(pace * rng.uniform(1.92, 1.95) / (longest - shortest + 1))


def _last(size):
    """Draws that lead to the limit, whatever it is."""
    return np.full(size, 0.9999)


def _draws(rng, lengths, size):
    """Draws that lie inside of their ``lengths`` equal boxes, late in the first box and early in the last."""
    boxes = np.concatenate(
        [[0.75, lengths - 0.75], rng.integers(0, lengths, size - 2) + rng.uniform(0.2, 0.8, size - 2)]
    )
    return rng.permutation(boxes) / lengths


def _budget(rng):
    """Steps of time in all, so few that every batch lifts the limit of the next one above a further length."""
    return int(rng.integers(300, 800))


def _long(rng):
    """Steps of time in all, so many that a batch lifts no limit."""
    return int(rng.integers(500_000, 900_000))


def _same_lengths(answer, given):
    """Compare the lengths, and leave the work to the check of its own."""
    close(several(answer(*given), NAMES)[0], _batch(*given)[0], NAMES[0])


@curriculum_lengths.check(RISES, points=1, hint="shortest + share * (longest - shortest + 1), rounded down.")
def limit_rises(answer, rng):
    for _ in range(3):
        bounds = _bounds(rng)
        for share in (_share(rng, 1.0, *bounds), _early(rng, 1.0, *bounds)):
            _same_lengths(answer, (share, 1.0, *bounds, _last(4), _budget(rng)))


@curriculum_lengths.check(PACE, points=1, hint="At share = pace the longest is allowed: what counts is share / pace.")
def pace_counts(answer, rng):
    for pace in (0.25, 0.6):
        bounds = _bounds(rng)
        for share in (_share(rng, pace, *bounds), _early(rng, pace, *bounds)):
            _same_lengths(answer, (share, pace, *bounds, _last(3), _budget(rng)))


@curriculum_lengths.check(STAYS, points=1, hint="min(longest, ...)")
def limit_stays(answer, rng):
    for pace in (0.3, 0.7):
        given = (1.0, pace, *_bounds(rng), _last(5), _budget(rng))
        _same_lengths(answer, given)


@curriculum_lengths.check(
    SPREAD, points=1, hint="There are limit - shortest + 1 lengths: np.floor(draws * how_many) counts them from 0."
)
def lengths_are_spread(answer, rng):
    bounds = _bounds(rng)
    share = _share(rng, 1.0, *bounds, high=0.45)
    given = (share, 1.0, *bounds, _draws(rng, _limit(share, 1.0, *bounds) - bounds[0] + 1, 12), _long(rng))
    _same_lengths(answer, given)


@curriculum_lengths.check(
    WORK, points=1, hint="A sequence of 7 numbers costs 7 steps of time: np.sum(lengths) / budget."
)
def work_is_counted(answer, rng):
    bounds = _bounds(rng)
    given = (_share(rng, 1.0, *bounds, high=0.45), 1.0, *bounds, _last(6), _long(rng))
    close(several(answer(*given), NAMES)[1], _batch(*given)[1], NAMES[1])


@curriculum_lengths.check(ALONE, points=1, hint="draws *= ... changes the array that was given.", aside=True)
def draws_are_left_alone(answer, rng):
    bounds, others = _bounds(rng), _bounds(rng)
    given = (_share(rng, 1.0, *bounds), 1.0, *bounds, _draws(rng, 7, 6), _budget(rng))
    leaves_inputs_alone(
        answer, *given, other=(_share(rng, 0.5, *others), 0.5, *others, _draws(rng, 5, 6), _budget(rng))
    )


def _cases(rng):
    """Starts, ends, the pace itself and what lies between; a hair below a further length; two bounds that are one; long
    sequences; batches of all sizes."""
    cases = []
    for size, pace in ((2, 1.0), (3, 0.4), (9, 0.75), (5, 0.15)):
        bounds = _bounds(rng)
        for share in (0.0, _share(rng, pace, *bounds), _early(rng, pace, *bounds), pace, 1.0):
            lengths = _limit(share, pace, *bounds) - bounds[0] + 1
            cases.append((share, pace, *bounds, _draws(rng, lengths, size), _budget(rng)))
    for low, high in ((3, 12), (200, 1500)):
        below = 0.8 * (int(rng.integers(3, high - low)) - 1e-7) / (high - low + 1)
        cases.append((below, 0.8, low, high, _last(3), _budget(rng)))
    cases.append((1.0, 0.5, 1, 4, rng.permutation([0.0, 0.25, 0.5, 0.75]), 200))  # draws at the borders
    return [*cases, (0.4, 1.0, 6, 6, _draws(rng, 1, 4), 100), (0.0, 0.5, 2, 9, np.zeros(3), 60)]


whole(curriculum_lengths, _batch, _cases, NAMES)


def _spread(draws, low, top):
    return low + np.floor(draws * (top - low + 1)).astype(int)


def _wrong(name, fails, says, limit=_limit, spread=_spread, work=np.sum):
    """Right but for the limit, for how the lengths are spread up to it, or for the work that they are."""

    @curriculum_lengths.mistake(name, fails, says)
    def function(share, pace, shortest, longest, draws, budget):
        top = limit(share, pace, shortest, longest)
        lengths = spread(draws, shortest, top)
        return lengths, share + work(lengths) / budget


_wrong(
    "no end to the limit",
    STAYS,
    "Behind the pace your limit goes on rising: there are no sequences longer than the longest.",
    lambda share, pace, low, high: int(np.floor(low + share / pace * (high - low + 1))),
)
_wrong(
    "the limit rounded up",
    (RISES, PACE, SPREAD, WORK),
    "A length is allowed when the limit has reached it: round down.",
    lambda share, pace, low, high: min(high, int(np.ceil(low + share / pace * (high - low + 1)))),
)
_wrong(
    "the limit rounded, not down",
    (RISES, PACE),
    "A length is allowed when the limit has reached it, not when it is half-way there: round down.",
    lambda share, pace, low, high: min(high, round(low + share / pace * (high - low + 1))),
)
_wrong(
    "pace left out",
    PACE,
    "Your limit reaches the longest only when all work is done: divide share by pace.",
    lambda share, pace, low, high: _limit(share, 1.0, low, high),
)
_wrong(
    "times the pace",
    (PACE, STAYS),
    "You multiply by pace, which slows the curriculum down: divide by it.",
    lambda share, pace, low, high: _limit(share * pace, 1.0, low, high),
)
_wrong(
    "a jump",
    (RISES, PACE, SPREAD, WORK),
    "You jump from the shortest to the longest when the pace is reached: the limit rises step by step until then.",
    lambda share, pace, low, high: high if share >= pace else low,
)
_wrong(
    "mixed from the start",
    (RISES, PACE, SPREAD, WORK),
    "All lengths occur from the start: that is the mixture, not the curriculum.",
    lambda share, pace, low, high: high,
)
_wrong(
    "long to short",
    (RISES, PACE, STAYS, SPREAD, WORK, ALONE),
    "Your limit falls: a curriculum begins with what is easy.",
    lambda share, pace, low, high: max(low, int(np.ceil(high - share / pace * (high - low + 1)))),
)
_wrong(
    "all as long as the limit",
    SPREAD,
    "All sequences are as long as the limit allows: spread them from the shortest on, so that short ones are kept.",
    spread=lambda draws, low, top: np.full(len(draws), top),
)
_wrong(
    "from length 1",
    SPREAD,
    "Your lengths begin at 1: begin at the shortest.",
    spread=lambda draws, low, top: 1 + np.floor(draws * top).astype(int),
)
_wrong(
    "rounded to the nearest",
    SPREAD,
    "Rounding to the nearest draws shortest and limit half as often as the others: round draws * how_many down.",
    spread=lambda draws, low, top: np.round(low + draws * (top - low)).astype(int),
)
_wrong(
    "limit left out",
    (RISES, PACE, STAYS, SPREAD, WORK, ALONE),
    "The limit itself never comes: from shortest to limit there are limit - shortest + 1 lengths.",
    spread=lambda draws, low, top: low + np.floor(draws * (top - low)).astype(int),
)
_wrong(
    "sequences counted",
    WORK,
    "You count sequences, but a long one costs more: add up their lengths.",
    work=len,
)
_wrong(
    "mean length counted",
    WORK,
    "The work of a batch is the sum over its sequences, not their mean.",
    work=np.mean,
)


@curriculum_lengths.mistake(
    "the longest one step late",
    (RISES, PACE, SPREAD, WORK),
    "All lengths have equal shares of the time: there are longest - shortest + 1 of them.",
)
def the_longest_one_step_late(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (lengths, share + np.sum(lengths) / budget)


@curriculum_lengths.mistake("lengths from 0", SPREAD, "The shortest is shortest, not 0.")
def lengths_from_0(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = (draws * (limit + 1)).astype(int)
    return (lengths, share + np.sum(lengths) / budget)


@curriculum_lengths.mistake(
    "the limit rounded to the nearest",
    (RISES, PACE),
    "Rounded to the nearest, the first and the last length get half of their time: round down, and count all lengths.",
)
def the_limit_rounded_to_the_nearest(share, pace, shortest, longest, draws, budget):
    limit = min(longest, round(shortest + share / pace * (longest - shortest)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (lengths, share + np.sum(lengths) / budget)


@curriculum_lengths.mistake(
    "one update counted", WORK, "The work of a batch is the sum of its lengths, in steps of time."
)
def one_update_counted(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (lengths, share + 1 / budget)


@curriculum_lengths.mistake(
    "padded to the longest of the batch", WHOLE, "Each sequence costs its own length: no padding is counted."
)
def padded_to_the_longest_of_the_batch(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (lengths, share + np.max(lengths) * len(lengths) / budget)


@curriculum_lengths.mistake(
    "the share cut off at 1", WHOLE, "The last batch may go over the budget: return what was done."
)
def the_share_cut_off_at_1(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (lengths, min(1.0, share + np.sum(lengths) / budget))


@curriculum_lengths.mistake(
    "the share of this batch alone", WORK, "What was done before counts: share plus the work of this batch."
)
def the_share_of_this_batch_alone(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (lengths, np.sum(lengths) / budget)


@curriculum_lengths.mistake(
    "lengths that are not whole", (RISES, PACE, STAYS, SPREAD, WORK, ALONE), "Lengths are whole numbers: round down."
)
def lengths_that_are_not_whole(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + draws * (limit - shortest + 1)
    return (lengths, share + np.sum(lengths) / budget)


@curriculum_lengths.mistake("sorted", SPREAD, "Each draw belongs to its own sequence: leave the order.")
def sorted(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + (draws * (limit - shortest + 1)).astype(int)
    return (np.sort(lengths), share + np.sum(lengths) / budget)


_wrong(
    "spread beyond the longest and cut off there",
    WHOLE,
    "The limit is cut off at the longest first, then lengths are spread up to it: else the longest comes too often.",
    lambda share, pace, low, high: (int(np.floor(low + share / pace * (high - low + 1))), high),
    spread=lambda draws, low, tops: np.minimum(tops[1], _spread(draws, low, tops[0])),
)
for power in (0.5, 2):
    _wrong(
        "the limit rises along a bent line",
        (RISES, PACE, SPREAD, WORK),
        "The limit rises along a straight line: share / pace, without a root or a square.",
        lambda share, pace, low, high, power=power: _limit((share / pace) ** power, 1.0, low, high),
    )
_wrong(
    "the longest for the smallest draws",
    (RISES, PACE, STAYS, SPREAD, WORK, ALONE),
    "The larger the draw, the longer the sequence: count from the shortest.",
    spread=lambda draws, low, top: top + low - _spread(draws, low, top),
)


@curriculum_lengths.mistake(
    "the limit of the share after this batch",
    (RISES, PACE),
    "The limit is that of the work which is done before this batch: share, as it comes in.",
)
def limit_of_the_share_afterwards(share, pace, shortest, longest, draws, budget):
    _, later = _batch(share, pace, shortest, longest, draws, budget)
    return _spread(draws, shortest, _limit(later, pace, shortest, longest)), later
