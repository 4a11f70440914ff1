"""Chapter 3, where it goes: direction, saddles and local minima, overshooting."""

import numpy as np

from course_lib.chapters.ch03_momentum.claims.forms import velocities
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
    positive_interval,
    share_interval,
)
from course_lib.claims.runs import endpoint, grid_of_starts
from course_lib.optimizers import SGD, Momentum
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic, ravine

# --- C-03-6 -------------------------------------------------------------------------------------------


def _angles(path):
    """Angle in degrees between each step and the way to the minimum at 0."""
    steps, way = np.diff(path, axis=0), -path[:-1]
    cosine = np.sum(steps * way, axis=-1) / (np.linalg.norm(steps, axis=-1) * np.linalg.norm(way, axis=-1))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def _direction():
    rng = np.random.default_rng(36)
    kappa, num_steps, n = 100.0, 100, 12
    hessian = np.geomspace(1, kappa, n)
    rotation, _ = np.linalg.qr(rng.normal(size=(n, n)))
    start = rng.normal(size=(20, n))
    method = Momentum(0.01, 0.9)
    straight = descend(quadratic(hessian), method, start, num_steps).thetas
    turned = descend(quadratic(rotation.T @ np.diag(hessian) @ rotation), method, start @ rotation, num_steps).thetas
    cases = [(k, part / k) for k in (10.0, 30.0, 100.0, 300.0) for part in (0.5, 1.0, 1.5, 1.9)]
    angles = {
        name: np.array([_angles(descend(ravine(k), make(rate), np.ones(2), num_steps).thetas) for k, rate in cases])
        for name, make in (("gradient descent", SGD), ("momentum 0.9", lambda rate: Momentum(rate, 0.9)))
    }
    descent, momentum = angles["gradient descent"], angles["momentum 0.9"]
    numbers = {
        "rotation": Measured(
            np.max(np.abs(turned @ rotation.T - straight)), label="turned problem, turned path: largest difference"
        ),
        "first": Measured(
            np.max(np.abs(momentum[:, 0] - descent[:, 0])), label="first step: differs from descent's by (degrees)"
        ),
        "descent": positive_interval(np.median(descent, axis=1), "angle to the minimum in degrees, descent", 2),
        "momentum": positive_interval(np.median(momentum, axis=1), "angle to the minimum in degrees, momentum", 2),
        "gain": mean_interval(
            np.median(descent, axis=1) - np.median(momentum, axis=1), "degrees gained by momentum", 2
        ),
    }
    steps = np.arange(1, num_steps + 1)
    plot = Plot(
        "step",
        "angle to the minimum, degrees (median)",
        tuple(Line(name, steps, np.median(a, axis=0)) for name, a in angles.items()),
    )
    return Evidence(numbers, plot)


def _judge_direction(n):
    if n["rotation"].value > 1e-9 or abs(n["first"].value) > 1e-9:
        return fails("the method treats coordinates differently")
    if n["gain"].lower > 10:
        return holds_if(
            "it means one learning rate for all coordinates: to the choice of axes it is blind; but summing the "
            "gradients cancels part of the zigzag, and its steps do point better than descent's"
        )
    if n["gain"].upper > 10:
        return not_shown("it is blind to the choice of axes; whether its steps point better the interval leaves open")
    return holds("it is blind to the choice of axes and its steps point no better than descent's")


DIRECTION = Claim(
    id="C-03-6",
    lecture="L4 l.77",
    statement="Momentum does not correct the direction, as the same learning rate applies to every parameter",
    condition="A quadratic in 12 dimensions and its random rotation, kappa = 100, 20 starts; 16 ravines: "
    "kappa 10 to 300, learning rate 0.5 to 1.9 / kappa, the same for both methods, median over 100 steps",
    rule="Fails if a rotated problem does not give the rotated path (1e-9) or the first step is not the gradient's. "
    "Holds if its steps do not point more than 10 degrees better than descent's (upper end over the ravines), "
    "'holds if' when they do (lower end), else not shown.",
    revised="A first version looked at one ravine and one learning rate.",
    experiment=_direction,
    judge=_judge_direction,
    effects=(Effect("gain", none=20.0),),
)


