"""Exercise 04-5: what BFGS learns from one step and from what it did to the gradient."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.checks.newton import PURE, TOPICS, curved, rotation, vector
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise

bfgs = Exercise("04-5", "The update of BFGS", "bfgs_update", topics=TOPICS)

SECANT = "The new matrix takes y to s"
DEFINITE = "It is symmetric, and all its eigenvalues are positive"
VALUE = "In all other directions it keeps what the old matrix knew"
KEPT = "Where y^T s is not positive the matrix stays as it is"
ALL = (SECANT, DEFINITE, VALUE, KEPT, PURE)
FORMULA = "left = I - rho * outer(s, y);  left @ B @ left.T + rho * outer(s, s),  rho = 1 / (y @ s)"


def _pair(rng, sign=1):
    """B, s, y with ``sign * y^T s > 0``; every curvature that B knows of is larger than those along s."""
    before, q = curved(rng, (1, 1, 1)) / 10, rotation(rng)
    s = vector(rng)
    y = (q * np.array([0.6, 1.5, 2.5])) @ q.T @ s
    return before, s, sign * y


def _updated(before, s, y):
    left = np.eye(len(s)) - np.outer(s, y) / (y @ s)
    return left @ before @ left.T + np.outer(s, s) / (y @ s)


@bfgs.check(SECANT, points=1, hint=("rho has y^T s below the line, and s s^T is added at the end.", FORMULA))
def new_matrix_takes_y_to_s(function, rng):
    before, s, y = _pair(rng)
    close(shaped(function(before, s, y), (3, 3), "the new matrix") @ y, s, "the new matrix times y")


@bfgs.check(DEFINITE, 1, ("The same factor stands on both sides, once transposed.", FORMULA), supporting=True)
def it_is_symmetric_and_all(function, rng):
    new = shaped(function(*_pair(rng)), (3, 3), "the new matrix")
    close(new, new.T, "the new matrix (against its transpose)")
    eigenvalues = np.linalg.eigvalsh(new)
    if eigenvalues[0] <= 1e-12 * eigenvalues[-1]:
        raise Wrong("The new matrix has an eigenvalue that is not positive.", got=new)


@bfgs.check(VALUE, points=4, hint=("Several updates take y to s; BFGS is the one of the formula above.", FORMULA))
def in_all_other_directions_it_keeps(function, rng):
    before, s, y = _pair(rng)
    z = np.cross(y, vector(rng))
    new = shaped(function(before, s, y), (3, 3), "the new matrix")
    close(z @ new @ z, z @ _updated(before, s, y) @ z, "the number z^T B z of the new matrix, for a z orthogonal to y,")


@bfgs.check(
    KEPT,
    points=1,
    hint=("No positive definite matrix takes y to s if y^T s <= 0.", "if y @ s <= 0: return inverse_hessian.copy()"),
    supporting=True,
)
def where_y_t_s_is_not(function, rng):
    before, s, y = _pair(rng, sign=-1)
    close(function(before, s, y), before, "the matrix after a pair with y^T s < 0")


@bfgs.check(PURE, points=1, hint="Return a new matrix; B += ... writes into the caller's.", aside=True)
def pure(function, rng):
    leaves_inputs_alone(function, *_pair(rng), other=_pair(rng))


@bfgs.mistake(
    "the guard the wrong way round",
    ALL,
    "You leave the matrix as it is where y^T s is positive, and update it where it is not: it is the other way round.",
)
def guard_the_wrong_way_round(inverse_hessian, s, y):
    return inverse_hessian.copy() if y @ s > 0 else _updated(inverse_hessian, s, y)


def _guarded(name, fails, says):
    """A wrong update, left out where y^T s <= 0."""

    def add(update):
        def function(inverse_hessian, s, y):
            return inverse_hessian.copy() if y @ s <= 0 else update(inverse_hessian, s, y)

        bfgs.mistake(name, fails, says)(function)
        return update

    return add


@bfgs.mistake(
    "no guard against a negative y^T s",
    KEPT,
    "You divide by y^T s whatever its sign. Where it is not positive, the curvature along s is not either: leave the "
    "matrix as it is, or the next direction may lead uphill.",
)
def no_guard(inverse_hessian, s, y):
    return _updated(inverse_hessian, s, y)


@bfgs.mistake("starts anew", KEPT, "You return the identity. Only this pair is useless: what was learned before stays.")
def starts_anew(inverse_hessian, s, y):
    return np.eye(len(s)) if y @ s <= 0 else _updated(inverse_hessian, s, y)


@bfgs.mistake("size of y^T s", KEPT, "You take |y^T s|: then the new matrix takes y to -s. Leave such a pair out.")
def size_of_y_t_s(inverse_hessian, s, y):
    return _updated(inverse_hessian, s, y * np.sign(y @ s))


@_guarded(
    "DFP",
    VALUE,
    "This is the update of Davidon, Fletcher and Powell, which takes y to s as well: BFGS's twin, the same formula for "
    "the Hessian instead of its inverse.",
)
def dfp(before, s, y):
    by = before @ y
    return before - np.outer(by, by) / (y @ by) + np.outer(s, s) / (y @ s)


@_guarded(
    "the old matrix forgotten",
    VALUE,
    "The old matrix stands between the two factors; you put the identity there. (That is the memoryless method.)",
)
def old_matrix_forgotten(before, s, y):
    return _updated(np.eye(len(s)), s, y)


@_guarded(
    "rescaled every time",
    VALUE,
    "The scale y^T s / y^T y belongs to the very first update, if at all: here the old matrix is kept as it is.",
)
def rescaled_every_time(before, s, y):
    return _updated(before * (y @ s) / (y @ y), s, y)


@_guarded(
    "the last term forgotten",
    ALL,
    "rho s s^T is missing: so the new matrix takes y to 0.",
)
def last_term_forgotten(before, s, y):
    left = np.eye(len(s)) - np.outer(s, y) / (y @ s)
    return left @ before @ left.T


@_guarded(
    "s and y changed over",
    ALL,
    "With s and y changed over this updates the Hessian, not its inverse: it takes s to y. Write s where you have y.",
)
def s_and_y_changed_over(before, s, y):
    return _updated(before, y, s)


@_guarded("rho upside down", ALL, "rho is 1 / (y^T s): the curvature that was seen stands below the line.")
def rho_upside_down(before, s, y):
    left = np.eye(len(s)) - (y @ s) * np.outer(s, y)
    return left @ before @ left.T + (y @ s) * np.outer(s, s)


@_guarded(
    "factors changed over",
    ALL,
    "On the left stands I - rho s y^T, on the right its transpose: you have them the other way round.",
)
def factors_changed_over(before, s, y):
    left = np.eye(len(s)) - np.outer(y, s) / (y @ s)
    return left @ before @ left.T + np.outer(s, s) / (y @ s)


@_guarded(
    "entry by entry",
    ALL,
    "* multiplies entry by entry. The three matrices are multiplied with @.",
)
def entry_by_entry(before, s, y):
    left = np.eye(len(s)) - np.outer(s, y) / (y @ s)
    return left * before * left.T + np.outer(s, s) / (y @ s)


@_guarded(
    "only the last term",
    (DEFINITE, VALUE),
    "rho s s^T takes y to s by itself, but it forgets what the old matrix knew and is not positive definite.",
)
def only_the_last_term(before, s, y):
    return np.outer(s, s) / (y @ s)


@_guarded(
    "one side only",
    (DEFINITE, VALUE),
    "Your update takes y to s, but is not symmetric (it is Broyden's). BFGS has a factor on both sides.",
)
def one_side_only(before, s, y):
    by = before @ y
    return before + np.outer(s - by, s @ before) / (s @ by)


@_guarded(
    "one term only",
    VALUE,
    "This is the symmetric update of rank one: it takes y to s, but BFGS corrects the old matrix on both sides.",
)
def one_term_only(before, s, y):
    rest = s - before @ y
    return before + np.outer(rest, rest) / (rest @ y)


@bfgs.mistake("rho missing in the last term", (SECANT, DEFINITE, VALUE, KEPT, PURE), "The last term is rho s s^T.")
def rho_missing_in_the_last_term(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left.T + np.outer(s, s)


@bfgs.mistake(
    "the same factor on both sides",
    (SECANT, DEFINITE, VALUE, KEPT, PURE),
    "The factor on the right is the transpose of that on the left.",
)
def the_same_factor_on_both_sides(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left + rho * np.outer(s, s)


@bfgs.mistake(
    "the last term subtracted",
    (SECANT, DEFINITE, VALUE, KEPT, PURE),
    "rho s s^T is added: with the minus y goes to -s.",
)
def the_last_term_subtracted(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left.T - rho * np.outer(s, s)


@bfgs.mistake("y in the last term", (SECANT, DEFINITE, VALUE, KEPT, PURE), "The last term is made of s: rho s s^T.")
def y_in_the_last_term(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left.T + rho * np.outer(y, y)


@bfgs.mistake("rho from s alone", (SECANT, DEFINITE, VALUE, KEPT, PURE), "rho is 1 / (y^T s).")
def rho_from_s_alone(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (s @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left.T + rho * np.outer(s, s)


@bfgs.mistake(
    "the update of the Hessian",
    (SECANT, DEFINITE, VALUE, KEPT, PURE),
    "This is BFGS for the Hessian itself: the inverse has its own formula.",
)
def the_update_of_the_hessian(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    b = inverse_hessian
    return b + np.outer(y, y) * rho - np.outer(b @ s, b @ s) / (s @ b @ s)


NUMBERS = (
    "s and y have one axis: .T changes nothing, and s @ y.T is a number, which is subtracted from every entry. Write "
    "np.outer(s, y)."
)

for name, fails, says, update in (
    (
        "rho from y alone",
        ALL,
        "rho is 1 / (y^T s): the curvature that was seen stands below the line.",
        lambda b, s, y, eye: _sided(b, np.outer(s, y) / (y @ y), np.outer(s, s) / (y @ y)),
    ),
    (
        "plus in the factors",
        ALL,
        "The factors are I - rho s y^T and its transpose, with a minus: they take y out before s s^T puts s in.",
        lambda b, s, y, eye: _sided(b, -np.outer(s, y) / (y @ s), np.outer(s, s) / (y @ s)),
    ),
    (
        "entry by entry in place of the outer product",
        ALL,
        "s y^T is a matrix, np.outer(s, y); s * y multiplies entry by entry, and a row of it is subtracted everywhere.",
        lambda b, s, y, eye: (eye - s * y / (y @ s)) @ b @ (eye - s * y / (y @ s)) + np.outer(s, s) / (y @ s),
    ),
    (
        "a number in place of the last matrix",
        ALL,
        "s s^T is a matrix, np.outer(s, s); s @ s is a number, which is added to every entry.",
        lambda b, s, y, eye: _sided(b, np.outer(s, y) / (y @ s), s @ s / (y @ s)),
    ),
    (
        "numbers in place of the outer products",
        ALL,
        NUMBERS,
        lambda b, s, y, eye: _sided(b, s @ y / (y @ s), s @ s / (y @ s)),
    ),
    (
        "numbers in place of the outer products",
        ALL,
        NUMBERS,
        lambda b, s, y, eye: _sided(b, s @ y / (y @ s), np.outer(s, s) / (y @ s)),
    ),
    (
        "1 in place of the identity",
        ALL,
        "1 - matrix subtracts from 1 in every entry: I is np.eye(n).",
        lambda b, s, y, eye: (
            (1 - np.outer(s, y) / (y @ s)) @ b @ (1 - np.outer(y, s) / (y @ s)) + np.outer(s, s) / (y @ s)
        ),
    ),
    (
        "the factor on the left only",
        ALL,
        "The formula has a factor on both sides of the old matrix.",
        lambda b, s, y, eye: (eye - np.outer(s, y) / (y @ s)) @ b + np.outer(s, s) / (y @ s),
    ),
    (
        "the factor on the right only",
        (DEFINITE, VALUE),
        "The formula has a factor on both sides of the old matrix.",
        lambda b, s, y, eye: b @ (eye - np.outer(y, s) / (y @ s)) + np.outer(s, s) / (y @ s),
    ),
    (
        "the factors without rho",
        ALL,
        "rho stands in both factors, too: I - rho s y^T.",
        lambda b, s, y, eye: _sided(b, np.outer(s, y), np.outer(s, s) / (y @ s)),
    ),
):
    _guarded(name, fails, says)(lambda b, s, y, update=update: update(b, s, y, np.eye(len(s))))


def _sided(before, taken, added):
    """``(I - taken) before (I - taken)^T + added``."""
    left = np.eye(len(before)) - taken
    return left @ before @ left.T + added


@bfgs.mistake(
    "the size of y^T s in rho",
    KEPT,
    "With |y^T s| below the line the update goes on where it should not: leave the matrix as it is.",
)
def size_of_y_t_s_in_rho(inverse_hessian, s, y):
    rho = 1 / abs(y @ s)
    return _sided(inverse_hessian, rho * np.outer(s, y), rho * np.outer(s, s))


@bfgs.mistake(
    "a border above 0",
    WHOLE,
    "At the end of a run steps are short, and y^T s is tiny, though positive: leave out only what is not positive.",
)
def a_border_above_0(inverse_hessian, s, y):
    if y @ s <= 1e-06:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left.T + rho * np.outer(s, s)
