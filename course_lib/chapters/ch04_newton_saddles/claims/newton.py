"""Chapter 4, Newton's method: where it ends, what one step does, whether it needs a learning rate, what it costs."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.basins import KINDS, basins
from course_lib.chapters.ch04_newton_saddles.experiments.second_order_race import LIMIT, race
from course_lib.claims.kit import (
    Claim,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    log_slope,
    share_interval,
)
from course_lib.objective import Objective
from course_lib.optimizers import Newton, SaddleFreeNewton
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic

# --- C-04-1 -------------------------------------------------------------------------------------------

STARTS = 4000
DAMPINGS = (0.0, 1.0, 3.0, 10.0, 20.0, 30.0, 45.0, 60.0)


def random_starts(surface, number, seed):
    low, high = np.array(surface.window).T
    return np.random.default_rng(seed).uniform(low, high, (number, 2))


def _ends(surface, method, starts, damping=0.0, learning_rate=0.01):
    return basins(surface, method, starts, damping, learning_rate).kinds


def _attracted():
    surface = SURFACES["himmelblau"]
    starts = random_starts(surface, STARTS, 401)
    pure = _ends(surface, "Newton", starts)
    hills = _ends(SURFACES["hills"], "Newton", random_starts(SURFACES["hills"], STARTS, 402))
    damped = [_ends(surface, "Newton", starts, damping) for damping in DAMPINGS]
    away = [np.mean((kinds == 1) | (kinds == 2)) for kinds in damped]
    numbers = {
        "minimum": share_interval(pure == 0, "Himmelblau: starts from which Newton ends at a minimum", 3),
        "saddle": share_interval(pure == 1, "at a saddle", 3),
        "maximum": share_interval(pure == 2, "at the maximum", 3),
        "hills": share_interval((hills == 1) | (hills == 2), "'Hills': at a saddle or maximum", 2),
        "damped": share_interval(
            (damped[6] == 1) | (damped[6] == 2), f"Himmelblau, damping {DAMPINGS[6]:g}: at a saddle or maximum", 2
        ),
        "saddle_free": share_interval(
            np.isin(_ends(surface, "saddle-free Newton", starts), (1, 2)), "saddle-free Newton: saddle or maximum", 2
        ),
        "descent": share_interval(
            np.isin(_ends(surface, "gradient descent", starts), (1, 2)), "gradient descent: saddle or maximum", 2
        ),
    }
    lines = (Line("Himmelblau", np.array(DAMPINGS), np.array(away)),)
    return Evidence(numbers, Plot("damping", "share of starts that end at a saddle or a maximum", lines))


def _judge_attracted(n):
    if n["saddle"].upper < 0.05:
        return fails("hardly any start ends at a saddle")
    if n["maximum"].lower > 0.01:
        return holds_if("it is read as: to every non-degenerate critical point; it ends at maxima, too")
    return holds("a large share of the starts ends at saddles, and at nothing else but minima")


ATTRACTED = Claim(
    id="C-04-1",
    lecture="L0 l.170, l.216",
    statement="Newton's method unmodified is attracted to saddle points, with a high chance of getting stuck",
    condition=f"Himmelblau's function and 'Hills', {STARTS} random starts each; undamped, damped, saddle-free, descent",
    rule="Fails if fewer than 5 % of the starts on Himmelblau's function end at saddles. 'Holds if' when more than 1 % "
    "end at maxima, which the sentence leaves out.",
    experiment=_attracted,
    judge=_judge_attracted,
)

# --- C-04-2 -------------------------------------------------------------------------------------------

SIZES = np.array([2, 5, 10, 20, 50])


def _one_step():
    rng, errors, at_saddle = np.random.default_rng(403), [], []
    for n in SIZES:
        for kappa in (1e1, 1e3, 1e5):
            q = np.linalg.qr(rng.normal(size=(n, n)))[0]
            matrix = (q * np.geomspace(1, kappa, n)) @ q.T
            matrix, minimum = (matrix + matrix.T) / 2, rng.normal(size=n)
            bowl = quadratic(matrix, matrix @ minimum)
            start = minimum + rng.normal(size=n)
            end = descend(bowl, Newton(), start, 1).thetas[-1]
            errors.append(np.linalg.norm(end - minimum) / np.linalg.norm(start - minimum))
            bent = (q * np.geomspace(1, kappa, n) * np.where(np.arange(n) == 0, -1, 1)) @ q.T
            pass_ = quadratic((bent + bent.T) / 2, (bent + bent.T) / 2 @ minimum)
            end = descend(pass_, Newton(), start, 1).thetas[-1]
            at_saddle.append(np.linalg.norm(end - minimum) < 1e-8 * np.linalg.norm(start - minimum))
    valley = SURFACES["rosenbrock"]
    run = descend(valley, Newton(), valley.start, 12)
    steps = int(np.argmax(run.values < 1e-12))
    numbers = {
        "error": Measured(float(max(errors) < 1e-8), label="15 convex quadratics: arrived after one step (1: yes)"),
        "saddle": Measured(np.mean(at_saddle), label="one curvature turned round: share that ends at the saddle"),
        "steps": Measured(steps, label="Rosenbrock from (-1.2, 1): steps until f < 1e-12", digits=2),
        "height": Measured(run.values.max() / run.values[0], label="the highest f on the way / f at the start"),
    }
    lines = (Line("Rosenbrock", np.arange(8), run.values[:8]),)
    return Evidence(numbers, Plot("step", "f", lines, "y"))


def _judge_one_step(n):
    if n["error"].value < 1:
        return fails("one step does not end at the minimum of a convex quadratic")
    if n["saddle"].value > 0.5:
        return holds_if("the quadratic is convex; if it bends down in one direction, the same step ends at its saddle")
    return holds("one step, and down where the quadratic has no minimum")


ONE_STEP = Claim(
    id="C-04-2",
    lecture="L3, Newton's method; L0 l.158",
    statement="Newton's method picks the optimal step for quadratic problems",
    condition="15 convex quadratics in 2 to 50 dimensions, condition numbers to 100000, and 15 that bend down in one "
    "direction; for comparison Rosenbrock's function from (-1.2, 1)",
    rule="Fails if the error after one step on any convex quadratic exceeds 1e-8 of the first. 'Holds if' when on most "
    "of those that also bend down the step ends at the saddle.",
    experiment=_one_step,
    judge=_judge_one_step,
)

# --- C-04-3 -------------------------------------------------------------------------------------------

LIMIT_START = 1.0886592  # sinh(2 x) = 4 x: from here Newton's step on log cosh only changes the sign


def log_cosh():
    """Convex, smooth, minimum at 0, and Newton diverges from |x| > 1.0887: (n,) -> sum of log cosh x."""
    return Objective(
        value=lambda theta: np.sum(np.logaddexp(theta, -theta) - np.log(2), axis=-1),
        gradient=np.tanh,
        hessian=lambda theta: (1 / np.cosh(theta) ** 2)[..., None] * np.eye(np.shape(theta)[-1]),
    )


def _no_learning_rate():
    convex, starts = log_cosh(), np.linspace(-3, 3, 601)[:, None]
    with np.errstate(all="ignore"):
        end = descend(convex, Newton(), starts, 30).thetas[-1]
        half = descend(convex, Newton(learning_rate=0.3), starts, 60).thetas[-1]
    arrived = np.abs(end[:, 0]) < 1e-6
    reach = np.abs(starts[arrived, 0]).max()
    surface = SURFACES["himmelblau"]
    grid = random_starts(surface, STARTS, 404)
    bend = np.linalg.eigvalsh(surface.hessian(grid))[:, 0]
    uphill = surface.value(descend(surface, Newton(), grid, 1).thetas[-1]) > surface.value(grid)
    numbers = {
        "reach": Measured(reach, label="log cosh, convex: largest |x| from which Newton arrives"),
        "theory": Measured(LIMIT_START, label="theory: sinh 2x = 4x", digits=4),
        "smaller": Measured(np.mean(np.abs(half) < 1e-6), label="learning rate 0.3: share of starts that arrives"),
        "up_positive": share_interval(uphill[bend > 0], "Himmelblau, H positive definite: share of first steps up", 2),
        "up_negative": share_interval(uphill[bend < 0], "elsewhere: share of first steps that lead up", 2),
    }
    x = np.linspace(0, 1.3, 100)
    after = np.abs(x - np.sinh(x) * np.cosh(x))
    lines = (Line("after one step", x, after), Line("no change", x, x, theory=True))
    return Evidence(numbers, Plot("|x| on log cosh", "|x| after one Newton step", lines))


def _judge_no_learning_rate(n):
    if n["reach"].value > 2.99 and n["up_negative"].upper < 0.05:
        return holds("it arrives from everywhere with full steps")
    if n["up_positive"].upper > 0.5:
        return fails("even where the Hessian is positive definite most full steps lead up")
    return holds_if("the start is near, where curvatures are positive; elsewhere it needs a step size or damping")


NO_LEARNING_RATE = Claim(
    id="C-04-3",
    lecture="L0 l.160; L3",
    statement="A great advantage: no extra learning rate or hyperparameters are needed",
    condition="log cosh, convex with bounded curvature, 601 starts in -3 to 3; one step on Himmelblau's function from "
    f"{STARTS} random starts",
    rule="Holds if full steps arrive from all starts on log cosh and fewer than 5 % lead up on Himmelblau's function "
    "where a curvature is negative. Fails if most steps lead up even where the Hessian is positive definite.",
    experiment=_no_learning_rate,
    judge=_judge_no_learning_rate,
)

# --- C-04-4 -------------------------------------------------------------------------------------------

C = 0.15 * np.pi


def x_cos():
    """d2l's example: x cos(c x), c = 0.15 pi."""
    return Objective(
        value=lambda theta: np.sum(theta * np.cos(C * theta), axis=-1),
        gradient=lambda theta: np.cos(C * theta) - C * theta * np.sin(C * theta),
        hessian=lambda theta: (-2 * C * np.sin(C * theta) - C**2 * theta * np.cos(C * theta))[..., None],
    )


