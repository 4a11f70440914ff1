"""The whole of each exercise of chapter 4: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.checks.bfgs import bfgs
from course_lib.chapters.ch04_newton_saddles.checks.directions import WHAT, directions
from course_lib.chapters.ch04_newton_saddles.checks.newton import newton, saddle_free, steady, symmetric, vector
from course_lib.chapters.ch04_newton_saddles.checks.products import difference, exact
from course_lib.checks.calls import Spy
from course_lib.checks.whole import different, either_sign, signs, whole, wide


def _newton(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - np.sum(q * (q.T @ gradient(theta) / (eigenvalues + damping)), axis=1)


def _saddle_free(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - np.sum(q * (q.T @ gradient(theta) / (np.abs(eigenvalues) + damping)), axis=1)


def _curved_cases(rng):
    """Surfaces that bend both ways in spaces of several sizes; any damping, no curvature near it. Curvatures millions
    of times smaller than others, small all over, and several that are equal."""
    cases, sizes = [], sorted(different(rng, 3), reverse=True)  # the largest, which is no fixed size, is damped
    for n, damping in zip((*sizes, 1), (0.3, 0.0, rng.uniform(2.1, 2.4), 0.05), strict=True):
        curvatures = rng.permutation(np.geomspace(0.7, 1.4, n)) * rng.choice([1.0, 5.0], n)
        matrix, bend = symmetric(rng, curvatures * np.where(np.arange(n) % 2, -1, 1)), wide(rng, n)
        hessian = Spy(lambda theta, matrix=matrix: matrix * np.exp(np.sin(np.sum(theta)) / 3))
        gradient = Spy(lambda theta, bend=bend: bend + np.sin(theta[::-1]))
        cases.append((wide(rng, n), gradient, hessian, damping))
    flat = symmetric(rng, np.array([3.0, -1e-2, 1.0, 3e-3]) * rng.uniform(0.8, 1.2))
    plain = Spy(lambda theta: theta + 1.0), Spy(lambda theta: flat)
    cases.append((wide(rng, 4), *plain, 0.0))
    return cases + [(*steady(rng, curvatures), damping) for curvatures, damping in CURVATURES]


CURVATURES = (
    (np.array([1.0, -0.5, 2e-4]), 0.0),
    (np.array([2e-3, -1e-3, 1.5e-3, -1.2e-3]), 0.0),
    (np.array([2.0, 2.0, 2.0, -0.5, -0.5, -0.5]), 0.1),
    (np.array([-0.7]), 0.1),
    (np.array([1.0, 1e-11, -0.5]), 40.0),
)


def _exactly_flat_too(rng):
    """For the step that needs no inverse: along an axis there is no curvature at all, and damping."""
    hessian = np.diag(rng.permutation([1.0, 0.0, -0.5]))
    return [*_curved_cases(rng), (wide(rng, 3), Spy(lambda theta: theta + 1.0), Spy(lambda theta: hessian), 0.4)]


def _nearly_singular_too(rng):
    """For the step that needs no size: with it, the root of H H has no digits left."""
    plain = wide(rng, 2), Spy(lambda theta: theta + 1.0), Spy(lambda theta: np.array([[0.0, 2.0], [2.0, 0.0]])), 0.0
    return [*_curved_cases(rng), (*steady(rng, np.array([1.0, -0.5, 1e-6])), 0.0), plain]


def _directions(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * max(map(abs, eigenvalues))
    signs = np.where(np.abs(eigenvalues) > zero, np.sign(eigenvalues), 0)
    return np.array([np.mean(signs == sign) for sign in (1, 0, -1)])


def _critical_cases(rng):
    """Units from 1e-10 to 1e10; small and large tolerances; the largest size positive and negative; a border case; all
    that is flat; equally much up and down."""
    n, more, many = different(rng, 3, 4, 9)
    largest, cases = rng.permutation([1, -1]), []
    for size, tolerance, sign, unit in (
        (more, 0.3, largest[1], 1e-10),
        (n, 1e-3, largest[0], 1e10),
        (many, 0.02, 1, 1.0),
    ):
        below, above = tolerance * rng.uniform(0.93, 0.97, 2) * [1, -1], tolerance * rng.uniform(1.1, 1.5)
        rest = either_sign(rng, 1.6 * tolerance, 0.9, size - 4)
        eigenvalues = np.array([sign, *below, above * rng.choice([-1, 1]), *rest])
        cases.append((unit * symmetric(rng, eigenvalues), tolerance))
    border = np.diag(rng.permutation([2.0, 1.0, -1.0, -1.5, 1.5, 0.0]))
    apart = symmetric(rng, np.array([-1, 0.3, 0.5, 0.6, 0.8e-3, 1.2e-3]))  # no other measure is between these two
    opposite = np.array([[0.0, 1.0], [1.0, 0.0]])  # x y
    resting = symmetric(rng, np.array([1.0, 0.5, 1e-3, -1e-3, 2.0])), np.diag(rng.permutation([2.0, 2, 2, -1, -1, 0]))
    cases += [(matrix, 0.1) for matrix in resting]  # nothing leads down; several that are equal
    cases += [(apart, 1e-3), (border, 0.5), (opposite, 0.1), (opposite, 1.5)]  # of the last all is flat
    return [*cases, (np.array([[-rng.uniform(0.01, 0.05)]]), 0.1), (np.zeros((n, n)), 0.1)]


def _difference(theta, v, gradient, h):
    ahead, behind = (gradient(theta + way * h * v) for way in (1, -1))
    return ahead / (2 * h) - behind / (2 * h)


def _difference_cases(rng):
    """Steps of a millionth beside a kink, curved surfaces, and at last a v of 0."""
    kinked = Spy(lambda theta: theta + np.abs(theta))
    cases = [(3e-6 * signs(rng, 3), signs(rng, 3).astype(float), kinked, 1e-6)]
    for n, h in zip((*different(rng, 2), 1), (rng.uniform(0.2, 0.5), 1e-3, rng.uniform(0.01, 0.1)), strict=True):
        tilt = rng.normal(size=(n, n))
        gradient = Spy(lambda theta, tilt=tilt: tilt @ theta**3 + np.exp(theta / 5))
        theta = wide(rng, n) / 3
        theta[0] = 2.0  # longer than 1
        cases.append((theta, wide(rng, n) + 0.05, gradient, h))
    theta, v, *rest = cases[1]
    v[-1] = 0.0
    return [*cases, (theta, 0 * v, *rest)]


def _bfgs(inverse_hessian, s, y):
    """Multiplied out, Nocedal & Wright (6.17)."""
    if not y @ s > 0:
        return np.array(inverse_hessian)
    by, ys = inverse_hessian @ y, y @ s
    return inverse_hessian + (ys + y @ by) / ys**2 * np.outer(s, s) - (np.outer(by, s) + np.outer(s, by)) / ys


def _pair_cases(rng):
    """y^T s large, small, exactly 0 (twice: no change of the gradient, and one at a right angle) and negative; the tiny
    steps at the end of a run, a change of the gradient nearly at a right angle to the step, and the identity."""
    cases = []
    for n, product in zip((*different(rng, 3), 1, 4, 1), (3.0, 0.2, -2.0, 0.5, -1e-3, -0.3), strict=True):
        before = symmetric(rng, rng.uniform(0.3, 3.0, n))
        s, y = wide(rng, n) + 0.2, wide(rng, n)
        cases.append((before, s, y + s * (product - y @ s) / (s @ s)))
    before = symmetric(rng, rng.uniform(0.3, 3.0, 4))
    a, b = rng.uniform(0.5, 2, 2)
    right_angle, slant = (before, a * np.eye(4)[0], b * np.eye(4)[2]), b * np.array([1e-4, 0, 1, 0])
    tiny = cases[0][0], *(1e-9 * part for part in cases[0][1:])
    cases += [right_angle, (before, wide(rng, 4), np.zeros(4)), tiny, (before, a * np.eye(4)[0], slant)]
    return [*cases, (np.eye(len(cases[0][0])), *cases[0][1:])]


def _exact(w, v, x, y):
    """The Hessian of each sample's loss, formed as a matrix."""
    product = np.zeros(len(w))
    for sample, target in zip(x, y, strict=True):
        a = np.tanh(sample @ w)
        curvature = (1 - a**2) ** 2 - 2 * a * (a - target) * (1 - a**2)
        product += curvature * np.outer(sample, sample) @ v / len(x)
    return product


