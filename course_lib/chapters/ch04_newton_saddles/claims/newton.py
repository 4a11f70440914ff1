"""Chapter 4, Newton's method: where it ends, what one step does, whether it needs a learning rate, what it costs."""

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.basins import KINDS, basins
from course_lib.chapters.ch04_newton_saddles.experiments.second_order_race import race
from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    mean_interval,
    not_shown,
    partly,
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
    if n["saddle"].upper < 0.05 or n["saddle"].upper < n["descent"].lower:
        return fails("hardly any start ends at a saddle, or gradient descent ends there just as often")
    if n["saddle"].lower < 0.05 or n["saddle"].lower < n["descent"].upper:
        return not_shown("the interval holds both answers")
    also = ", and some at maxima, which attract it too" if n["maximum"].lower > 0.01 else ""
    return holds(f"a large share of the starts ends at saddles, none of gradient descent's{also}")


ATTRACTED = Claim(
    id="C-04-1",
    lecture="L0 l.170, l.216",
    statement="Newton's method unmodified is attracted to saddle points, with a high chance of getting stuck",
    condition=f"Himmelblau's function and 'Hills', {STARTS} random starts each; undamped, damped, saddle-free, descent",
    rule="Holds if more than 5 % of the starts on Himmelblau's function end at saddles (lower end), and more than of "
    "gradient descent's; fails if fewer than 5 % do (upper end), or fewer than of descent's.",
    revised="The first rule called it a condition that Newton ends at maxima, too; the sentence does not deny that.",
    experiment=_attracted,
    judge=_judge_attracted,
    effects=(Effect("saddle"),),
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
        "error": Measured(
            float(max(errors) < 1e-8), label="15 convex quadratics: arrived after one step", yes_or_no=True
        ),
        "saddle": Measured(np.mean(at_saddle), label="one curvature turned round: share that ends at the saddle"),
        "steps": Measured(steps, label="Rosenbrock from (-1.2, 1): steps until f < 1e-12", digits=2),
        "height": Measured(run.values.max() / run.values[0], label="the highest f on the way / f at the start"),
    }
    lines = (Line("Rosenbrock", np.arange(8), run.values[:8]),)
    return Evidence(numbers, Plot("step", "value of the objective", lines, "y"))


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
    effects=(Effect("saddle"),),
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
    if n["up_positive"].lower > 0.5:
        return fails("even where the Hessian is positive definite most full steps lead up")
    if n["reach"].value > 2.99 and n["up_negative"].upper < 0.05:
        return holds("it arrives from everywhere with full steps")
    if n["up_negative"].lower > 0.05 and n["reach"].value < 2.99:
        return holds_if("the start is near, where curvatures are positive; elsewhere it needs a step size or damping")
    return not_shown("of the two tests one is passed, or the interval holds both answers")


