"""Exercise 07-8: where the length of weights before a norm settles under weight decay, to be derived.

Its oracle takes one step, a decay and a turn at right angles, and halves until the length stays.
"""

import math

from course_lib.chapters.ch07_batchnorm.checks.shared import TOPICS
from course_lib.checks.compare import close, several_numbers
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

NAMES = ("the length", "the angle")
LENGTH = "The length is one that decay and step leave as it is"
ANGLE = "The angle is the one between the weights before a step and after it"

settled = Exercise("07-8", "Where the length settles", "settled_length", kind="derive", topics=TOPICS)


def _halved(learning_rate, weight_decay, c):
    """``(length, angle)`` of a step in the plane: weights along its first axis, gradient along its second."""

    def step(length):
        return (1 - learning_rate * weight_decay) * length, learning_rate * c / length

    low, high = 1e-6, 1e6
    for _ in range(120):
        length = math.sqrt(low * high)
        along, across = step(length)
        grows = across**2 > (length - along) * (length + along)
        low, high = (length, high) if grows else (low, length)
    along, across = step(length)
    return length, math.atan2(across, along)


def _drawn(rng, low, high):
    """``(learning_rate, weight_decay, c)``; the product of the first two lies between ``low`` and ``high``."""
    rate, product = rng.uniform(0.05, 0.5), rng.uniform(low, high)
    return float(rate), float(product / rate), float(rng.uniform(2.0, 5.0))


def _compare(settled_length, given, place):
    got, right = several_numbers(settled_length(*given), NAMES), _halved(*given)
    close(got[place], right[place], NAMES[place])


def _cases(rng):
    """From hardly any decay in a step to nearly all of the length, gradients shorter and longer than the weights."""
    shares = ((0.02, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95))
    return [_drawn(rng, *share) for share in shares] + [(0.5, 0.1, 0.01), (0.01, 30.0, 100.0), (1e-3, 1e-2, 1.0)]


whole(settled, _halved, _cases, NAMES)


@settled.check(
    LENGTH,
    points=3,
    hint=(
        "By (7.8) shortened weights and step are the two sides of a right angle. Which length has the third side?",
        "length^2 = (1 - learning_rate weight_decay)^2 length^2 + learning_rate^2 c^2 / length^2",
    ),
)
def length_that_stays(settled_length, rng):
    for share in ((0.1, 0.2), (0.3, 0.6)):
        _compare(settled_length, _drawn(rng, *share), 0)


@settled.check(
    ANGLE,
    points=3,
    hint=(
        "The same triangle: you know the side along the weights, and the third side, which is as long as they were.",
        "Its cosine is (1 - learning_rate weight_decay) length / length.",
    ),
)
def angle_of_a_step(settled_length, rng):
    for share in ((0.1, 0.2), (0.3, 0.6)):
        _compare(settled_length, _drawn(rng, *share), 1)


def _length(rate, decay, c):
    return (rate * c**2 / (decay * (2 - rate * decay))) ** 0.25


def _angle(rate, decay, c):
    return math.acos(1 - rate * decay)


def _following(length, angle):
    """A wrong length, and the angle that follows from it: ``angle(along, across)``, for weights of length 1."""

    def answer(learning_rate, weight_decay, c):
        found = length(learning_rate, weight_decay, c)
        return found, angle(1 - learning_rate * weight_decay, min(1.0, learning_rate * c / found**2))

    return answer


def _made(length=_length, angle=_angle):
    """An answer with its faults as switches."""

    def answer(learning_rate, weight_decay, c):
        return length(learning_rate, weight_decay, c), angle(learning_rate, weight_decay, c)

    return answer


for name, fails, says, switches in (
    (
        "small steps only",
        LENGTH,
        "You have left the square of learning_rate * weight_decay out: that is right for small steps only.",
        {"length": lambda rate, decay, c: (rate * c**2 / (2 * decay)) ** 0.25},
    ),
    (
        "the step set against the decay",
        LENGTH,
        "Decay and step do not point against each other: they are at right angles, so that their squares add up.",
        {"length": lambda rate, decay, c: (c / decay) ** 0.5},
    ),
    (
        "the gradient's length taken for c",
        LENGTH,
        "This is the square of the length, or the length that a gradient of length c would leave; it has c / length.",
        {"length": lambda rate, decay, c: (rate * c**2 / (decay * (2 - rate * decay))) ** 0.5},
    ),
    (
        "decay without the learning rate",
        LENGTH,
        "A step takes learning_rate * weight_decay of the length, not weight_decay.",
        {"length": lambda rate, decay, c: (rate**2 * c**2 / abs(1 - (1 - decay) ** 2)) ** 0.25},
    ),
    (
        "the angle of small steps",
        ANGLE,
        "sqrt(2 learning_rate weight_decay) is the angle of small steps: ask for its cosine.",
        {"angle": lambda rate, decay, c: math.sqrt(2 * rate * decay)},
    ),
    (
        "the step over the length before it",
        ANGLE,
        "The step stands on weights that the decay has shortened first.",
        {"angle": lambda rate, decay, c: math.atan(rate * c / _length(rate, decay, c) ** 2)},
    ),
    (
        "the sine for the tangent",
        ANGLE,
        "The step is the side across from the angle, the shortened weights the one beside it: that is its tangent.",
        {
            "angle": lambda rate, decay, c: math.asin(
                min(1.0, rate * c / _length(rate, decay, c) ** 2 / (1 - rate * decay))
            )
        },
    ),
    (
        "the share for the angle",
        ANGLE,
        "learning_rate * weight_decay is the share of the length that is lost, and 1 minus a cosine.",
        {"angle": lambda rate, decay, c: rate * decay},
    ),
    (
        "degrees",
        ANGLE,
        "The angle is asked for in radians.",
        {"angle": lambda rate, decay, c: math.degrees(_angle(rate, decay, c))},
    ),
    (
        "the sine of the angle",
        ANGLE,
        "The length of a step over that of the weights is the sine of the angle: take its angle.",
        {"angle": lambda rate, decay, c: math.sin(_angle(rate, decay, c))},
    ),
    (
        "the tangent of the angle",
        ANGLE,
        "That is its tangent: the angle itself is asked for.",
        {"angle": lambda rate, decay, c: math.tan(_angle(rate, decay, c))},
    ),
    (
        "the cosine",
        ANGLE,
        "That is the cosine: take its angle.",
        {"angle": lambda rate, decay, c: 1 - rate * decay},
    ),
):
    settled.mistake(name, fails, says)(_made(**switches))
    for angle in (lambda along, across: math.atan2(across, along), lambda along, across: math.asin(across)):
        if "length" in switches:
            settled.mistake(name, (LENGTH, ANGLE), says)(_following(switches["length"], angle))
