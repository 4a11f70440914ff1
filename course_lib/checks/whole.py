"""The check that carries half of the points: the whole function on generic inputs, as wide as its statement.

What one check isolates, another never sees: a plain fault costs the points of its own check and those of the whole.
"""

from collections.abc import Callable

import numpy as np

from course_lib.checks.calls import Spy, refuse_changes
from course_lib.checks.compare import NOTHING, RESULT, Wrong, close, several, several_numbers
from course_lib.checks.facts import fact
from course_lib.checks.generic import WHOLE
from course_lib.settings.language import later

# (base, n): with some logarithm, that of base**n over that of base is no whole number in floats.
ROUNDED = [(3, 5), (5, 3), (6, 3), (8, 3), (10, 3), (11, 3)]
HINTS = (
    later(
        "Mend what the other checks name first. If they all pass, try sizes of your own, all different, zeros among "
        "the numbers, and the borders that the docstring allows."
    ),
)


def values(names=(RESULT,), **tolerances):
    """How results are compared: ``(result, expected, given, mine)``, each of ``names`` by its values."""

    def agree(result, expected, given, mine):
        if len(names) == 1:
            close(result, expected, names[0], **tolerances)
            return
        parts = (several if any(map(np.ndim, expected)) else several_numbers)(result, names)
        for part, right, name in zip(parts, expected, names, strict=True):
            close(part, right, name, **tolerances)

    return agree


def whole(
    exercise,
    reference: Callable,
    cases: Callable,
    names=(RESULT,),
    agree: Callable | None = None,
    told: Callable = lambda seen: NOTHING,
    again: bool = False,
    **tolerances,
) -> Callable:
    """Add the check of the whole to ``exercise``; it carries half of its points.

    Args:
        exercise: an ``Exercise``.
        reference: a right answer, written as a specification.
        cases: ``rng -> list of arguments``: every size different from the others and from case to case, border cases
            among them on purpose. It is called twice with the same random numbers, so that what the reference does to
            its arguments stays its own.
        names: of the results.
        agree: ``(result, expected, given, mine)``, raises ``Wrong``; ``mine`` are the reference's own arguments, after
            its call. By the values of the results without it.
        told: ``[(result, expected, arguments), ...]`` of all cases -> ``(name, what to do)`` of what is true of them
            and explains what is wrong, or two empty texts.
        again: whether ``reference`` may be asked with changed arguments, of any size (``checks.resembles``).
        tolerances: of ``close``.
    """
    agree = agree or values(names, **tolerances)

    def all_of_it_together(function, rng):
        seed, wrong, seen = int(rng.integers(2**62)), [], []

        def agrees(number, results):
            agree(seen[number][0], results, theirs[number], ours[number])

        def answers(change):
            return (reference(*change(given)) for given in cases(np.random.default_rng(seed)))

        ours, theirs = (cases(np.random.default_rng(seed)) for _ in range(2))
        for mine, given in zip(ours, theirs, strict=True):
            expected = reference(*mine)
            try:
                result = function(*given)
                seen.append((result, expected, given))
                agree(result, expected, given, mine)
                if exercise.profile == "torch":  # elsewhere that is a check of its own
                    refuse_changes(function.calls[-1], result)
            except Wrong as error:
                error.call = len(function.calls) - 1
                wrong.append(error)
        if wrong:
            wrong[0].told = _told(told, seen)
            wrong[0].fact = lambda arguments: fact(seen, names, arguments, answers if again else None, agrees)
            raise wrong[0]

    return as_whole(exercise, reference)(all_of_it_together)


def _told(told, seen):
    """What ``told`` says; nothing of results that are no numbers to compute with."""
    try:
        return told(seen)
    except (Wrong, TypeError, ValueError, IndexError):
        return NOTHING


def as_whole(exercise, reference: Callable) -> Callable:
    """Decorate ``(function, rng)`` as the check of the whole, where results are not compared with the reference's."""
    exercise.reference = reference
    return exercise.check(WHOLE, hint=HINTS, whole=True)


def different(rng, count, low=2, high=10):
    """``count`` whole numbers from ``low`` to ``high - 1``, no two the same."""
    return [int(n) for n in rng.permutation(np.arange(low, high))[:count]]


def signs(rng, *shape):
    """-1 and 1 at random; where there are two or more, both of them: who loses a sign shall not be right by chance."""
    drawn = rng.choice([-1, 1], shape)
    if drawn.size > 1 and np.ptp(drawn) == 0:
        drawn.flat[rng.integers(drawn.size)] *= -1
    return drawn


def either_sign(rng, low, high, shape):
    """Numbers of sizes from ``low`` to ``high``, none near 0 where ``low`` is not, with ``signs``."""
    sizes = rng.uniform(low, high, shape)
    return sizes * signs(rng, *sizes.shape)


def wide(rng, *shape):
    """Numbers of either sign and of sizes from a tenth to ten; one in eight is exactly 0, but never all of them."""
    numbers = np.exp(rng.uniform(np.log(0.1), np.log(10), shape)) * signs(rng, *shape)
    left = rng.random(shape) >= 1 / 8
    return np.where(left | (not left.any()), numbers, 0.0)


def shrunk(times, theta, gradient):
    """``(theta, gradient)`` of a run so many times smaller; ``gradient`` is a ``Spy``."""
    return theta / times, Spy(lambda point: gradient.function(times * point) / times)


_ACCEPTED: dict = {}  # where the generator stood before a draw that was accepted: it is asked for with every mistake


def drawn_until(rng, draw: Callable, accept: Callable):
    """What ``draw(rng)`` gives when ``accept`` is content with it, a new one every time.

    The draws that are refused are made once only: later ones begin where the accepted one did. Both are functions that
    need nothing but their argument.
    """
    start = rng.bit_generator.state["state"]["state"], draw, accept
    if start in _ACCEPTED:
        rng.bit_generator.state = _ACCEPTED[start]
        return draw(rng)
    while True:
        before = rng.bit_generator.state
        if accept(draw(rng)):
            break
    if len(_ACCEPTED) > 1000:
        _ACCEPTED.clear()
    _ACCEPTED[start] = before
    rng.bit_generator.state = before
    return draw(rng)