NO_LEARNING_RATE = Claim(
    id="C-04-3",
    lecture="L0 l.160; L3",
    statement="A great advantage: no extra learning rate or hyperparameters are needed",
    condition="log cosh, convex with bounded curvature, 601 starts in -3 to 3; one step on Himmelblau's function from "
    f"{STARTS} random starts",
    rule="Holds if full steps arrive from all starts on log cosh and fewer than 5 % lead up on Himmelblau's "
    "function where a curvature is negative; 'holds if' when neither is so. Fails if most steps lead up even where "
    "the Hessian is positive definite.",
    experiment=_no_learning_rate,
    judge=_judge_no_learning_rate,
    effects=(Effect("up_negative"),),
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


def _ends_at_maximum(objective, optimizer, starts):
    with np.errstate(all="ignore"):
        end = descend(objective, optimizer, starts, 300).thetas[-1]
        return (objective.hessian(end)[:, 0, 0] < 0) & (np.abs(objective.gradient(end)[:, 0]) < 1e-6)


def _x_cos():
    objective, starts = x_cos(), np.linspace(-15, 15, 2001)[:, None]
    numbers = {}
    for name, rate in (("full", 1.0), ("half", 0.5)):
        own = descend(objective, Newton(learning_rate=rate), [10.0], 300).thetas[-1]
        hits = _ends_at_maximum(objective, Newton(learning_rate=rate), starts)
        free = _ends_at_maximum(objective, SaddleFreeNewton(learning_rate=rate), starts)
        numbers |= {
            f"bend_{name}": Measured(
                objective.hessian(own)[0, 0], label=f"learning rate {rate:g}: curvature where the run from 10 ends"
            ),
            f"maxima_{name}": share_interval(hits, "2001 starts in -15 to 15: share that ends at a maximum"),
            f"free_{name}": share_interval(free, "the same with the size of the curvature (4.2)"),
        }
    x = np.linspace(0, 30, 200)
    paths = [descend(objective, Newton(learning_rate=rate), [10.0], 12) for rate in (1.0, 0.5)]
    lines = (
        Line("Newton from 10, rate 1", paths[0].thetas[:, 0], paths[0].values),
        Line("Newton from 10, rate 0.5", paths[1].thetas[:, 0], paths[1].values),
        Line("x cos cx", x, x * np.cos(C * x), theory=True),
    )
    return Evidence(numbers, Plot("x", "value of the objective", lines))


def _judge_x_cos(n):
    if n["bend_full"].value > 0:
        return not_shown("the full step does not go wrong here, so nothing needs to be repaired")
    if n["bend_half"].value < 0 or n["maxima_half"].lower > 0.9 * n["maxima_full"].upper > n["free_half"].upper:
        own = "from 10 it ends at a minimum" if n["bend_half"].value > 0 else "not even from 10"
        if n["bend_half"].value < 0:
            return fails(own)
        return partly(
            own,
            "that it cures the method: of all starts as many end at a maximum as with full steps, and none with the "
            "size of the curvature: it is the sign that is wrong, not the length",
        )
    if n["maxima_half"].upper < 0.05:
        return holds("with half steps hardly any start ends at a maximum")
    return not_shown("fewer starts end at maxima, but not few")


X_COS = Claim(
    id="C-04-4",
    lecture="d2l section 11.3 (Dive into Deep Learning)",
    statement="Where Newton's method goes wrong on x cos(cx), a learning rate of 0.5 makes it quite an efficient "
    "algorithm",
    condition="d2l's x cos(c x), c = 0.15 pi, from its start x = 10 and from 2001 starts in -15 to 15; learning "
    "rates 1 and 0.5, Newton and saddle-free Newton",
    rule="Fails if with 0.5 the run from 10 ends where the curvature is negative. Holds if with 0.5 fewer than 5 % "
    "of the starts end at maxima (upper end). Partly when the run from 10 is repaired, but at least 0.9 of the "
    "share that full steps lead to maxima still ends there, and with the size of the curvature fewer. Else not "
    "shown.",
    revised="The first version compared Newton at learning rate 1 with saddle-free Newton at 0.5, and charged the "
    "sources with a sentence that none of them says.",
    experiment=_x_cos,
    judge=_judge_x_cos,
    effects=(Effect("maxima_half"),),
)

# --- C-04-5 -------------------------------------------------------------------------------------------

DIMENSIONS = np.array([10, 30, 200])
COMPARED = ("L-BFGS", "Newton")
DATA_SETS = 10


def _cost():
    own, general = {}, {}
    for n in map(int, DIMENSIONS):
        runs = [race(n, COMPARED, seed=seed) for seed in range(DATA_SETS)]
        quasi = np.array([run["L-BFGS"].gradients_needed() for run in runs])
        own[n] = np.array([run["Newton"].gradients_needed() for run in runs]) / quasi
        general[n] = np.array([run["Newton"].without_structure(n) for run in runs]) / quasi
    numbers = {}
    for n in map(int, DIMENSIONS):
        numbers[f"own{n}"] = mean_interval(
            own[n], f"{n} parameters: cost of Newton / L-BFGS, a Hessian is n/2 gradients", 2
        )
        numbers[f"general{n}"] = mean_interval(general[n], "a Hessian is 2n gradients", 2)
    lines = (
        Line("a Hessian is n/2 gradients", DIMENSIONS, np.array([own[int(n)].mean() for n in DIMENSIONS])),
        Line("a Hessian is 2n gradients", DIMENSIONS, np.array([general[int(n)].mean() for n in DIMENSIONS])),
        Line("equal cost", DIMENSIONS, np.ones(len(DIMENSIONS)), theory=True),
    )
    return Evidence(numbers, Plot("parameters", "cost of Newton / cost of L-BFGS", lines, "xy"))


def _judge_cost(n):
    few, many = DIMENSIONS[0], DIMENSIONS[-1]
    if n[f"own{few}"].lower > 1:
        return holds(f"even with {few} parameters it costs more than L-BFGS")
    if n[f"general{many}"].upper < 1:
        return fails(f"with {many} parameters it is still the cheaper one")
    if n[f"general{few}"].upper < 1 and n[f"own{many}"].lower > 1:
        return holds_if(
            f"there are many parameters: with {few} Newton is cheaper than L-BFGS whatever a Hessian costs, with "
            f"{many} dearer, and its memory grows like n^2"
        )
    return not_shown("which one is cheaper depends on what a Hessian is charged")


COST = Claim(
    id="C-04-5",
    lecture="L0 l.162; L3; L4 l.31",
    statement="Computing and inverting the Hessian is prohibitively expensive",
    condition=f"Logistic regression, features of sizes 3 to 0.1, 10 to 200 parameters, {DATA_SETS} data sets each, "
    "until 1e-8 above the minimum; a value counts as 1/2 gradient, a Hessian as n/2 (its multiplications) and as 2n "
    "(where only gradients can be had, as in a network)",
    rule="Holds if at 10 parameters Newton costs more than L-BFGS at the lower price of a Hessian (lower end). "
    "Fails if at 200 it costs less at the higher price (upper end). 'Holds if' when it costs less at 10 and more at "
    "200, each with both prices. Else not shown.",
    revised="The first version ran one data set, charged a Hessian of logistic regression with 2n gradients, and "
    "counted the bytes of an empty matrix as a measurement.",
    experiment=_cost,
    judge=_judge_cost,
    effects=(Effect("general10", none=1.0, ratio=True), Effect("own200", none=1.0, ratio=True)),
)

NEWTON_CLAIMS = (ATTRACTED, ONE_STEP, NO_LEARNING_RATE, X_COS, COST)
assert KINDS[:3] == ("minimum", "saddle", "maximum")  # the numbers 0, 1, 2 above
