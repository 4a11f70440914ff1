r"""One convex problem, all methods that use curvature: how many gradients does each need, and how much time?

Logistic regression with correlated features and a small l2 penalty. Its Fisher information is its Hessian (but for
the penalty), so here the natural gradient with learning rate 1 is Newton's method.

What is counted: a gradient is 1, a value 1/2, a Hessian-vector product 2 (by differences it is two gradients). A
Hessian or Fisher matrix, X^T D X, is n/2 gradients: N n^2 multiplications, where a gradient has 2 N n. A function that
gives nothing but gradients, a network, would have to pay 2n: ``Race.without_structure`` says what the run costs then.
Coordinate descent is charged 1/n of a gradient: it needs one partial derivative.
"""

import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.optimizers import (
    BFGS,
    LBFGS,
    SGD,
    ConjugateGradient,
    CoordinateDescent,
    KrylovSubspaceDescent,
    NaturalGradient,
    Newton,
    exact_on_quadratic,
)

GOAL = 1e-8
LIMIT = 6000
METHODS = (
    "gradient descent",
    "coordinate descent",
    "conjugate gradient",
    "BFGS",
    "L-BFGS",
    "Krylov subspace",
    "natural gradient",
    "Newton",
)


@dataclass
class Logistic:
    """Mean logistic loss of labels -1 and 1 plus l2 / 2 |theta|^2; ``cost`` counts what it was asked for."""

    x: np.ndarray
    y: np.ndarray
    l2_penalty: float = 1e-4
    share: float = 1.0
    cost: float = field(default=0.0, compare=False)
    has_hessian = True

    def _margins(self, theta):
        return self.y * (self.x @ theta)

    def value(self, theta):
        self.cost += self.share / 2
        return np.mean(np.logaddexp(0, -self._margins(theta))) + self.l2_penalty / 2 * theta @ theta

    def gradient(self, theta):
        self.cost += self.share
        return -self.x.T @ (self.y / (1 + np.exp(self._margins(theta)))) / len(self.x) + self.l2_penalty * theta

    def _weights(self, theta):
        p = 1 / (1 + np.exp(-self._margins(theta)))
        return p * (1 - p) / len(self.x)

    def hvp(self, theta, v):
        self.cost += 2 * self.share
        return self.x.T @ (self._weights(theta) * (self.x @ v)) + self.l2_penalty * v

    def hessian(self, theta):
        self.cost += len(theta) / 2 * self.share
        return (self.x.T * self._weights(theta)) @ self.x + self.l2_penalty * np.eye(len(theta))

    def fisher(self, theta):
        """The Fisher information, with the penalty as that of a normal prior."""
        return self.hessian(theta)


@lru_cache(maxsize=4)
def problem(n=30, num_samples=400, seed=7):
    """``(x, y)``: features of very different sizes in a rotated basis, labels with noise."""
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    x = rng.normal(size=(num_samples, n)) * np.geomspace(3, 0.1, n) @ q
    y = np.where(rng.uniform(size=num_samples) < 1 / (1 + np.exp(-x @ q.T @ rng.normal(size=n) * 0.7)), 1.0, -1.0)
    return x, y


def optimizer_of(method, largest):
    """The optimizer, tuned where it has a learning rate: 1.8 / largest curvature for gradient descent."""
    return {
        "gradient descent": SGD(1.8 / largest),
        "coordinate descent": CoordinateDescent(line_search=exact_on_quadratic),
        "conjugate gradient": ConjugateGradient(),
        "BFGS": BFGS(),
        "L-BFGS": LBFGS(),
        "Krylov subspace": KrylovSubspaceDescent(),
        "natural gradient": NaturalGradient(learning_rate=1.0),
        "Newton": Newton(),
    }[method]


class Race(NamedTuple):
    """One method's run: what it had cost, in gradients and in seconds, and the gap to the minimum, after each step."""

    gradients: np.ndarray
    seconds: np.ndarray
    gaps: np.ndarray

    def gradients_needed(self, goal=GOAL):
        """Cost until the gap is below ``goal``; or inf."""
        below = self.gaps < goal
        return float(self.gradients[np.argmax(below)]) if below.any() else np.inf

    def without_structure(self, n, goal=GOAL):
        """Cost of Newton's run where a Hessian of ``n`` parameters is 2n gradients and not n/2."""
        return self.gradients_needed(goal) + 1.5 * n * self.steps_needed(goal)

    def steps_needed(self, goal=GOAL):
        """Updates until then, or -1."""
        below = self.gaps < goal
        return int(np.argmax(below)) if below.any() else -1


@lru_cache(maxsize=64)
def race(n=30, methods=METHODS, limit=LIMIT, seed=7):
    """``{method: Race}``: each of ``methods`` from 0 until the gap is below 1e-10, or ``limit`` gradients are spent."""
    x, y = problem(n, max(400, 4 * n), seed)
    judge = Logistic(x, y)
    best = np.zeros(n)
    for _ in range(15):
        best = best - np.linalg.solve(judge.hessian(best), judge.gradient(best))
    lowest = judge.value(best)
    largest = np.linalg.eigvalsh(judge.hessian(np.zeros(n)))[-1]
    return {method: _gaps(method, n, x, y, judge, lowest, largest, limit) for method in methods}


def _gaps(method, n, x, y, judge, lowest, largest, limit):
    seen = Logistic(x, y, share=1 / n if method == "coordinate descent" else 1.0)
    optimizer, theta = optimizer_of(method, largest), np.zeros(n)
    state = optimizer.init(theta)
    spent, seconds, gaps = [0.0], [0.0], [judge.value(theta) - lowest]
    while gaps[-1] > 1e-10 and spent[-1] < limit:
        begin = time.perf_counter()
        theta, state = optimizer.step(seen, theta, state)
        seconds.append(seconds[-1] + time.perf_counter() - begin)
        spent.append(seen.cost)
        gaps.append(judge.value(theta) - lowest)
    return Race(np.array(spent), np.array(seconds), np.array(gaps))


def solve_seconds(sizes, repeats=3):
    """Best time of solving H p = g for each n, ``(len(sizes),)``: grows like n^3 once n is large."""
    rng, found = np.random.default_rng(0), []
    for n in sizes:
        h, g = rng.normal(size=(n, n)) + n * np.eye(n), rng.normal(size=n)
        times = []
        for _ in range(repeats):
            begin = time.perf_counter()
            np.linalg.solve(h, g)
            times.append(time.perf_counter() - begin)
        found.append(min(times))
    return np.array(found)
