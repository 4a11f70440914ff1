"""Conventions of chapter 3: the learning rate's place, Nesterov's points, dampening."""

import numpy as np

from course_lib.chapters.ch03_momentum.experiments import halving
from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.optimizers import Momentum, Nesterov, NesterovPyTorch, NesterovTwoSequence
from course_lib.run import descend, iterate
from course_lib.surfaces import ravine

SURFACE = ravine(30.0)
LEARNING_RATE, MOMENTUM = 0.02, 0.9


def _values(optimizer, num_steps, schedule=None):
    return descend(SURFACE, optimizer, SURFACE.start, num_steps, schedule).values[-1]


def _inside_outside():
    inside, outside = (Momentum(LEARNING_RATE, MOMENTUM, place) for place in (False, True))
    return (
        Row("loss after 100 steps, constant learning rate", _values(inside, 100), _values(outside, 100)),
        Row("halved every 10 steps", _values(inside, 100, halving), _values(outside, 100, halving)),
    )


def _two_sequences():
    nesterov, two = (method(LEARNING_RATE, MOMENTUM) for method in (Nesterov, NesterovTwoSequence))
    return (
        Row("loss after 20 steps", _values(nesterov, 20), _values(two, 20), 5),
        Row("loss after 100 steps", _values(nesterov, 100), _values(two, 100), 5),
    )


def _look_ahead_points():
    *_, (theta, state) = iterate(SURFACE, Nesterov(LEARNING_RATE, MOMENTUM), SURFACE.start, 20)
    theirs = descend(SURFACE, NesterovPyTorch(LEARNING_RATE, MOMENTUM), SURFACE.start, 20)
    return (
        Row("x after 20 steps", theta[0], theirs.thetas[-1, 0], 5),
        Row("x + momentum * velocity after 20 steps", (theta + MOMENTUM * state.velocity)[0], theirs.thetas[-1, 0], 5),
        Row("loss after 20 steps", SURFACE.value(theta), theirs.values[-1], 5),
    )


def dampened_path(learning_rate, momentum, dampening, num_steps):
    """Points of ``torch.optim.SGD(lr, momentum, dampening)``: its first velocity is the whole first gradient."""
    theta = np.array(SURFACE.start)
    velocity, thetas = None, [theta]
    for _ in range(num_steps):
        gradient = SURFACE.gradient(theta)
        velocity = gradient if velocity is None else momentum * velocity + (1 - dampening) * gradient
        theta = theta - learning_rate * velocity
        thetas.append(theta)
    return np.array(thetas)


def _dampening():
    average = descend(SURFACE, Momentum(LEARNING_RATE * (1 - MOMENTUM), MOMENTUM), SURFACE.start, 20)
    theirs = dampened_path(LEARNING_RATE, MOMENTUM, MOMENTUM, 20)
    return (
        Row("length of the first step", *(np.linalg.norm(path[1] - path[0]) for path in (average.thetas, theirs))),
        Row("loss after 20 steps", average.values[-1], SURFACE.value(theirs[-1])),
    )


def _sum_or_average():
    return (
        Row("loss after 100 steps, learning rate 0.02 in both", *_sum_and_average(LEARNING_RATE)),
        Row("learning rate 0.2 for the average", _values(Momentum(LEARNING_RATE), 100), _sum_and_average(0.2)[1]),
    )


def _sum_and_average(learning_rate):
    """An average with ``learning_rate`` is the sum with (1 - momentum) times as much."""
    average = Momentum(learning_rate * (1 - MOMENTUM), MOMENTUM)
    return _values(Momentum(learning_rate, MOMENTUM), 100), _values(average, 100)


CONVENTIONS = (
    Convention(
        id="V-03-1",
        topic="Where the learning rate stands in momentum (E20)",
        ours="inside the velocity: L0, L1, L2; `Momentum()`",
        theirs="outside: L3, PyTorch; `Momentum(learning_rate_outside=True)`",
        why="The same while the learning rate is constant. Under a schedule, outside rescales the whole velocity at "
        "once, inside lets it die away with the momentum.",
        compare=_inside_outside,
        agree=("loss after 100 steps, constant learning rate",),
    ),
    Convention(
        id="V-03-2",
        topic="Nesterov with a velocity or with two sequences (E23)",
        ours="look-ahead form: L0, L2, Sutskever et al.; `Nesterov`",
        theirs="two sequences: L1, Nesterov 1983; `NesterovTwoSequence`",
        why="The same points, to rounding: velocity = theta - previous theta.",
        compare=_two_sequences,
        agree=("loss after 20 steps", "loss after 100 steps"),
    ),
    Convention(
        id="V-03-3",
        topic="Which point Nesterov reports",
        ours="the point itself; `Nesterov`",
        theirs="the look-ahead point: PyTorch, `nesterov=True`; `NesterovPyTorch`",
        why="PyTorch's theta is our theta + momentum * velocity. Both go to the same minimum, losses along the way "
        "differ.",
        compare=_look_ahead_points,
        agree=("x + momentum * velocity after 20 steps",),
    ),
    Convention(
        id="V-03-4",
        topic="Sum of the gradients or average (E22)",
        ours="sum: v <- momentum * v - learning_rate * gradient; `Momentum`",
        theirs="average: v <- momentum * v + (1 - momentum) * gradient, as in Adam and as L4's word says",
        why="With the same learning rate the average makes steps 1/(1 - momentum) times shorter; with a learning rate "
        "that much larger it is the same method.",
        compare=_sum_or_average,
        agree=("learning rate 0.2 for the average",),
    ),
    Convention(
        id="V-03-5",
        topic="Dampening",
        ours="an average from the first step on: learning_rate * (1 - momentum) in `Momentum`",
        theirs="PyTorch, `dampening=0.9`: the first gradient enters undampened",
        why="PyTorch starts its velocity with the whole first gradient, so the first step is 1/(1 - dampening) times "
        "as long; the excess dies away like momentum^t.",
        compare=_dampening,
    ),
)
