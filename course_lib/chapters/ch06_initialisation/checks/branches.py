"""Exercise 06-8: how far branches that are added may be scaled, to be derived. Its oracle searches."""

import math
from bisect import bisect_right

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import TOPICS
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import as_whole

NAMES = ("the scale", "the number of blocks")
SCALE = "After all blocks the mean square has grown as asked"
PLAIN = "Unscaled branches reach the bound after so many blocks"

branches = Exercise("06-8", "Branches that add up", "branch_scale", topics=TOPICS, kind="derive")


MOST = 10**6  # blocks that are searched


def _grown(scale, factor, blocks):
    """The mean square after ``blocks`` blocks, from 1: what came in, and the branch's own, which is uncorrelated."""
    with np.errstate(over="ignore"):  # of so many blocks it is infinite
        return float(np.float64(1.0 + scale**2 * factor) ** blocks)


def _by_halving(growth, blocks, factor):
    low, high = 0.0, math.sqrt(growth / factor)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _grown(middle, factor, blocks) < growth else (low, middle)
    return low, bisect_right(range(1, MOST), growth, key=lambda number: _grown(1.0, factor, number))


LITTLE, MUCH = 0.3, 0.7  # of the next block: who rounds to the nearest is wrong with the second


def _drawn(rng, weak, blocks=None, plain=None, part=MUCH):
    """``(growth, blocks, factor)``: ``plain`` unscaled blocks and a part of one more, far from either.

    ``weak``: whether a branch makes the signal smaller before it is scaled.
    """
    factor = float(rng.uniform(0.4, 0.7) if weak else rng.uniform(1.5, 2.5))
    plain = plain if plain is not None else int(rng.integers(2, 7))
    growth = (1 + factor) ** float(plain + part + rng.uniform(-0.1, 0.1))
    return growth, blocks or int(rng.integers(5, 30)), factor


def _same(got, right, places):
    if 0 in places:
        close(got[0], right[0], NAMES[0])
    if 1 in places and (number := shaped(got[1], (), NAMES[1])) != right[1]:
        raise Wrong("The number of blocks is not what was expected.", got=number, expected=right[1])


def _compare(branch_scale, given, *places):
    _same(several(branch_scale(*given), NAMES), _by_halving(*given), places)


@as_whole(branches, _by_halving)
def scale_and_number(branch_scale, rng):
    cases = [_drawn(rng, weak, part=part) for weak, part in ((True, LITTLE), (False, MUCH), (False, LITTLE))]
    cases += [_drawn(rng, False, 1), _drawn(rng, True, 90), _drawn(rng, False, 12, 0), (1000.0, 3, 0.1)]
    cases += [(1.0025**12_000.5, 2, 0.0025), (1.3, 2000, 0.7)]  # a scale of thousands and a small one
    for given in cases:
        _compare(branch_scale, given, 0, 1)


@branches.check(
    SCALE,
    points=3,
    hint=(
        "Variances of uncorrelated terms add up: by which factor does one block multiply the mean square?",
        "(1 + scale^2 factor)^blocks = growth",
    ),
)
def grows_as_asked(branch_scale, rng):
    for weak in (True, False):
        _compare(branch_scale, _drawn(rng, weak, int(rng.integers(8, 30))), 0)
        _compare(branch_scale, _drawn(rng, weak, 2, 5), 0)  # a scale above 1


@branches.check(
    PLAIN,
    points=2,
    hint=(
        "With scale 1 every block multiplies the mean square by 1 + factor. How often, before it is more than growth?",
        "log(growth) / log(1 + factor), rounded down",
    ),
)
def blocks_unscaled(branch_scale, rng):
    for weak, plain, part in ((False, 9, LITTLE), (True, 5, MUCH), (True, 1, MUCH), (False, 0, LITTLE)):
        _compare(branch_scale, _drawn(rng, weak, 3, plain, part), 1)


def _scale(growth, blocks, factor):
    return math.sqrt((growth ** (1 / blocks) - 1) / factor)


def _plain(growth, blocks, factor):
    return math.floor(math.log(growth) / math.log(1 + factor))


def _made(scale=_scale, plain=_plain):
    """An answer with its faults as switches."""

    def answer(growth, blocks, factor):
        return scale(growth, blocks, factor), plain(growth, blocks, factor)

    return answer


UNCORRELATED = "Signals that are uncorrelated do not add up in length: their mean squares do."

