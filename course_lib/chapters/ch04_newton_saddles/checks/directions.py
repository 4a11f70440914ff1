"""Exercise 04-2: in how many directions does a critical point bend up, and in how many down?"""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.checks.newton import PURE, TOPICS, symmetric
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise

directions = Exercise("04-2", "Kinds of critical points", "directions", topics=TOPICS)

# --- 04-2: hessian, tolerance -> (up, flat, down) -------------------------------------------------------------

ALIGNED = "Along the axes: the share of positive and of negative eigenvalues"
TILTED = "A saddle that does not lie along the axes is one, too"
FLAT = "An eigenvalue is flat if its size is at most tolerance times the largest size"
SCALE = "What counts as zero depends on the largest eigenvalue, not on the unit of the loss"
ZEROS = "A Hessian of zeros is flat in every direction"
WHAT = "(up, flat, down)"
TOLERANCE = 1e-8


def _shares(eigenvalues):
    return np.array([np.mean(eigenvalues > 0), np.mean(eigenvalues == 0), np.mean(eigenvalues < 0)])


def _signs(rng, n):
    """Eigenvalues of both signs, sizes 0.5 to 2, more of them positive."""
    down = rng.integers(1, (n + 1) // 2)
    return rng.permutation(np.where(np.arange(n) < down, -1, 1) * rng.uniform(0.5, 2.0, n))


def _on(function, matrix, eigenvalues):
    close(function(matrix, TOLERANCE), _shares(eigenvalues), WHAT)


@directions.check(ALIGNED, 2, ("Shares, not numbers: divide by n, or take a mean.", "np.mean(eigenvalues > zero), ..."))
def along_the_axes_the_share(function, rng):
    eigenvalues = _signs(rng, 5)
    _on(function, np.diag(eigenvalues), eigenvalues)


@directions.check(
    TILTED, 2, ("Signs on the diagonal say nothing about the eigenvectors' directions.", "np.linalg.eigvalsh(hessian)")
)
def saddle_that_does_not_lie_along(function, rng):
    a, b = rng.uniform(0.5, 1.0), rng.uniform(1.5, 2.0) * rng.choice([-1, 1])
    matrix = np.array([[a, b, 0.0], [b, a, 0.0], [0.0, 0.0, a]])  # positive diagonal; eigenvalues a + b, a - b, a
    _on(function, matrix, np.array([a + b, a - b, a]))


@directions.check(FLAT, 1, ("Compare sizes with a small number: tolerance times the largest size.",))
def eigenvalue_is_flat_if_its_size(function, rng):
    eigenvalues = _signs(rng, 5)
    rounding = rng.uniform(1e-11, 2e-11, 3) * [1, -1, -1]
    _on(function, np.diag([*rounding, 1e-20, *eigenvalues]), np.array([0, 0, 0, 0, *eigenvalues]))
    # largest size 1 and negative: no other measure, the trace, the mean or the norm, has the border between 0.8 and
    # 1.2; and twice the tolerance, which is no measure, has it above 1.6
    order, close_to_zero = rng.permutation(8), rng.choice([-1, 1])  # 0.32: of mean and median, too, it is one only
    given = np.array([-1, 0.3, 0.5, 0.6, 0.8e-3 * close_to_zero, 0.32e-3, 1.2e-3, 1.6e-3])[order]
    expected = _shares(np.array([-1, 0.3, 0.5, 0.6, 0, 0, 1.2e-3, 1.6e-3])[order])
    close(function(np.diag(given), 1e-3), expected, WHAT)


@directions.check(
    SCALE,
    1,
    ("The same surface, measured in other units.", "zero = tolerance * np.abs(eigenvalues).max()"),
)
def what_counts_as_zero_depends(function, rng):
    eigenvalues = _signs(rng, 5)
    _on(function, 1e-10 * np.diag(eigenvalues), eigenvalues)


@directions.check(ZEROS, 1, ("0 <= tolerance * 0 is true, 0 < tolerance * 0 is not.",))
def hessian_of_zeros_is_flat(function, rng):
    _on(function, np.zeros((3, 3)), np.zeros(3))


@directions.check(PURE, 1, "np.fill_diagonal and H -= ... change the caller's matrix.", aside=True)
def pure(function, rng):
    one, other = (symmetric(rng, _signs(rng, 5)) for _ in range(2))
    leaves_inputs_alone(function, one, TOLERANCE, other=(other, TOLERANCE))


def _split(eigenvalues, zero):
    return np.array([np.mean(eigenvalues > zero), np.mean(np.abs(eigenvalues) <= zero), np.mean(eigenvalues < -zero)])


def _zero(eigenvalues, tolerance):
    return tolerance * np.abs(eigenvalues).max()


DIAGONAL = (
    "You look at the diagonal: L4's 'minimum with respect to one parameter, maximum with respect to another' "
    "(erratum E29). xy has a saddle with zeros on its diagonal: take the eigenvalues."
)


@directions.mistake("the diagonal only", TILTED, DIAGONAL)
def diagonal_only(hessian, tolerance):
    diagonal = np.diag(hessian)
    return _split(diagonal, _zero(diagonal, tolerance))


@directions.mistake("the diagonal only", TILTED, DIAGONAL)
def diagonal_only_beside_the_largest_entry(hessian, tolerance):
    return _split(np.diag(hessian), _zero(hessian, tolerance))


@directions.mistake(
    "numbers instead of shares",
    (ALIGNED, TILTED, FLAT, SCALE, ZEROS, PURE),
    "You return how many directions; divide by n for the share.",
)
def numbers_instead_of_shares(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    return len(eigenvalues) * _split(eigenvalues, _zero(eigenvalues, tolerance))


@directions.mistake(
    "order of the results",
    (ALIGNED, TILTED, FLAT, SCALE, ZEROS, PURE),
    "The order is up, flat, down: flat is in the middle.",
)
def order_of_the_results(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    return _split(eigenvalues, _zero(eigenvalues, tolerance))[[0, 2, 1]]


@directions.mistake(
    "up and down changed over",
    (ALIGNED, TILTED, FLAT, SCALE),
    "A positive eigenvalue bends up, as in a valley; a negative one bends down.",
)
def up_and_down_changed_over(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    return _split(eigenvalues, _zero(eigenvalues, tolerance))[::-1]


@directions.mistake(
    "no tolerance",
    FLAT,
    "You compare with 0 exactly. After rounding an eigenvalue of zero is 1e-17 or -1e-17: use the tolerance.",
)
def no_tolerance(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    return _split(eigenvalues, 0.0)


@directions.mistake(
    "L0's three kinds",
    (FLAT, ZEROS),
    "Only signs, nothing is ever flat: L0 leaves eigenvalues of zero out (erratum E29). Use the tolerance.",
)
def l0s_three_kinds(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    return np.array([np.mean(eigenvalues > 0), 0.0, np.mean(eigenvalues < 0)])


@directions.mistake(
    "flat counted as up",
    (FLAT, ZEROS),
    "Zero is not positive: a flat direction decides nothing (L0 leaves these points out, erratum E29).",
)
def flat_counted_as_up(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    up, flat, down = _split(eigenvalues, _zero(eigenvalues, tolerance))
    return np.array([up + flat, 0.0, down])


@directions.mistake(
    "flat left out",
    (FLAT, ZEROS),
    "The three shares add up to 1: what bends neither up nor down is flat.",
)
def flat_left_out(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    up, _, down = _split(eigenvalues, _zero(eigenvalues, tolerance))
    return np.array([up, 0.0, down])


@directions.mistake(
    "absolute tolerance",
    SCALE,
    "You compare with the tolerance itself. A loss in other units would change the answer: multiply by the largest "
    "size of an eigenvalue.",
)
def absolute_tolerance(hessian, tolerance):
    return _split(np.linalg.eigvalsh(hessian), tolerance)


@directions.mistake(
    "the largest eigenvalue, not the largest size",
    FLAT,
    "eigenvalues.max() is no measure where the largest in size is negative: take np.abs(eigenvalues).max().",
)
def largest_eigenvalue_not_the_largest_size(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    return _split(eigenvalues, tolerance * eigenvalues.max())


@directions.mistake("smaller instead of at most", ZEROS, "0 < tolerance * 0 is false: flat is 'at most', <=.")
def smaller_instead_of_at_most(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    flat = np.abs(eigenvalues) < _zero(eigenvalues, tolerance)
    return np.array([np.mean((eigenvalues > 0) & ~flat), np.mean(flat), np.mean((eigenvalues < 0) & ~flat)])


@directions.mistake("tolerance for positive ones only", FLAT, "-1e-11 is rounding, too: compare sizes, np.abs.")
def tolerance_for_positive_ones_only(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    up = np.mean(eigenvalues > _zero(eigenvalues, tolerance))
    down = np.mean(eigenvalues < 0)
    return np.array([up, 1 - up - down, down])


@directions.mistake("tolerance for negative ones only", FLAT, "1e-11 is rounding, too: compare sizes, np.abs.")
def tolerance_for_negative_ones_only(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    up, down = np.mean(eigenvalues > 0), np.mean(eigenvalues < -_zero(eigenvalues, tolerance))
    return np.array([up, 1 - up - down, down])


@directions.mistake(
    "sizes only",
    (ALIGNED, TILTED, FLAT, SCALE),
    "Singular values, or sizes, have no sign: use np.linalg.eigvalsh.",
)
def sizes_only(hessian, tolerance):
    sizes = np.linalg.svd(hessian, compute_uv=False)
    return _split(sizes, _zero(sizes, tolerance))


@directions.mistake("measured by the mean size", FLAT, "The measure is the largest size, not the mean.")
def measured_by_the_mean_size(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.abs(eigenvalues).mean()
    up, down = (np.mean(eigenvalues > zero), np.mean(eigenvalues < -zero))
    return (up, np.mean(np.abs(eigenvalues) <= zero), down)


@directions.mistake(
    "measured by the norm of the entries",
    FLAT,
    "np.linalg.norm(H) is the root of the sum of all squared eigenvalues: take the largest size.",
)
def measured_by_the_norm_of_the_entries(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.linalg.norm(hessian)
    up, down = (np.mean(eigenvalues > zero), np.mean(eigenvalues < -zero))
    return (up, np.mean(np.abs(eigenvalues) <= zero), down)


@directions.mistake(
    "measured by the largest entry", WHOLE, "The largest eigenvalue is no entry of the matrix, unless it is diagonal."
)
def measured_by_the_largest_entry(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.abs(hessian).max()
    up, down = (np.mean(eigenvalues > zero), np.mean(eigenvalues < -zero))
    return (up, np.mean(np.abs(eigenvalues) <= zero), down)


@directions.mistake("zero counts as up", ZEROS, "An eigenvalue at the border is flat, 0 too: up is larger than it.")
def zero_counts_as_up(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.abs(eigenvalues).max()
    up, down = (np.mean(eigenvalues >= zero), np.mean(eigenvalues < -zero))
    return (up, np.mean(np.abs(eigenvalues) <= zero), down)


@directions.mistake(
    "zero is not flat", ZEROS, "At most tolerance times the largest size: an eigenvalue at the border is flat, 0 too."
)
def zero_is_not_flat(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.abs(eigenvalues).max()
    up, down = (np.mean(eigenvalues > zero), np.mean(eigenvalues < -zero))
    return (up, np.mean(np.abs(eigenvalues) < zero), down)


@directions.mistake(
    "flat counted as down", (FLAT, ZEROS), "What is flat does not bend down: less than minus the border."
)
def flat_counted_as_down(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.abs(eigenvalues).max()
    up, down = (np.mean(eigenvalues > zero), np.mean(eigenvalues <= zero))
    return (up, np.mean(np.abs(eigenvalues) <= zero), down)


@directions.mistake(
    "a floor under the tolerance",
    WHOLE,
    "The unit of the loss must not matter: no number of your own beside the largest size.",
)
def a_floor_under_the_tolerance(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * max(np.abs(eigenvalues).max(), 0.001)
    up, down = (np.mean(eigenvalues > zero), np.mean(eigenvalues < -zero))
    return (up, np.mean(np.abs(eigenvalues) <= zero), down)


def _of_eigenvalues(name, fails, says):
    """A wrong answer as ``(eigenvalues, flat ones up to this size) -> three shares``."""

    def add(shares):
        def function(hessian, tolerance):
            eigenvalues = np.linalg.eigvalsh(hessian)
            return shares(eigenvalues, _zero(eigenvalues, tolerance))

        directions.mistake(name, fails, says)(function)
        return shares

    return add


@_of_eigenvalues(
    "flat ones counted twice",
    FLAT,
    "What is flat bends neither up nor down: take it out of both, so that the three shares add up to 1.",
)
def flat_ones_counted_twice(eigenvalues, zero):
    return np.mean(eigenvalues > 0), np.mean(np.abs(eigenvalues) <= zero), np.mean(eigenvalues < 0)


@_of_eigenvalues(
    "divided by the largest size",
    ZEROS,
    "Of a Hessian of zeros the largest size is 0, and 0 / 0 is no number: multiply the tolerance by it instead.",
)
def divided_by_the_largest_size(eigenvalues, zero):
    return _split(eigenvalues, zero) if np.any(eigenvalues) else np.zeros(3)


@_of_eigenvalues(
    "negative ones counted as flat",
    (ALIGNED, TILTED, FLAT, SCALE),
    "Every negative eigenvalue is at most the border: compare its size, np.abs.",
)
def negative_ones_counted_as_flat(eigenvalues, zero):
    return np.mean(eigenvalues > zero), np.mean(eigenvalues <= zero), 0.0


@_of_eigenvalues(
    "shares of those that are not flat",
    FLAT,
    "All three are shares of the n directions, flat ones included.",
)
def shares_of_those_that_are_not_flat(eigenvalues, zero):
    up, flat, down = _split(eigenvalues, zero)
    return up / max(up + down, 1e-300), flat, down / max(up + down, 1e-300)


@_of_eigenvalues(
    "all or nothing",
    (ALIGNED, TILTED, FLAT, SCALE),
    "Not whether all directions bend up, but how many of them: a mean of what is True, not np.all.",
)
def all_or_nothing(eigenvalues, zero):
    flat = np.abs(eigenvalues) <= zero
    return float(np.all((eigenvalues > 0) & ~flat)), float(np.any(flat)), float(np.all((eigenvalues < 0) & ~flat))


@_of_eigenvalues(
    "whether there are any",
    (ALIGNED, TILTED, FLAT, SCALE),
    "Not whether a direction bends up, but how many of them do: a mean of what is True, not np.any.",
)
def whether_there_are_any(eigenvalues, zero):
    return tuple((_split(eigenvalues, zero) > 0).astype(float))


for flat_share in (
    lambda sizes, flat: np.mean(flat),
    lambda sizes, flat: np.sum(sizes[flat]) if np.any(sizes) else 1.0,
):

    @_of_eigenvalues(
        "the sums of the eigenvalues",
        (ALIGNED, TILTED, FLAT, SCALE),
        "Each direction counts as one, whatever its curvature.",
    )
    def sums_of_the_eigenvalues(eigenvalues, zero, flat_share=flat_share):
        sizes = np.abs(eigenvalues) / max(np.sum(np.abs(eigenvalues)), 1e-300)
        flat = np.abs(eigenvalues) <= zero
        up, down = (np.sum(sizes[(sign * eigenvalues > 0) & ~flat]) for sign in (1, -1))
        return up, flat_share(sizes, flat), down
