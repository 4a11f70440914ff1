"""Chapter 3, the formula itself: the unrolled sum, the learning rate's place, constant gradients on a plateau."""

import numpy as np

from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, not_shown, partly
from course_lib.objective import Objective
from course_lib.optimizers import Momentum
from course_lib.run import descend, iterate


def velocities(gradients, momentum, learning_rate=1.0):
    """Velocity of ``Momentum`` after each step when the gradients are prescribed, ``(num_steps, ...)`` like them.

    Theta counts the steps it has made by standing in for the index: each call of ``gradient`` hands out the next.
    """
    upcoming = iter(np.asarray(gradients, dtype=float))
    script = Objective(value=lambda theta: np.zeros(np.shape(theta)[:-1]), gradient=lambda theta: next(upcoming))
    start = np.zeros(np.shape(gradients)[1:])
    runs = iterate(script, Momentum(learning_rate, momentum), start, len(gradients))
    return np.array([state.velocity for _, state in runs][1:])


# --- C-03-10 ------------------------------------------------------------------------------------------


def _unrolled_sum():
    num_steps, gamma = 60, 0.9
    # Run k sees the gradient 1 at step k and 0 else: its last velocity is minus the weight of step k.
    weights = -velocities(np.eye(num_steps), gamma)[-1]
    printed = gamma ** (num_steps - np.arange(1, num_steps + 1))
    steady = -velocities(np.ones((200, 1)), gamma)[:, 0]
    t = np.arange(1, 201)
    closed = (1 - gamma**t) / (1 - gamma)
    numbers = {
        "weights": Measured(np.max(np.abs(weights - printed)), label="largest deviation from gamma^(t-k)"),
        "sum": Measured(weights.sum(), label="sum of the weights after 60 steps (an average: 1)", digits=4),
        "closed": Measured(np.max(np.abs(steady / closed - 1)), label="deviation from (1 - gamma^t)/(1 - gamma)"),
        "first": Measured(steady[0], label="step / lr under gradients of 1: first step", digits=4),
        "last": Measured(steady[-1], label="step / lr under gradients of 1: 200th step", digits=4),
    }
    plot = Plot(
        "step t, every gradient 1",
        "step length / learning rate",
        (
            Line("measured, gamma = 0.9", t, steady),
            Line("(1 - gamma^t) / (1 - gamma)", t, closed, theory=True),
            Line("what an average would give", t, np.ones(200), theory=True),
        ),
    )
    return Evidence(numbers, plot)


def _judge_unrolled_sum(n):
    if n["weights"].value > 1e-9:
        return fails("the weights are not gamma^(t-k)")
    if abs(n["sum"].value - 1) < 0.05:
        return holds("the weights decay and sum to 1")
    return partly(
        "the weights of earlier gradients decay like gamma^(t-k)",
        "that it is an average: the weights sum to (1 - gamma^t)/(1 - gamma), unless gradients are multiplied by 1 "
        "- gamma",
    )


UNROLLED_SUM = Claim(
    id="C-03-10",
    lecture="L4 l.56-71",
    statement="Momentum is an exponential moving average: the weights of earlier gradients decay with each iteration",
    condition="The library's momentum step fed with prescribed gradients, gamma = 0.9, 60 and 200 steps",
    rule="Fails unless the measured weights are gamma^(t-k) to 1e-9. Holds if they also sum to 1 (within 5 %), as an "
    "average's must; partly otherwise.",
    experiment=_unrolled_sum,
    judge=_judge_unrolled_sum,
    identity=True,
)


# --- C-03-14 ------------------------------------------------------------------------------------------


def _plateau():
    slope, learning_rate = 1e-3, 0.1
    plain = Objective(value=lambda theta: slope * theta[..., 0], gradient=lambda theta: np.full_like(theta, slope))
    momenta = np.array([0.0, 0.5, 0.8, 0.9, 0.95, 0.99])
    thetas = descend(plain, Momentum(learning_rate, momenta[:, None]), np.zeros(1), 5000).thetas[..., 0]
    speed = -(thetas[-1] - thetas[-1001]) / 1000
    gain = speed / speed[0]
    numbers = {
        "gain": Measured(gain[3], label="speed on a plateau, momentum 0.9 / descent", digits=4),
        "theory": Measured(np.max(np.abs(gain * (1 - momenta) - 1)), label="deviation from 1/(1 - mu)"),
        "steps": Measured(
            1 / speed[3], label="steps of momentum 0.9 to go 1, slope 0.001, learning rate 0.1", digits=4
        ),
    }
    plot = Plot(
        "momentum",
        "speed on a plateau / gradient descent's",
        (
            Line("measured", momenta, gain),
            Line("1 / (1 - momentum)", momenta, 1 / (1 - momenta), theory=True),
        ),
        "y",
    )
    return Evidence(numbers, plot)


def _judge_plateau(n):
    if n["gain"].value < 2:
        return partly("progress is slow", "that momentum is fast: it is no faster than descent")
    if n["theory"].value > 0.01:
        return not_shown("it is not 1/(1 - momentum) times as fast")
    return holds("both are so: 1/(1 - momentum) times as fast as descent, and as slow as the slope is small")


PLATEAU = Claim(
    id="C-03-14",
    lecture="L4 l.75 against L0 l.159",
    statement="Momentum is fast on plateaus (L4); progress on plateaus is still very slow (L0)",
    condition="A plane of slope 0.001, learning rate 0.1, 5000 steps, momentum 0 to 0.99",
    rule="Partly if momentum 0.9 is less than twice as fast as descent; holds if it is 1/(1 - momentum) times as "
    "fast, to a hundredth.",
    experiment=_plateau,
    judge=_judge_plateau,
    identity=True,
)


FORM_CLAIMS = (UNROLLED_SUM, PLATEAU)