def _x_cos():
    objective, starts = x_cos(), np.linspace(-15, 15, 2001)[:, None]
    with np.errstate(all="ignore"):
        newton = descend(objective, Newton(), starts, 100).thetas[-1]
        free = descend(objective, SaddleFreeNewton(learning_rate=0.5), starts, 300).thetas[-1]
    own = descend(objective, Newton(), [10.0], 20).thetas[-1]
    bends = [objective.hessian(end)[:, 0, 0] for end in (newton, free)]
    there = [np.abs(objective.gradient(end)[:, 0]) < 1e-6 for end in (newton, free)]
    numbers = {
        "end": Measured(own[0], label="d2l's start x = 10: Newton ends at x =", digits=5),
        "bend": Measured(objective.hessian(own)[0, 0], label="the curvature there"),
        "maxima": share_interval((bends[0] < 0) & there[0], "2001 starts in -15 to 15: share that ends at a maximum"),
        "size": share_interval((bends[1] < 0) & there[1], "with the size of the curvature, learning rate 0.5"),
    }
    x = np.linspace(0, 30, 200)
    path = descend(objective, Newton(), [10.0], 5)
    curve = Line("x cos cx", x, x * np.cos(C * x), theory=True)
    lines = (Line("Newton from 10", path.thetas[:, 0], path.values), curve)
    return Evidence(numbers, Plot("x", "f", lines))


