"""If it works, look, for chapter 4: the student's own function at work on a surface, a Hessian, a neuron."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments import hessian_at
from course_lib.chapters.ch04_newton_saddles.figures.landscape import shares_figure
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.figures.student import lines_figure
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import Newton, SaddleFreeNewton
from course_lib.run import descend
from course_lib.surfaces import SURFACES

CRITICAL = {
    "bowl": ("global_minimum", (0.0, 0.0)),
    "Himmelblau, top": ("himmelblau", (-0.270844590613, -0.923038522104)),
    "saddle": ("classical_saddle", (0.0, 0.0)),
    "Himmelblau, pass": ("himmelblau", (0.086677504555, 2.884254701175)),
    "monkey saddle": ("monkey_saddle", (0.0, 0.0)),
}


@dataclass(frozen=True)
class OwnNewtonStep:
    """A student's step ``(theta, gradient, hessian, damping)`` as an optimizer."""

    function: Callable
    damping: float = 0.0

    def init(self, theta):
        return None

    def step(self, objective, theta, state):
        return np.asarray(self.function(theta, objective.gradient, objective.hessian, self.damping)), state


def _paths(function, reference, start):
    surface = SURFACES["himmelblau"]
    runs = {
        "the library's": descend(surface, reference, start, 20),
        "yours": descend(surface, OwnNewtonStep(function, reference.damping), start, 20),
    }
    show(race_figure(surface, runs))
    apart = np.max(np.abs(runs["yours"].thetas - runs["the library's"].thetas))
    x, y = runs["yours"].thetas[-1]
    same = "to rounding" if apart < 1e-9 else f"but for {apart:.2g}"
    print(f"20 steps: the two paths are the same {same}. Yours ends at ({x:.3f}, {y:.3f}).")


def _newton(function):
    _paths(function, Newton(), (-1.0, 3.6))


def _saddle_free(function):
    _paths(function, SaddleFreeNewton(), (0.2, 2.9))


def _directions(function):
    shares = {name: function(hessian_at(SURFACES[key], point), 1e-8) for name, (key, point) in CRITICAL.items()}
    show(shares_figure({name: tuple(map(float, share)) for name, share in shares.items()}))


def _difference(function):
    """Error against h on Rosenbrock's function: too large a step bends, too small a one drowns in rounding."""
    surface, theta, v = SURFACES["rosenbrock"], np.array([-1.2, 1.0]), np.array([0.6, -0.8])
    exact, h = surface.hessian(theta) @ v, np.logspace(-10, 0, 41)
    size = np.linalg.norm(exact)
    error = [np.linalg.norm(np.asarray(function(theta, v, surface.gradient, step)) - exact) / size for step in h]
    show(
        curves_figure(
            {"yours": (h, np.maximum(error, 1e-17)), "h squared": (h, h**2)},
            "Error of the product on Rosenbrock",
            "h",
            "relative error",
            log="xy",
            finding="it falls like h squared, and rises again where the rounding is divided by a tiny h",
        )
    )
    print(f"smallest error: {'under 1e-8' if min(error) < 1e-8 else f'{min(error):.1e}'}")


def _bfgs(function):
    """On a quadratic with exact line searches: after n steps the matrix is the inverse Hessian."""
    rng = np.random.default_rng(4)
    root = rng.normal(size=(5, 5))
    hessian, theta, b = root @ root.T + np.eye(5), rng.normal(size=5), np.eye(5)
    inverse, apart = np.linalg.inv(hessian), []
    for _ in range(6):
        apart.append(np.linalg.norm(b - inverse) / np.linalg.norm(inverse))
        g = hessian @ theta
        d = -b @ g
        bend = d @ hessian @ d
        s = d * (-(g @ d) / bend if bend > 1e-20 else 0.0)
        b, theta = np.asarray(function(b, s, hessian @ s)), theta + s
    show(lines_figure({"yours": np.maximum(apart, 1e-12)}, "steps", "distance to the inverse Hessian", log=True))
    print(f"after 5 steps in 5 dimensions: {'the inverse Hessian, to rounding' if apart[5] < 1e-6 else apart[5]}")


def _exact(function):
    """The student's exact product against central differences of every length."""
    rng = np.random.default_rng(6)
    x, w, v, y = rng.normal(size=(20, 3)), rng.normal(size=3), rng.normal(size=3), rng.uniform(-1, 1, 20)

    def gradient(weights):
        a = np.tanh(x @ weights)
        return x.T @ ((a - y) * (1 - a**2)) / len(x)

    own, h = np.asarray(function(w, v, x, y)), np.logspace(-10, 0, 41)
    error = [np.linalg.norm((gradient(w + s * v) - gradient(w - s * v)) / (2 * s) - own) for s in h]
    curves = {"differences minus yours": (h, np.maximum(error, 1e-17))}
    finding = "the differences come closer as h falls, until rounding drives them away"
    show(curves_figure(curves, "Your product and differences of gradients", "h", "difference", "xy", finding))
    print(f"closest: {'under 1e-8' if min(error) < 1e-8 else f'{min(error):.1e}'}")


def _flat(function):
    """The factors of full steps against the power, and how close twenty steps come on the way to x^4's minimum."""
    powers = np.linspace(1.2, 10, 89)
    factors = np.array([float(function(float(p), 1.0)[0]) for p in powers])
    curves = {"full steps": (powers, factors)}
    show(curves_figure(curves, "Newton on |x| to the power p", "p", "factor of the distance in one step"))
    x, best = 1.0, float(function(4.0, 1.0)[1])
    for _ in range(20):
        x -= x / 3  # the slope 4 x^3 over the curvature 12 x^2
    print(f"x^4, from 1: 20 full steps end at {x:.2g}; your factor says {float(function(4.0, 1.0)[0]) ** 20:.2g}")
    print(f"one step with your best rate ends at {1 - best / 3:.2g}")


def _distances(function):
    """How far the student's run is from where it ends, step by step, on Himmelblau's function."""
    surface, start = SURFACES["himmelblau"], np.array([0.2, 2.9])
    points = np.array([function(start, surface.gradient, surface.hessian, 0.1, k) for k in range(16)])
    away = np.linalg.norm(points - points[-1], axis=1)
    show(lines_figure({"yours": np.maximum(away, 1e-16)}, "steps", "distance from where it ends", log=True))
    print(f"from (0.2, 2.9), close to a saddle, it ends at ({points[-1][0]:.3f}, {points[-1][1]:.3f})")


def _escape(function):
    """Steps against the start, without momentum and with it; learning rate 0.1, curvature -1, until it is 1 away."""
    starts = np.logspace(-12, -1, 45)
    curves = {
        f"momentum {mu:g}": (starts, np.array([float(function(float(y), 0.1, 1.0, mu, 1.0)) for y in starts]))
        for mu in (0.0, 0.5, 0.9)
    }
    show(curves_figure(curves, "The way out of a saddle", "distance from the ridge at the start", "steps", log="x"))
    said = ", ".join(f"{values[0]:.0f} with {name}" for name, (_, values) in curves.items())
    print(f"from 1e-12 beside the ridge: {said}")


LOOKS = {
    "04-1": _newton,
    "04-2": _directions,
    "04-3": _difference,
    "04-4": _saddle_free,
    "04-5": _bfgs,
    "04-6": _exact,
    "04-7": _flat,
    "04-8": _distances,
    "04-9": _escape,
}
