"""Exercises 04-1 and 04-4: Newton's step, and the step that uses the size of a curvature but not its sign.

What a check isolates: a bowl, a surface that also bends down, the place where gradient and Hessian are asked, and (in
04-1) the damping alone: a step with damping is an undamped step on a surface that is bent more.
"""

import numpy as np

from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign, wide

TOPICS = ("optimizers", "derivatives")
BOWL = "On a bowl one step ends at the minimum"
SADDLE = "On a saddle one step ends at the saddle point"
AT_THETA = "Gradient and Hessian are asked at theta, and the step grows with the gradient"
DAMPED = "Damping makes every curvature larger by the same number"
PURE = "The arrays that were given are left as they were"
PURE_HINT = "theta -= step writes into the caller's array; theta - step makes a new one."
DAMPED_HINTS = (
    "damping is a number, the Hessian is a matrix: which matrix adds the same number to every eigenvalue?",
    "hessian(theta) + damping * np.eye(len(theta))",
)

newton = Exercise("04-1", "Newton's step", "newton_step", topics=TOPICS)
saddle_free = Exercise("04-4", "The saddle-free step", "saddle_free_step", topics=TOPICS)


def vector(rng):
    """Three numbers of either sign, none near zero."""
    return either_sign(rng, 0.5, 2.0, 3)