# --- C-03-7 -------------------------------------------------------------------------------------------


def _steps_to_leave(method, offsets):
    """Steps until |y| > 1 on x^2 - y^2 from (1, offset)."""
    start = np.stack([np.ones_like(offsets), offsets], axis=-1)
    thetas = descend(SURFACES["classical_saddle"], method, start, 3000).thetas
    gone = ~(np.abs(thetas[..., 1]) <= 1)  # a run that left long ago is inf or nan by now
    return np.where(gone.any(axis=0), gone.argmax(axis=0), 3001)


def _escapes():
    offsets = np.geomspace(1e-12, 1e-1, 12)
    descent, momentum = _steps_to_leave(SGD(0.01), offsets), _steps_to_leave(Momentum(0.01, 0.9), offsets)
    on_ridge = _steps_to_leave(Momentum(0.01, 0.9), np.zeros(1))
    surface = SURFACES["local_minimum"]
    starts = grid_of_starts(surface, 31)
    deep, shallow = np.array(surface.minima)
    ends = {}
    for name, method in (("descent", SGD(0.01)), ("momentum", Momentum(0.01, 0.9))):
        theta = endpoint(surface, method, starts, 1500)
        ends[name] = np.linalg.norm(theta - deep, axis=-1) < np.linalg.norm(theta - shallow, axis=-1)
    escaped, lost = ends["momentum"][~ends["descent"]], ~ends["momentum"][ends["descent"]]
    lines = (
        Line("gradient descent", offsets, descent),
        Line("momentum 0.9", offsets, momentum),
    )
    numbers = {
        "ratio": Measured(
            np.mean(descent / momentum),
            np.min(descent / momentum),
            np.max(descent / momentum),
            "saddle: steps of descent / steps of momentum to leave",
        ),
        "descent_leaves": share_interval(descent <= 3000, "saddle: starts from which descent leaves too"),
        "on_ridge": Measured(
            float(on_ridge[0] <= 3000), label="saddle, start exactly on the ridge: leaves (1) or not (0)"
        ),
        "escaped": share_interval(escaped, "local minimum: momentum 0.9 escapes where descent is caught"),
        "lost": share_interval(lost, "local minimum: momentum 0.9 misses where descent finds the deep one"),
    }
    return Evidence(numbers, Plot("distance from the ridge at the start", "steps to leave the saddle", lines, "xy"))


def _judge_escapes(n):
    if n["ratio"].upper <= 1 or n["escaped"].upper <= 0:
        return fails("it leaves saddles no sooner than descent, or never escapes a local minimum")
    if n["ratio"].lower <= 1 or n["escaped"].lower <= 0:
        return not_shown("the intervals hold both answers")
    if n["on_ridge"].value == 0 or n["lost"].lower > 0:
        return holds_if(
            "something pushes it off the ridge (an exact start never leaves, and descent leaves too, later), and for "
            "minima if it arrives fast enough: the same speed carries other runs past the deep minimum"
        )
    return holds("it leaves every saddle and only gains among minima")


ESCAPES = Claim(
    id="C-03-7",
    lecture="L4 l.75",
    statement="Momentum can escape saddle points and some local minima",
    condition="x^2 - y^2 from (1, 1e-12 ... 0.1); the surface 'local minimum' from a grid of 31 x 31; learning rate "
    "0.01, momentum 0.9 against gradient descent",
    rule="Fails unless it leaves the saddle in fewer steps than descent from every start and escapes the shallow "
    "minimum from some (interval above 0). 'Holds if' when a start exactly on the ridge stays, or other starts lose "
    "the deep minimum; else holds.",
    experiment=_escapes,
    judge=_judge_escapes,
    effects=(Effect("ratio", none=1.0, ratio=True), Effect("escaped")),
)


