"""Chapter 3, L4's two questions to the Gradient Descent Visualiser, answered without its false stop."""

import numpy as np

from course_lib.chapters.ch03_momentum.experiments import momentum_rate
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
    not_shown,
    share_interval,
)
from course_lib.claims.runs import distance_to_minima, grid_of_starts, visualiser_stops
from course_lib.optimizers import Momentum
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES

# --- C-03-4 -------------------------------------------------------------------------------------------


def _decay_098():
    surface = SURFACES["local_minimum"]
    starts = grid_of_starts(surface, 21)
    deep, shallow = np.array(surface.minima)
    paths = {
        decay: descend(surface, Momentum(0.001, decay), starts, steps).thetas
        for decay, steps in ((0.0, 8000), (0.9, 3000), (0.98, 3000))
    }

    def ends_at(point, decay):
        return np.linalg.norm(paths[decay][-1] - point, axis=-1) < 0.05

    caught = ends_at(shallow, 0.0)  # plain descent ends in the shallow minimum from here
    stops = visualiser_stops(surface, paths[0.98])
    halted = paths[0.98][stops, np.arange(len(starts))]
    numbers = {
        "caught": share_interval(caught, "starts from which plain descent ends in the shallow minimum"),
        "escaped_09": share_interval(ends_at(deep, 0.9)[caught], "of these, decay 0.9 reaches the deep minimum"),
        "escaped_098": share_interval(ends_at(deep, 0.98)[caught], "of these, decay 0.98 reaches the deep minimum"),
        "lost": share_interval(ends_at(shallow, 0.98)[ends_at(deep, 0.0)], "of the others, decay 0.98 loses it"),
        "settled": share_interval(ends_at(deep, 0.98) | ends_at(shallow, 0.98), "decay 0.98: at rest after 3000 steps"),
        "false_stop": share_interval(
            (stops >= 0) & (distance_to_minima(surface, halted) > 0.05), "halted by the Visualiser off any minimum"
        ),
    }
    example = int(np.flatnonzero(caught & ends_at(deep, 0.98))[0]) if np.any(caught & ends_at(deep, 0.98)) else 0
    plot = Plot(
        "step",
        f"x on the way from ({starts[example][0]:.1f}, {starts[example][1]:.1f})",
        tuple(Line(f"decay {decay:g}", np.arange(1001), path[:1001, example, 0]) for decay, path in paths.items()),
    )
    return Evidence(numbers, plot)


def _judge_decay_098(n):
    if n["escaped_098"].upper < 0.05:
        return fails("from almost no start does it leave the shallow minimum")
    if n["escaped_098"].lower > 0.95 and n["lost"].upper < 0.05:
        return holds("it leaves the shallow minimum from nearly every start and never falls into it")
    if n["escaped_098"].lower > 0.05 and n["lost"].lower > 0.05:
        return holds_if("the ball starts high enough; and it works both ways, other starts lose the deep minimum by it")
    return not_shown("the intervals hold both answers")


DECAY_098 = Claim(
    id="C-03-4",
    lecture="L4 l.81 (a question there)",
    statement="With decay 0.98 momentum rolls out of the local minimum and into the global one",
    condition="The Visualiser's surface 'local minimum' and its learning rate 0.001, starts on a grid of 21 x 21, "
    "exact gradients, no stopping rule",
    rule="Holds if, among the starts that plain descent loses to the shallow minimum, more than 0.95 reach the deep "
    "one and fewer than 0.05 of the others lose it; fails if fewer than 0.05 escape; 'holds if' between.",
    experiment=_decay_098,
    judge=_judge_decay_098,
    effects=(Effect("escaped_098"),),
)


# --- C-03-5 -------------------------------------------------------------------------------------------


def conserved(theta, velocity, product):
    """v^2 - a theta v + a theta^2, a = ``product`` = learning rate * curvature: what decay 1 keeps (per coordinate).

    theta' = theta + v', v' = v - a theta turns one such form into the other, so this is constant along a run.
    """
    return np.sum(velocity**2 - product * theta * velocity + product * theta**2, axis=-1)


def _decay_1():
    surface, learning_rate, num_steps = SURFACES["global_minimum"], 0.001, 20000
    starts = grid_of_starts(surface, 8)  # an even number: none starts at the minimum
    thetas, energies = [], []
    for theta, state in iterate(surface, Momentum(learning_rate, 1.0), starts, num_steps):
        thetas.append(theta)
        energies.append(conserved(theta, state.velocity, 2 * learning_rate))
    thetas, energies = np.array(thetas), np.array(energies)
    height = surface.value(thetas)
    stops = visualiser_stops(surface, thetas)
    half_turn = np.pi / np.arccos(1 - learning_rate)  # cos of the angle per step is 1 - a / 2, a = 2 * learning rate
    bounced = np.flatnonzero(np.diff(np.sign(thetas[:, 0, 0])) != 0)
    numbers = {
        "rate": Measured(float(momentum_rate(learning_rate, 1.0, 2.0)), label="exact rate (3.12) at decay 1"),
        "drift": Measured(np.max(np.abs(energies / energies[0] - 1)), label="drift of the energy over 20000 steps"),
        "height": Measured(
            np.min(height[-200:].max(0) / height[0]), label="height reached in the last 200 steps / at the start"
        ),
        "period": Measured(np.mean(np.diff(bounced)), label="steps for half a swing", digits=4),
        "theory": Measured(half_turn, label="the same, pi / arccos(1 - learning rate)", digits=4),
        "false_stop": share_interval(stops >= 0, "runs that the Visualiser halts as converged, mid-swing"),
        "stop_speed": Measured(
            np.min(np.linalg.norm(np.diff(thetas, axis=0)[stops - 1, np.arange(len(starts))], axis=-1)[stops > 0])
            if np.any(stops > 0)
            else 0.0,
            label="slowest of them, in distance a step",
        ),
    }
    steps = np.arange(501)
    plot = Plot(
        "step",
        "value of the objective",
        (
            Line("decay 1", steps, height[:501, 0]),
            Line("decay 0.9", steps, descend(surface, Momentum(learning_rate, 0.9), starts[0], 500).values),
        ),
    )
    return Evidence(numbers, plot)


def _judge_decay_1(n):
    if n["height"].lower > 0.99 and n["drift"].value < 1e-6:
        return fails("nothing is lost: the ball swings for ever through the minimum and back up to where it started")
    if n["height"].upper < 0.01:
        return holds("the ball comes to rest")
    return not_shown("it neither rests nor keeps its height")


DECAY_1 = Claim(
    id="C-03-5",
    lecture="L4 l.82 (a question there)",
    statement="With decay 1 momentum still converges to the global minimum",
    condition="The Visualiser's surface 'global minimum' and its learning rate 0.001, 64 starts, 20000 steps, exact "
    "gradients, no stopping rule",
    rule="Fails if after 20000 steps the ball still climbs to 0.99 of its first height and its energy has drifted by "
    "less than 1e-6; holds otherwise.",
    experiment=_decay_1,
    judge=_judge_decay_1,
    effects=(Effect("height"),),
)


QUESTION_CLAIMS = (DECAY_098, DECAY_1)