def orthogonal(rng, n):
    """A random orthogonal matrix."""
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def symmetric(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues."""
    q = orthogonal(rng, len(eigenvalues))
    matrix = (q * eigenvalues) @ q.T
    return (matrix + matrix.T) / 2


def rotation(rng, n=3):
    """A random orthogonal matrix whose axes lie far from the coordinate axes."""
    while True:
        q = orthogonal(rng, n)
        if np.abs(q).min() > 0.2:
            return q


def curved(rng, signs, tilted=True):
    """A symmetric matrix with eigenvalues of these signs, sizes 0.5 to 3; ascending on the diagonal if not tilted."""
    eigenvalues = np.array(signs) * rng.permutation([0.5, 1.4, 3.0][: len(signs)]) * rng.uniform(0.9, 1.1)
    q = rotation(rng, len(signs)) if tilted else np.eye(len(signs))
    eigenvalues = eigenvalues if tilted else np.sort(eigenvalues)
    return (q * eigenvalues) @ q.T


def surface(hessian, rng):
    """``(theta, gradient, hessian function, critical point)`` of a quadratic with this Hessian."""
    critical = either_sign(rng, 0.5, 2.0, len(hessian))
    theta = critical + _away(rng, hessian)
    return theta, Spy(lambda point: hessian @ (point - critical)), Spy(lambda point: hessian), critical


def _away(rng, hessian):
    """A way from the critical point to where the gradient has parts of either sign along the eigenvectors."""
    eigenvalues, q = np.linalg.eigh(hessian)
    while True:
        away = either_sign(rng, 0.5, 2.0, len(hessian))
        parts = eigenvalues * (q.T @ away)
        if parts.min() < -0.1 and parts.max() > 0.1:
            return away


def steady(rng, curvatures):
    """``(theta, gradient, hessian function)``: both are the same everywhere, the gradient has the same part along every
    eigenvector."""
    q = rotation(rng) if len(curvatures) == 3 else orthogonal(rng, len(curvatures))
    matrix = (q * curvatures) @ q.T
    return wide(rng, len(q)), Spy(lambda point: q.sum(axis=1)), Spy(lambda point: (matrix + matrix.T) / 2)


def not_quadratic(rng):
    """``(theta, gradient, hessian function)`` of a bowl that gets steeper outwards."""
    bowl, centre = curved(rng, (1, 1, 1)), rng.normal(size=3)
    theta = centre + either_sign(rng, 0.5, 1.5, 3)
    gradient = Spy(lambda point: bowl @ (point - centre) + (point - centre) ** 3)
    return theta, gradient, Spy(lambda point: bowl + np.diag(3 * (point - centre) ** 2))


def asks_at_theta(step, rng):
    theta, gradient, hessian = not_quadratic(rng)
    new = shaped(step(theta, gradient, hessian, 0.0), theta.shape, "the new theta")
    for spy, what in ((gradient, "gradient"), (hessian, "Hessian")):
        if not spy.asked:
            raise Wrong(f"The {what} was never asked for.")
        for point in spy.asked:
            close(point, theta, f"the point at which the {what} was asked")
    g, h = gradient.function(theta), hessian.function(theta)
    twice = shaped(step(theta, lambda _: 2 * g, lambda _: h.copy(), 0.0), theta.shape, "the new theta")
    if np.allclose(new, theta):
        raise Wrong("theta does not move.", got=new)
    close(twice - theta, 2 * (new - theta), "the step after a gradient twice as large")


def _damping_bends(step, rng):
    """An undamped step on the surface with ``matrix + damping I`` is the damped one on that with ``matrix``."""
    matrix = curved(rng, (1, -1, -1))
    theta, gradient, hessian, _ = surface(matrix, rng)
    damping = rng.uniform(4.0, 6.0)
    new = shaped(step(theta, gradient, hessian, damping), theta.shape, "the new theta")
    free = shaped(step(theta, gradient, hessian, 0.0), theta.shape, "the new theta")
    if np.allclose(new, free):
        raise Wrong("Damping has no effect.", got=new)
    other = Spy(lambda point: matrix + damping * np.eye(3))
    close(new, shaped(step(theta, gradient, other, 0.0), theta.shape, "the new theta"), "the new theta")


def _inputs(rng):
    theta, gradient, hessian, _ = surface(curved(rng, (1, 1, 1)), rng)
    return theta, gradient, hessian, rng.uniform(0.5, 1.0)


def _pure(step, rng):
    leaves_inputs_alone(step, *_inputs(rng), other=_inputs(rng))


# --- 04-1 -----------------------------------------------------------------------------------------------------


def _ends_at(step, signs, rng):
    theta, gradient, hessian, critical = surface(curved(rng, signs), rng)
    close(step(theta, gradient, hessian, 0.0), critical, "the new theta")


newton.check(
    BOWL,
    3,
    ("Without damping: solve H p = gradient, and go to theta - p.", "theta - np.linalg.solve(H, gradient(theta))"),
)(lambda step, rng: _ends_at(step, (1, 1, 1), rng))
newton.check(
    SADDLE,
    2,
    ("Newton's method looks for a point where the gradient is zero, whatever kind it is: keep every sign.",),
)(lambda step, rng: _ends_at(step, (1, -1, -1), rng))
newton.check(AT_THETA, 1, ("Both belong to the point where you stand.", "gradient(theta), hessian(theta)"))(
    asks_at_theta
)
newton.check(DAMPED, 2, DAMPED_HINTS)(_damping_bends)
newton.check(PURE, 1, PURE_HINT, aside=True)(_pure)


def _solved(theta, gradient, matrix):
    return theta - np.linalg.solve(matrix, gradient(theta))


@newton.mistake("uphill", (BOWL, SADDLE), "You add H^-1 gradient: subtract it. On a bowl the minus leads downhill.")
def uphill(theta, gradient, hessian, damping):
    return theta + np.linalg.solve(hessian(theta) + damping * np.eye(len(theta)), gradient(theta))


@newton.mistake(
    "L3's formula: no theta",
    (BOWL, SADDLE, AT_THETA),
    "This is L3's formula as printed (erratum E27): H^-1 gradient is the step, not the place. The new theta is "
    "theta minus it.",
)
def l3s_formula_no_theta(theta, gradient, hessian, damping):
    return np.linalg.solve(hessian(theta) + damping * np.eye(len(theta)), gradient(theta))


@newton.mistake(
    "gradient descent",
    (BOWL, SADDLE, AT_THETA, DAMPED, PURE),
    "This is a step down the gradient; the Hessian has no part in it. Solve H p = gradient, and go to theta - p.",
)
def gradient_descent(theta, gradient, hessian, damping):
    return theta - gradient(theta)


@newton.mistake(
    "times the Hessian",
    (BOWL, SADDLE),
    "You multiply by the Hessian, which makes steps longest where it is steep. Solve H p = gradient instead.",
)
def times_the_hessian(theta, gradient, hessian, damping):
    return theta - (hessian(theta) + damping * np.eye(len(theta))) @ gradient(theta)


@newton.mistake(
    "entry by entry",
    (BOWL, SADDLE),
    "1 / H takes the reciprocal of every entry; the inverse of a matrix is np.linalg.inv(H), or better: solve.",
)
def entry_by_entry(theta, gradient, hessian, damping):
    matrix = hessian(theta) + damping * np.eye(len(theta))
    return theta - np.where(matrix == 0, 0.0, 1 / np.where(matrix == 0, 1.0, matrix)) @ gradient(theta)


@newton.mistake(
    "the diagonal only",
    (BOWL, SADDLE),
    "You divide by the diagonal of the Hessian: right only where the eigenvectors are the axes.",
)
def diagonal_only(theta, gradient, hessian, damping):
    return theta - gradient(theta) / (np.diag(hessian(theta)) + damping)


@newton.mistake(
    "saddle-free",
    SADDLE,
    "You took the size of the eigenvalues: that is exercise 04-4. Newton keeps their signs, and so finds saddles too.",
)
def saddle_free_newton(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta) + damping * np.eye(len(theta)))
    return theta - q @ (q.T @ gradient(theta) / np.abs(eigenvalues))


@newton.mistake(
    "gradient descent where it bends down",
    SADDLE,
    "You replace Newton's step where the Hessian is not positive definite. A good idea, but no longer Newton's method.",
)
def gradient_descent_where_it_bends_down(theta, gradient, hessian, damping):
    matrix = hessian(theta) + damping * np.eye(len(theta))
    if np.linalg.eigvalsh(matrix)[0] < 0:
        return theta - gradient(theta)
    return _solved(theta, gradient, matrix)


@newton.mistake("the Hessian at another point", AT_THETA, "Ask for the Hessian at theta, where the gradient is taken.")
def hessian_at_another_point(theta, gradient, hessian, damping):
    return _solved(theta, gradient, hessian(np.zeros(len(theta))) + damping * np.eye(len(theta)))


@newton.mistake(
    "the Hessian after a first step",
    AT_THETA,
    "Hessian and gradient belong to the same point: L3 mixes the indices t and t - 1 (erratum E27).",
)
def hessian_after_a_first_step(theta, gradient, hessian, damping):
    ahead = theta - 0.1 * gradient(theta)
    return _solved(theta, gradient, hessian(ahead) + damping * np.eye(len(theta)))


@newton.mistake("damping forgotten", DAMPED, "damping has no effect: add damping * np.eye(n) to the Hessian.")
def damping_forgotten(theta, gradient, hessian, damping):
    return _solved(theta, gradient, hessian(theta))


@newton.mistake(
    "damping on every entry",
    DAMPED,
    "H + damping adds the number to all n * n entries. Damping belongs on the diagonal: damping * np.eye(n).",
)
def damping_on_every_entry(theta, gradient, hessian, damping):
    return _solved(theta, gradient, hessian(theta) + damping)


@newton.mistake(
    "damping in proportion to the diagonal",
    DAMPED,
    "You scale the diagonal of H, as Marquardt did. Here all eigenvalues grow by the same number: damping * np.eye(n).",
)
def damping_in_proportion_to_the_diagonal(theta, gradient, hessian, damping):
    matrix = hessian(theta)
    return _solved(theta, gradient, matrix + damping * np.diag(np.diag(matrix)))


@newton.mistake("damping subtracted", DAMPED, "Damping is added, so that the step gets shorter on a bowl.")
def damping_subtracted(theta, gradient, hessian, damping):
    return _solved(theta, gradient, hessian(theta) - damping * np.eye(len(theta)))


@newton.mistake(
    "damping as a learning rate",
    DAMPED,
    "You shorten the whole step by 1 / (1 + damping). Damping is added to the Hessian: flat directions are shortened "
    "most.",
)
def damping_as_a_learning_rate(theta, gradient, hessian, damping):
    return theta - np.linalg.solve(hessian(theta), gradient(theta)) / (1 + damping)


@newton.mistake(
    "damping after the inverse", DAMPED, "Add damping to the Hessian first, then solve: not to the inverse."
)
def damping_after_the_inverse(theta, gradient, hessian, damping):
    return theta - (np.linalg.inv(hessian(theta)) + damping * np.eye(len(theta))) @ gradient(theta)


# --- 04-4 -----------------------------------------------------------------------------------------------------

ALONG = "Along the axes: where it bends down, the step leads away from the critical point"
BOWL_4 = "On a bowl along the axes it is Newton's step"
TILTED = "The eigenvectors decide, not the axes"
DAMPED_4 = "Damping is added to the size of every curvature"


def _absolute(matrix):
    eigenvalues, q = np.linalg.eigh(matrix)
    return (q * np.abs(eigenvalues)) @ q.T


DOWN_ONLY = (
    "wrong only where it bends down",
    "Along the eigenvectors with a positive curvature your step is right, along the others it is not: a negative "
    "curvature counts with its size.",
)
UP_ONLY = (
    "wrong only where it bends up",
    "Along the eigenvectors with a negative curvature your step is right, along the others it is not: both count with "
    "their size, and with the same damping.",
)


def _saddle_free_on(step, matrix, rng):
    theta, gradient, hessian, _ = surface(matrix, rng)
    expected = theta - np.linalg.solve(_absolute(matrix), gradient.function(theta))
    _compare(step(theta, gradient, hessian, 0.0), expected, matrix)


def _compare(new, expected, matrix):
    """``close``, which says along which eigenvectors alone ``new`` is off, if these are all of one sign."""
    down, up = (lambda sign=sign: _off(new, expected, matrix, sign) for sign in (-1, 1))
    with telling(down, *DOWN_ONLY), telling(up, *UP_ONLY):
        close(new, expected, "the new theta")


def _off(new, expected, matrix, sign):
    """Whether ``new`` is off along each of the eigenvectors with an eigenvalue of this sign, and along no other."""
    eigenvalues, q = np.linalg.eigh(matrix)
    off = np.abs(q.T @ (numbers(new) - expected)) > 1e-6 * (1 + np.max(np.abs(numbers(new))))
    return np.ptp(np.sign(eigenvalues)) and np.array_equal(off, sign * eigenvalues > 0)


def _with_negative_entries(rng):
    """A tilted saddle with entries of either sign, so that the size of entries is another matrix."""
    while True:
        matrix = curved(rng, rng.permutation([1, -1, -1]))  # in another order by size than by value
        if matrix.min() < -0.2 and matrix.max() > 0.2:
            return matrix


def _damped_sizes(step, rng):
    matrix, damping = _with_negative_entries(rng), rng.uniform(4.0, 6.0)
    theta, gradient, hessian, _ = surface(matrix, rng)
    expected = _solved(theta, gradient.function, _absolute(matrix) + damping * np.eye(len(theta)))
    _compare(step(theta, gradient, hessian, damping), expected, matrix)


saddle_free.check(
    BOWL_4, 1, ("Where all eigenvalues are positive, sizes and eigenvalues are the same: exercise 04-1.",)
)(lambda step, rng: _saddle_free_on(step, curved(rng, (1, 1, 1), tilted=False), rng))
saddle_free.check(
    ALONG, 1, ("Divide each component by the size of its eigenvalue: np.abs.", "gradient / np.abs(eigenvalues)")
)(lambda step, rng: _saddle_free_on(step, curved(rng, rng.permutation([1, -1, -1]), tilted=False), rng))
saddle_free.check(
    TILTED,
    4,
    (
        "Rotate the gradient into the eigenvectors, divide there, rotate back. Columns of q are eigenvectors.",
        "eigenvalues, q = np.linalg.eigh(H);  q @ (q.T @ gradient / np.abs(eigenvalues))",
    ),
)(lambda step, rng: _saddle_free_on(step, _with_negative_entries(rng), rng))
saddle_free.check(AT_THETA, 1, ("Both belong to the point where you stand.", "gradient(theta), hessian(theta)"))(
    asks_at_theta
)
saddle_free.check(
    DAMPED_4,
    2,
    ("First the size, then the damping.", "gradient / (np.abs(eigenvalues) + damping)"),
)(lambda step, rng: _damped_sizes(step, rng))
saddle_free.check(PURE, 1, PURE_HINT, aside=True)(_pure)


def _by_eigenvalues(theta, gradient, hessian, divide):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q @ (divide(eigenvalues) * (q.T @ gradient(theta)))


@saddle_free.mistake(
    "Newton's step",
    (ALONG, TILTED, DAMPED_4),
    "This is exercise 04-1: it ends at the saddle. Take the size of every eigenvalue.",
)
def newtons_step(theta, gradient, hessian, damping):
    return _solved(theta, gradient, hessian(theta) + damping * np.eye(len(theta)))


@saddle_free.mistake(
    "Newton's step without damping",
    (ALONG, TILTED, DAMPED_4),
    "This is Newton's step, which ends at the saddle, and damping has no effect. Take the eigenvalues' size, and "
    "add damping to it.",
)
def newtons_step_without_damping(theta, gradient, hessian, damping):
    return _solved(theta, gradient, hessian(theta))


@saddle_free.mistake("uphill", (BOWL_4, ALONG, TILTED, DAMPED_4), "The step is subtracted: theta - |H|^-1 gradient.")
def uphill_saddle_free(theta, gradient, hessian, damping):
    return 2 * theta - _by_eigenvalues(theta, gradient, hessian, lambda value: 1 / (np.abs(value) + damping))


@saddle_free.mistake(
    "size of every entry",
    (TILTED, DAMPED_4),
    "np.abs(H) changes entries of the matrix. The size is taken of the eigenvalues: eigh, np.abs, and back.",
)
def size_of_every_entry(theta, gradient, hessian, damping):
    return _solved(theta, gradient, np.abs(hessian(theta)) + damping * np.eye(len(theta)))


@saddle_free.mistake(
    "the diagonal only",
    (TILTED, DAMPED_4),
    "The diagonal is not the eigenvalues: a saddle need not lie along the axes (E29).",
)
def diagonal_only_saddle_free(theta, gradient, hessian, damping):
    return theta - gradient(theta) / (np.abs(np.diag(hessian(theta))) + damping)


@saddle_free.mistake(
    "eigenvectors taken from the rows",
    (TILTED, DAMPED_4),
    "np.linalg.eigh returns eigenvectors in the columns of q: the components of the gradient are q.T @ gradient.",
)
def eigenvectors_taken_from_the_rows(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q.T @ (q @ gradient(theta) / (np.abs(eigenvalues) + damping))


@saddle_free.mistake(
    "not rotated at all",
    (TILTED, DAMPED_4),
    "The eigenvalues belong to the eigenvectors, not to the gradient's own entries: rotate, divide, rotate back.",
)
def not_rotated_at_all(theta, gradient, hessian, damping):
    return theta - gradient(theta) / (np.abs(np.linalg.eigvalsh(hessian(theta))) + damping)


@saddle_free.mistake(
    "no step where it bends down",
    (ALONG, TILTED, DAMPED_4),
    "You leave directions of negative curvature out. They are the way out of the saddle: use their size.",
)
def no_step_where_it_bends_down(theta, gradient, hessian, damping):
    def divide(value):
        return np.where(value > 0, 1 / (np.abs(value) + damping), 0.0)

    return _by_eigenvalues(theta, gradient, hessian, divide)


@saddle_free.mistake(
    "damping before the size",
    DAMPED_4,
    "|H + damping I| lets damping cancel a negative curvature, and the step explodes. First the size, then damping.",
)
def damping_before_the_size(theta, gradient, hessian, damping):
    return _by_eigenvalues(theta, gradient, hessian, lambda value: 1 / np.abs(value + damping))


@saddle_free.mistake("damping forgotten", DAMPED_4, "damping has no effect: add it to the sizes of the eigenvalues.")
def damping_forgotten_saddle_free(theta, gradient, hessian, damping):
    return _by_eigenvalues(theta, gradient, hessian, lambda value: 1 / np.abs(value))


@saddle_free.mistake(
    "damping as a floor",
    DAMPED_4,
    "np.maximum(|eigenvalue|, damping) changes small curvatures only. Here damping is added to all of them.",
)
def damping_as_a_floor(theta, gradient, hessian, damping):
    return _by_eigenvalues(theta, gradient, hessian, lambda value: 1 / np.maximum(np.abs(value), damping))


@saddle_free.mistake(
    "damping under the root",
    DAMPED_4,
    "sqrt(eigenvalue^2 + damping^2) is a smooth size. Here it is |eigenvalue| + damping.",
)
def damping_under_the_root(theta, gradient, hessian, damping):
    return _by_eigenvalues(theta, gradient, hessian, lambda value: 1 / np.sqrt(value**2 + damping**2))


@saddle_free.mistake(
    "shifted until all is positive",
    (ALONG, TILTED, DAMPED_4),
    "You add one number to all eigenvalues, until the lowest is positive: that is damping. Take each one's own size.",
)
def shifted_until_all_is_positive(theta, gradient, hessian, damping):
    matrix = hessian(theta)
    lowest = np.linalg.eigvalsh(matrix)[0]
    return _solved(theta, gradient, matrix + (max(0.0, -2 * lowest) + damping) * np.eye(len(theta)))


@saddle_free.mistake(
    "negative curvatures cut off at 0",
    (ALONG, TILTED, DAMPED_4),
    "max(eigenvalue, 0) leaves damping alone, or nearly nothing: a negative eigenvalue counts with its size.",
)
def negative_curvatures_cut_off(theta, gradient, hessian, damping):
    return _by_eigenvalues(theta, gradient, hessian, lambda value: 1 / (np.maximum(value, 0) + damping + 1e-12))


def _by_sizes(divide):
    """A step whose components are multiplied by ``divide(sizes, damping)``."""

    def step(theta, gradient, hessian, damping):
        return _by_eigenvalues(theta, gradient, hessian, lambda value: divide(np.abs(value), damping))

    return step


for name, says, divide in (
    (
        "times the sizes",
        "The step is divided by the sizes: so it is short where it is steep.",
        lambda sizes, damping: sizes + damping,
    ),
    (
        "one size for all directions",
        "Each component is divided by the size of its own eigenvalue, not all by the largest one.",
        lambda sizes, damping: np.full(len(sizes), 1 / (np.max(sizes) + damping)),
    ),
    (
        "the roots of the sizes",
        "The step is divided by the sizes themselves, not by their roots.",
        lambda sizes, damping: 1 / (np.sqrt(sizes) + damping),
    ),
):
    saddle_free.mistake(name, (BOWL_4, ALONG, TILTED, DAMPED_4), says)(_by_sizes(divide))


@saddle_free.mistake(
    "not rotated back",
    (TILTED, DAMPED_4),
    "What was divided are components along the eigenvectors: q @ ... makes a step of them.",
)
def not_rotated_back(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q.T @ gradient(theta) / (np.abs(eigenvalues) + damping)


@saddle_free.mistake("the Hessian at another point", AT_THETA, "Ask for the Hessian at theta, as for the gradient.")
def hessian_at_another_point_saddle_free(theta, gradient, hessian, damping):
    return _by_eigenvalues(
        theta, gradient, lambda _: hessian(np.zeros(len(theta))), lambda value: 1 / (np.abs(value) + damping)
    )


@newton.mistake("the step alone", (BOWL, SADDLE, AT_THETA), "Return the new place, theta plus the step.")
def the_step_alone(theta, gradient, hessian, damping):
    matrix = hessian(theta) + damping * np.eye(len(theta))
    return -np.linalg.solve(matrix, gradient(theta))


@newton.mistake("damping squared", DAMPED, "Every curvature grows by damping, not by its square.")
def damping_squared(theta, gradient, hessian, damping):
    matrix = hessian(theta) + damping**2 * np.eye(len(theta))
    return theta - np.linalg.solve(matrix, gradient(theta))


@newton.mistake(
    "sizes first, then damping",
    (SADDLE, DAMPED),
    "That is the saddle-free step, exercise 04-4: Newton keeps the signs of the eigenvalues.",
)
def sizes_first_then_damping(theta, gradient, hessian, damping):
    w, q = np.linalg.eigh(hessian(theta))
    matrix = q @ np.diag(np.abs(w) + damping) @ q.T
    return theta - np.linalg.solve(matrix, gradient(theta))


@newton.mistake("the identity of one size", WHOLE, "The identity is as large as theta: np.eye(len(theta)).")
def the_identity_of_one_size(theta, gradient, hessian, damping):
    matrix = hessian(theta) + damping * np.pad(np.eye(3), (0, max(0, len(theta) - 3)))[: len(theta), : len(theta)]
    return theta - np.linalg.solve(matrix, gradient(theta))


@saddle_free.mistake(
    "sizes sorted", (ALONG, TILTED, DAMPED_4), "Each size belongs to its own eigenvector: do not sort."
)
def sizes_sorted(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q @ (q.T @ gradient(theta) / (np.sort(np.abs(eigenvalues)) + damping))


@saddle_free.mistake(
    "rotated back only", (TILTED, DAMPED_4), "First into the eigenvectors, q.T @ gradient, then divide, then back."
)
def rotated_back_only(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q @ (gradient(theta) / (np.abs(eigenvalues) + damping))


@saddle_free.mistake(
    "squares in place of sizes",
    (BOWL_4, ALONG, TILTED, DAMPED_4),
    "The size is np.abs: the square divides twice by the curvature.",
)
def squares_in_place_of_sizes(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q @ (q.T @ gradient(theta) / (eigenvalues**2 + damping))


@saddle_free.mistake(
    "the size of the entries",
    (TILTED, DAMPED_4),
    "The size of a matrix is that of its eigenvalues, not of its entries.",
)
def the_size_of_the_entries(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(np.abs(hessian(theta)))
    return theta - q @ (q.T @ gradient(theta) / (np.abs(eigenvalues) + damping))