# --- C-03-8 -------------------------------------------------------------------------------------------


def _switch(grid, on, label):
    """Where ``on`` becomes True along ``grid``: between the last point before and the first point after."""
    first = int(np.argmax(on))
    return Measured(np.sqrt(grid[first - 1] * grid[first]), grid[first - 1], grid[first], label, 2)


def _faster_but_overshoots():
    momentum, num_steps = 0.9, 3000
    products = np.geomspace(1e-3, 1.9, 60)
    bowl = quadratic(np.ones(1))
    runs = {
        "descent": descend(bowl, SGD(products[:, None]), np.ones(1), 20000).thetas[..., 0],
        "momentum": descend(bowl, Momentum(products[:, None], momentum), np.ones(1), num_steps).thetas[..., 0],
    }
    needed = {
        name: np.array([np.flatnonzero(np.abs(path) > 1e-6)[-1] + 1 for path in run.T]) for name, run in runs.items()
    }
    faster = needed["momentum"] < needed["descent"]
    crosses = np.array([np.any(path[np.abs(path) > 1e-9] < 0) for path in runs["momentum"].T])
    agree = np.abs(velocities(np.ones((200, 1)), momentum)[-1, 0])
    disagree = np.abs(velocities((-1.0) ** np.arange(200)[:, None], momentum)[-1, 0])
    limit = 1 - np.sqrt(momentum)  # sqrt(momentum) = 1 - learning_rate * curvature
    numbers = {
        "agree": Measured(agree, label="step / lr when all gradients agree: 1/(1 - mu)", digits=4),
        "disagree": Measured(disagree, label="step / lr when they alternate: 1/(1 + mu)", digits=4),
        "faster_below": _switch(products, ~faster, "stops being faster at lr * curvature"),
        "limit": Measured(limit, label="theory: 1 - sqrt(mu)"),
        "overshoots_from": _switch(products, crosses, "starts to overshoot at lr * curvature"),
        "critical": Measured((1 - np.sqrt(momentum)) ** 2, label="theory: (1 - sqrt(mu))^2"),
        "slower": Measured(np.mean(~faster), label="share of the learning rates at which it is slower", digits=2),
    }
    plot = Plot(
        "learning rate * curvature",
        "steps to 1e-6",
        (
            Line("gradient descent", products, needed["descent"]),
            Line("momentum 0.9", products, needed["momentum"]),
        ),
        "xy",
    )
    return Evidence(numbers, plot)


def _judge_faster_but_overshoots(n):
    if n["agree"].value < 2 or n["disagree"].value > 1 or n["overshoots_from"].value > 1:
        return fails("it does not accelerate where gradients agree, or never overshoots")
    if n["slower"].value > 0:
        return holds_if(
            "learning rate * smallest curvature is below 1 - sqrt(momentum); it overshoots from "
            "(1 - sqrt(momentum))^2 on, and where descent already takes bold steps it is slower"
        )
    return holds("it is faster at every learning rate, and overshoots")


FASTER_BUT_OVERSHOOTS = Claim(
    id="C-03-8",
    lecture="L0 l.96-104; L2 l.74; L4 l.73-76",
    statement="Momentum is faster than plain descent, speeds up when gradients agree, and overshoots",
    condition="One coordinate, momentum 0.9, the same learning rate for both methods, 60 values of learning rate * "
    "curvature from 0.001 to 1.9, steps until |theta| stays below 1e-6 of its start; prescribed gradients for the step "
    "length",
    rule="Fails unless agreeing gradients at least double the step, alternating ones shrink it, and some run "
    "overshoots. 'Holds if' when at some learning rate it is slower than descent; else holds.",
    experiment=_faster_but_overshoots,
    judge=_judge_faster_but_overshoots,
    effects=(Effect("agree", none=1.0),),
)


PATH_CLAIMS = (DIRECTION, ESCAPES, FASTER_BUT_OVERSHOOTS)
