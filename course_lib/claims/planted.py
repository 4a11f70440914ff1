"""Planted numbers: what a rule says where the answer is known beforehand.

A rule is worth something only if it can say something else. ``plants`` changes the measured numbers of a claim in
the ways in which they could have come out, ``wrong_answers`` lists what the rule should not have said to them.
"""

from typing import NamedTuple

from course_lib.claims.verdicts import NOT_SHOWN

DROWNED = 1000  # times the effect itself: no rule can tell anything from such an interval


class Effect(NamedTuple):
    """A number on which the verdict hangs.

    Attributes:
        name: of the number in the experiment's evidence.
        none: its value where there is no effect: 0 of a difference, 1 of a ratio, 0.5 of a share of wins.
        ratio: reversed it is ``none**2 / value`` (twice as fast, half as fast), not ``2 * none - value``.
        ends: values at which the measure stops, so that it can show nothing: 1.0 of an accuracy, the loss of chance.
    """

    name: str
    none: float = 0.0
    ratio: bool = False
    ends: tuple = ()

    def moved(self, number, value):
        """``number`` at ``value``, its interval moved along."""
        if self.ratio:
            factor = value / number.value
            return _replaced(number, value, *(end if end is None else end * factor for end in number[1:3]))
        shift = value - number.value
        return _replaced(number, value, *(end if end is None else end + shift for end in number[1:3]))

    def mirrored(self, number):
        """The same effect in the other direction."""
        return self.moved(number, self.none**2 / number.value if self.ratio else 2 * self.none - number.value)


def _replaced(number, value, low, high):
    low, high = (low, high) if low is None or low <= high else (high, low)
    return number._replace(value=value, low=low, high=high)


def noisier(number, times):
    """``number`` with an interval ``times`` as wide about it; without an interval it stays as it is."""
    if number.low is None:
        return number
    low, high = (number.value + times * (end - number.value) for end in (number.low, number.high))
    return number._replace(low=low, high=high)


def drowned(number):
    """``number`` with an interval that holds every answer."""
    if number.low is None:
        return number
    width = DROWNED * max(abs(number.value), number.high - number.low, 1e-3)
    return number._replace(low=number.value - width, high=number.value + width)


def effects_of(claim, numbers):
    """What the claim says its effects are; where it says nothing, every number that has an interval."""
    return claim.effects or tuple(Effect(name) for name, number in numbers.items() if number.low is not None)


def plants(claim, numbers):
    """``{what was planted: numbers}``; moved to "no effect" and the like only where the claim names its effects."""
    chosen = effects_of(claim, numbers)

    def with_each(change):
        return numbers | {effect.name: change(effect, numbers[effect.name]) for effect in chosen}

    planted = {}
    if any(numbers[effect.name].low is not None for effect in chosen):
        planted["three times the noise"] = with_each(lambda effect, number: noisier(number, 3))
        planted["nothing but noise"] = with_each(lambda effect, number: drowned(number))
    if claim.effects:
        planted["no effect"] = with_each(lambda effect, number: effect.moved(number, effect.none))
        planted["the reversed effect"] = with_each(Effect.mirrored)
    for effect in claim.effects:
        for end in effect.ends:
            at_the_end = numbers[effect.name]._replace(value=end, low=end, high=end)
            planted[f"{effect.name} at {end:g}, the end of its scale"] = numbers | {effect.name: at_the_end}
    return planted


def _found(claim, numbers):
    """Whether an effect was measured at all: one of them whose interval leaves "none" out."""
    return any(not numbers[e.name].lower <= e.none <= numbers[e.name].upper for e in claim.effects)


def wrong_answers(claim, numbers):
    """Sentences, one for each plant to which the rule of ``claim`` gives an answer that it must not give.

    Three times the noise may leave the verdict or make it "not shown"; nothing but noise, and the end of a scale,
    show nothing; where an effect was measured, none and the reversed one are another verdict.
    """
    measured = claim.judge(numbers).kind
    wrong = []
    for what, planted in plants(claim, numbers).items():
        said = claim.judge(planted).kind
        if what in ("no effect", "the reversed effect"):
            fine = said != measured or not _found(claim, numbers)
        else:
            fine = said == NOT_SHOWN or (what == "three times the noise" and said == measured)
        if not fine:
            wrong.append(f"{claim.id} measured as {measured!r}: to {what} its rule says {said!r}")
    return wrong