for name, fails, says, switches in (
    (
        "the square of the scale",
        SCALE,
        "A scale multiplies signals; mean squares are multiplied by its square: take the root.",
        {"scale": lambda growth, blocks, factor: (growth ** (1 / blocks) - 1) / factor},
    ),
    (
        "blocks that add up",
        SCALE,
        "Each block multiplies what the ones before have made: take the root of growth, not a share of it.",
        {"scale": lambda growth, blocks, factor: math.sqrt((growth - 1) / (blocks * factor))},
    ),
    (
        "one over the root of the blocks",
        SCALE,
        "1 / sqrt(blocks) keeps the growth below e for a factor of 1, whatever growth is asked for.",
        {"scale": lambda growth, blocks, factor: 1 / math.sqrt(blocks)},
    ),
    (
        "the factor left out",
        SCALE,
        "A branch multiplies the mean square by factor already, before it is scaled.",
        {"scale": lambda growth, blocks, factor: math.sqrt(growth ** (1 / blocks) - 1)},
    ),
    (
        "multiplied by the factor",
        SCALE,
        "scale^2 factor is what a block adds: divide by the factor.",
        {"scale": lambda growth, blocks, factor: math.sqrt((growth ** (1 / blocks) - 1) * factor)},
    ),
    (
        "the logarithm of small steps",
        SCALE,
        "log(1 + a) is a for small a only: take the root of growth, blocks times.",
        {"scale": lambda growth, blocks, factor: math.sqrt(math.log(growth) / (blocks * factor))},
    ),
    (
        "the way around left out",
        SCALE,
        "What came in is added to the branch: a block multiplies by 1 + ..., not by the branch alone.",
        {"scale": lambda growth, blocks, factor: math.sqrt(growth ** (1 / blocks) / factor)},
    ),
    (
        "growth of the root mean square",
        SCALE,
        "growth is that of the mean square, not of its root.",
        {"scale": lambda growth, blocks, factor: math.sqrt((growth ** (2 / blocks) - 1) / factor)},
    ),
    (
        "signals that add up",
        SCALE,
        UNCORRELATED,
        {"scale": lambda growth, blocks, factor: (growth ** (0.5 / blocks) - 1) / math.sqrt(factor)},
    ),
    (
        "signals that add up",
        PLAIN,
        UNCORRELATED,
        {"plain": lambda growth, blocks, factor: math.floor(math.log(growth) / (2 * math.log(1 + math.sqrt(factor))))},
    ),
    (
        "rounded up",
        PLAIN,
        "With that many blocks the bound is passed: round down.",
        {"plain": lambda growth, blocks, factor: _plain(growth, blocks, factor) + 1},
    ),
    (
        "no scale above 1",
        SCALE,
        "Where few blocks may grow much, the branches are scaled up: nothing says that the scale is at most 1.",
        {"scale": lambda growth, blocks, factor: min(1.0, _scale(growth, blocks, factor))},
    ),
    (
        "one block fewer",
        SCALE,
        "Every block multiplies the mean square, the first one too: blocks of them.",
        {"scale": lambda growth, blocks, factor: _scale(growth, max(1, blocks - 1), factor)},
    ),
    (
        "as many as there are",
        PLAIN,
        "How many blocks stay within the bound unscaled does not depend on how many the network has.",
        {"plain": lambda growth, blocks, factor: blocks},
    ),
    (
        "no more than there are",
        PLAIN,
        "How many blocks stay within the bound does not depend on how many the network has.",
        {"plain": lambda growth, blocks, factor: min(blocks, _plain(growth, blocks, factor))},
    ),
    (
        "a limit on the number of blocks",
        WHOLE,
        "The search ends before the bound is reached: divide logarithms, or let it go on.",
        {"plain": lambda growth, blocks, factor: min(1000, _plain(growth, blocks, factor))},
    ),
    (
        "rounded to the nearest",
        PLAIN,
        "With one block more the bound is passed, however near the quotient is to it: round down.",
        {"plain": lambda growth, blocks, factor: round(math.log(growth) / math.log(1 + factor))},
    ),
    (
        "one block at least",
        PLAIN,
        "If one block is too much already, none stays within the bound.",
        {"plain": lambda growth, blocks, factor: max(1, _plain(growth, blocks, factor))},
    ),
    (
        "a factor of two in each block",
        PLAIN,
        "A block multiplies by 2 where factor is 1 only: in general by 1 + factor.",
        {"plain": lambda growth, blocks, factor: math.floor(math.log2(growth))},
    ),
    (
        "linear growth",
        PLAIN,
        "Each block multiplies what the ones before have made: growth is exponential.",
        {"plain": lambda growth, blocks, factor: math.floor((growth - 1) / factor)},
    ),
    (
        "the branch alone",
        PLAIN,
        "What came in is added to the branch: a block multiplies by 1 + factor.",
        {
            "plain": lambda growth, blocks, factor: (
                math.floor(math.log(growth) / math.log(factor)) if factor > 1 else 10**6
            )
        },
    ),
    (
        "not rounded",
        PLAIN,
        "A number of blocks is whole.",
        {"plain": lambda growth, blocks, factor: math.log(growth) / math.log(1 + factor)},
    ),
):
    branches.mistake(name, fails, says)(_made(**switches))