def _neuron_cases(rng):
    """Sums near 0; then in one batch such, and ones at which tanh bends little, hardly, and not at all."""
    sizes = different(rng, 2), (1, *different(rng, 1)), (*different(rng, 1), 1), (int(rng.integers(70, 80)), 3)
    cases = [(wide(rng, n) / 3, wide(rng, n), wide(rng, m, n) / 3, wide(rng, m)) for m, n in sizes]
    w, v, sums = vector(rng), vector(rng), np.array([0.4, -0.9, 2.0, -3.2, 3.6, 5.0, -8.0, 1000.0, -1000.0])
    x = rng.normal(size=(len(sums), 3))
    x += np.outer(sums - x @ w, w) / (w @ w)  # x w is what is wanted
    return [*cases, (w, v, x, wide(rng, len(sums)))]


whole(newton, _newton, _nearly_singular_too, ("the new theta",), rtol=1e-7)
whole(saddle_free, _saddle_free, _exactly_flat_too, ("the new theta",), rtol=1e-7)
whole(directions, _directions, _critical_cases, (WHAT,))
whole(difference, _difference, _difference_cases, ("the product",), rtol=1e-7, atol=1e-8)
whole(bfgs, _bfgs, _pair_cases, ("the new matrix",), rtol=1e-6, atol=1e-7)
whole(exact, _exact, _neuron_cases, ("the product",), rtol=1e-11, atol=1e-13)
