"""Exercise 04-8: a run of the saddle-free method with two faults that come together, to be mended."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.checks.newton import (
    PURE,
    TOPICS,
    curved,
    not_quadratic,
    steady,
    surface,
    symmetric,
)
from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.kinds import NAMED, Debug, fewer_gradients
from course_lib.checks.whole import different, shrunk, whole, wide

BOWL = "On a bowl that gets steeper outwards it goes on as it began"
SADDLE = "One step with damping leads away from a saddle, and so far as it should"
ALL_FAIL = (BOWL, SADDLE, NAMED, PURE)

MENU = {
    "stale Hessian": "that alone would be right as long as there is one step.",
    "size after damping": "that alone would be right wherever all curvatures are positive.",
    "stale Hessian, and size after damping": "then a second step is wrong on a bowl, and a first one at a saddle.",
    "signs are kept": "then a step near a saddle would lead into it.",
    "stale gradient": "then each step would be as long as the first one, on a bowl, too.",
}
run = Debug(
    "04-8",
    "A run past a saddle, mended",
    "saddle_free_run",
    topics=TOPICS,
    menu=MENU,
    fault="stale Hessian, and size after damping",
)


def _stretched(theta, gradient, matrix, damping, size=lambda eigenvalues, damping: np.abs(eigenvalues) + damping):
    """Where one step leads: ``gradient`` divided by ``size`` along each eigenvector of ``matrix``."""
    eigenvalues, q = np.linalg.eigh(matrix)
    return theta - np.sum(q * (q.T @ gradient / size(eigenvalues, damping)), axis=1)


def _walk(theta, gradient, hessian, damping, num_steps):
    for _ in range(num_steps):
        theta = _stretched(theta, gradient(theta), hessian(theta), damping)
    return theta


def _bent(rng, num_steps=3):
    """A bowl whose Hessian has entries below 0: with the sizes of its entries it is another matrix."""
    while True:
        theta, gradient, hessian = not_quadratic(rng)
        matrix = hessian.function(theta)
        if matrix.min() < -0.1 * matrix.max():
            return theta, gradient, hessian, 0.0, num_steps


def _ridge(rng):
    """One step near a saddle, the damping between its curvatures."""
    theta, gradient, hessian, _ = surface(curved(rng, (-1, 1, -1)), rng)
    return theta, gradient, hessian, rng.uniform(0.8, 1.2), 1


@run.check(BOWL, points=3, hint="Print the Hessian in each step. Where on the way does it belong to?")
def steeper_outwards(saddle_free_run, rng):
    theta, gradient, hessian, *rest = _bent(rng)
    right = _walk(theta, gradient.function, hessian.function, *rest)
    close(saddle_free_run(theta, gradient, hessian, *rest), right, "theta at the end", rtol=1e-9, atol=1e-10)


@run.check(
    SADDLE,
    points=2,
    hint="(4.2): first the size of each eigenvalue, then the damping is added. What are -2 and a damping of 1?",
)
def away_from_the_saddle(saddle_free_run, rng):
    theta, gradient, hessian, *rest = _ridge(rng)
    right = _walk(theta, gradient.function, hessian.function, *rest)
    close(saddle_free_run(theta, gradient, hessian, *rest), right, "theta after one step", rtol=1e-9, atol=1e-10)


def _runs(rng):
    """Spaces of several sizes, no step and several, any damping; surfaces whose curvature changes on the way."""
    cases = []
    for n, damping, steps in zip((*different(rng, 3), 1), (0.0, 0.4, 1.5, 0.2), (2, 4, 1, 3), strict=True):
        tilt = symmetric(rng, np.where(np.arange(n) % 2, 1, -1) * np.linspace(1, 2, n))
        hessian = Spy(lambda theta, tilt=tilt: tilt * np.exp(np.sin(np.sum(theta)) / 3))
        gradient = Spy(lambda theta, tilt=tilt: tilt @ np.sin(theta) + 0.3)
        cases.append((wide(rng, n) / 3, gradient, hessian, damping, steps))
    cases += [(*cases[0][:4], 0), _short_steps(rng), _scaled(*cases[1])]
    return [*cases, (*steady(rng, [1.0, -0.5, 2e-4]), 0.0, 2)]  # hardly bent in one direction


def _scaled(theta, gradient, hessian, *rest):
    """The same run a hundred thousand times smaller."""
    return *shrunk(1e5, theta, gradient), Spy(lambda point: hessian.function(1e5 * point)), *rest


def _short_steps(rng):
    """A run whose steps and gradients are tiny from the first to the last, and which is far from its end."""
    theta, gradient, hessian, _ = surface(curved(rng, (1, -1, 1)), rng)
    return *shrunk(1e11, theta, gradient), hessian, rng.uniform(20, 30), 12


whole(
    run,
    _walk,
    _runs,
    ("theta at the end",),
    told=fewer_gradients(1, lambda *given: given[-1]),
    again=True,
    rtol=1e-8,
    atol=1e-18,
)
run.names_the_fault(points=1)


@run.check(PURE, points=1, hint="theta -= step writes into the caller's array.", aside=True)
def run_is_pure(saddle_free_run, rng):
    leaves_inputs_alone(saddle_free_run, *_bent(rng), other=_bent(rng))


@run.handed_out(ALL_FAIL)
def two_faults(theta, gradient, hessian, damping, num_steps):
    matrix = hessian(theta) + damping * np.eye(len(theta))
    eigenvalues, q = np.linalg.eigh(matrix)
    for _ in range(num_steps):
        theta = theta - q @ (q.T @ gradient(theta) / np.abs(eigenvalues))
    return theta


def _at(places):
    """A run that asks at ``places(points so far)``: where for the gradient, where for the Hessian."""

    def answer(theta, gradient, hessian, damping, num_steps):
        points = [theta]
        for _ in range(num_steps):
            one, other = places(points)
            points.append(_stretched(points[-1], gradient(one), hessian(other), damping))
        return points[-1]

    return answer


def _sized(size):
    """A run that divides by ``size(eigenvalues, damping)``."""

    def answer(theta, gradient, hessian, damping, num_steps):
        for _ in range(num_steps):
            theta = _stretched(theta, gradient(theta), hessian(theta), damping, size)
        return theta

    return answer


for name, says, places in (
    (
        "stale Hessian",
        "All steps have the Hessian of the start: ask anew in each step.",
        lambda points: (points[-1], points[0]),
    ),
    (
        "stale gradient",
        "All steps have the gradient of the start: ask anew in each step.",
        lambda points: (points[0], points[-1]),
    ),
    (
        "gradient and Hessian of the start",
        "All steps are the first one: ask for gradient and Hessian anew in each step.",
        lambda points: (points[0], points[0]),
    ),
    (
        "the Hessian a step late",
        "The Hessian belongs to where theta is now, not to where it was one step ago.",
        lambda points: (points[-1], points[-2] if len(points) > 1 else points[-1]),
    ),
    (
        "the Hessian of every second step",
        "Ask for the Hessian in each step.",
        lambda points: (points[-1], points[(len(points) - 1) // 2 * 2]),
    ),
):
    run.mistake(name, BOWL, says)(_at(places))

for name, says, size in (
    (
        "size after damping",
        "Damping goes onto the size: |-2| + 1 is 3, and |-2 + 1| is 1, a step three times as long.",
        lambda values, damping: np.abs(values + damping),
    ),
    (
        "signs are kept",
        "This is Newton's method, which climbs where the curvature is negative: take its size.",
        lambda values, damping: values + damping,
    ),
    (
        "negative curvatures as 0",
        "A negative curvature counts with its size: cut off at 0, damping alone would be left.",
        lambda values, damping: np.maximum(values, 0) + damping if damping else np.abs(values),
    ),
    ("damping left out", "Add the damping to each size.", lambda values, damping: np.abs(values)),
    (
        "damping by factors",
        "Damping is added to each size: it is the same number for all.",
        lambda values, damping: np.abs(values) * (1 + damping),
    ),
    (
        "damping subtracted",
        "Damping makes steps shorter: it is added to each size.",
        lambda values, damping: np.abs(values) - damping,
    ),
    (
        "the distance from the damping",
        "Damping is added to each size, and makes every step shorter.",
        lambda values, damping: np.abs(np.abs(values) - damping),
    ),
    (
        "the root of both squares",
        "Size plus damping, not the root of the sum of their squares.",
        lambda values, damping: np.sqrt(values**2 + damping**2),
    ),
    (
        "damping before the size, but with the sign",
        "Damping goes onto the size of each eigenvalue: what is the size of -2, and what of -2 - 1?",
        lambda values, damping: values + damping * np.sign(values),
    ),
    (
        "the larger of the two",
        "Size plus damping, not the larger of the two.",
        lambda values, damping: np.maximum(np.abs(values), damping),
    ),
):
    run.mistake(name, SADDLE, says)(_sized(size))


@run.mistake(
    "Q and its transpose exchanged",
    ALL_FAIL,
    "The columns of Q are the eigenvectors: Q.T @ gradient measures along them, and Q @ ... goes back.",
)
def transpose_exchanged(theta, gradient, hessian, damping, num_steps):
    for _ in range(num_steps):
        eigenvalues, q = np.linalg.eigh(hessian(theta))
        theta = theta - q.T @ (q @ gradient(theta) / (np.abs(eigenvalues) + damping))
    return theta


@run.mistake(
    "the sizes of the entries",
    ALL_FAIL,
    "The size of a matrix has the sizes of its eigenvalues, not of its entries: np.linalg.eigh, then np.abs.",
)
def sizes_of_the_entries(theta, gradient, hessian, damping, num_steps):
    for _ in range(num_steps):
        matrix = np.abs(hessian(theta)) + damping * np.eye(len(theta))
        theta = theta - np.linalg.solve(matrix, gradient(theta))
    return theta


@run.mistake("one step too few", ALL_FAIL, "range(num_steps) has num_steps turns.")
def one_step_too_few(theta, gradient, hessian, damping, num_steps):
    return _walk(theta, gradient, hessian, damping, max(num_steps - 1, 0))


@run.mistake("uphill", ALL_FAIL, "Subtract the step: this one climbs.")
def uphill(theta, gradient, hessian, damping, num_steps):
    return _walk(theta, lambda point: -gradient(point), hessian, damping, num_steps)


@run.mistake("steps of half the length", ALL_FAIL, "(4.2) has no factor before the step: take all of it.")
def steps_of_half_the_length(theta, gradient, hessian, damping, num_steps):
    return _walk(theta, lambda point: gradient(point) / 2, hessian, damping, num_steps)


@run.mistake("one step too many", ALL_FAIL, "range(num_steps) has num_steps turns.")
def one_step_too_many(theta, gradient, hessian, damping, num_steps):
    return _walk(theta, gradient, hessian, damping, num_steps + 1)


@run.mistake("one step only", BOWL, "All steps count: num_steps of them.")
def one_step_only(theta, gradient, hessian, damping, num_steps):
    for _ in range(min(num_steps, 1)):
        eigenvalues, q = np.linalg.eigh(hessian(theta))
        theta = theta - q @ (q.T @ gradient(theta) / (np.abs(eigenvalues) + damping))
    return theta