def _judge_x_cos(n):
    if n["bend"].value > 0:
        return holds("it ends at a minimum")
    if n["maxima"].upper < 0.05:
        return holds_if("the start is not the one of the book")
    return fails("it ends at a maximum, as from half of all starts: Newton ascends where the curvature is negative")


X_COS = Claim(
    id="C-04-4",
    lecture="L0 l.158; d2l section 11.3 (its example)",
    statement="Long steps where the curvature is small, short ones where it is large: this finds the minimum",
    condition="d2l's x cos(c x), c = 0.15 pi, from its start x = 10 and from 2001 starts in -15 to 15",
    rule="Holds if the run from x = 10 ends where the curvature is positive; 'holds if' when fewer than 5 % of "
    "the starts end at maxima; fails otherwise.",
    experiment=_x_cos,
    judge=_judge_x_cos,
)

# --- C-04-5 -------------------------------------------------------------------------------------------

DIMENSIONS = np.array([10, 30, 100])
COMPARED = ("gradient descent", "BFGS", "L-BFGS", "Newton")


def _cost():
    runs = [race(int(n), COMPARED) for n in DIMENSIONS]
    needed = {method: np.array([min(run[method].gradients_needed(), LIMIT) for run in runs]) for method in COMPARED}
    numbers = {
        "newton_30": Measured(needed["Newton"][1], label="30 parameters, gradients until 1e-8: Newton", digits=3),
        "lbfgs_30": Measured(needed["L-BFGS"][1], label="L-BFGS", digits=1),
        "descent_30": Measured(needed["gradient descent"][1], label=f"gradient descent (stopped at {LIMIT})", digits=1),
        "newton_100": Measured(needed["Newton"][2], label="100 parameters: Newton", digits=3),
        "lbfgs_100": Measured(needed["L-BFGS"][2], label="L-BFGS", digits=1),
        "memory": Measured(
            log_slope(DIMENSIONS, np.array([np.zeros((n, n)).nbytes for n in DIMENSIONS])),
            label="memory of the Hessian ~ n^p: p",
        ),
        "price": Measured(log_slope(DIMENSIONS, needed["Newton"]), label="Newton's gradients ~ n^p: p", digits=2),
    }
    lines = tuple(Line(method, DIMENSIONS, cost) for method, cost in needed.items())
    return Evidence(numbers, Plot("parameters", "gradients until 1e-8 above the minimum", lines, "xy"))


def _judge_cost(n):
    if n["newton_30"].value > n["descent_30"].value:
        return holds("even with 30 parameters it costs more than gradient descent")
    if n["newton_100"].value > n["lbfgs_100"].value and n["memory"].value > 1.9:
        return holds_if("there are many parameters; with 30 of them Newton is the cheapest method of all")
    return fails("it stays the cheapest as the number of parameters grows")


COST = Claim(
    id="C-04-5",
    lecture="L0 l.162; L3; L4 l.31",
    statement="Computing and inverting the Hessian is prohibitively expensive",
    condition="Logistic regression, features of sizes 3 to 0.1, 10, 30 and 100 parameters; a value counts as 1/2 "
    "gradient, a Hessian as 2 n",
    rule="Holds if Newton costs more than gradient descent at 30 parameters. 'Holds if' when it is dearer than L-BFGS "
    "at 100 and its memory grows like n^2. Fails otherwise.",
    experiment=_cost,
    judge=_judge_cost,
)

NEWTON_CLAIMS = (ATTRACTED, ONE_STEP, NO_LEARNING_RATE, X_COS, COST)
assert KINDS[:3] == ("minimum", "saddle", "maximum")  # the numbers 0, 1, 2 above
