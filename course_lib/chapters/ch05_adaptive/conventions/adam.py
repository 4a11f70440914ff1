"""Conventions of chapter 5, second part: Adam's corrections, AdamW, Nadam, and what weight decay means."""

import numpy as np

from course_lib.chapters.ch05_adaptive.conventions.rates import moved, moved_by_torch, slope
from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch, walk
from course_lib.objective import with_l2_penalty
from course_lib.optimizers import SGD, Adam, AdamW, Momentum, Nadam
from course_lib.run import descend
from course_lib.surfaces import SURFACES, ravine

RAVINE, BOOTH = ravine(30.0), SURFACES["booth"]
DECAY = 0.1


def _end(objective, optimizer, num_steps=100, start=RAVINE.start):
    return descend(objective, optimizer, start, num_steps).thetas[-1, 0]


@by_pytorch
def _torch_adam(torch):
    ways = [moved_by_torch(torch, torch.optim.Adam, 1.0, n) for n in (1, 10)]
    return *ways, walk(torch, lambda p: torch.optim.Adam(p, 0.01), RAVINE.gradient, RAVINE.start, 100)[0]


def _bias_correction():
    with_it, without = Adam(), Adam(bias_correction=False)
    slow = [_end(RAVINE, Adam(0.01, bias_correction=correct)) for correct in (True, False)]
    return (
        Row("first step, gradient 1", moved(with_it, 1.0), moved(without, 1.0)),
        Row("way in 10 steps, gradient 1", moved(with_it, 1.0, 10), moved(without, 1.0, 10)),
        Row("x on the ravine after 100 steps from -1.8, learning rate 0.01", *slow),
    )


def way_counted_from(first_t, shift, num_steps, beta1=0.9, beta2=0.999):
    """How far Adam goes (learning rate 1, eps 0, gradient 1) when its loop starts at ``first_t``.

    The corrections are 1 - beta^(t + shift).
    """
    m = v = way = 0.0
    for t in range(first_t, first_t + num_steps):
        m, v = beta1 * m + 1 - beta1, beta2 * v + 1 - beta2
        m_correction, v_correction = 1 - beta1 ** (t + shift), 1 - beta2 ** (t + shift)
        if m_correction > 0:  # 0 / 0 otherwise: the update is left out, which is the best that can be made of it
            way += (m / m_correction) / np.sqrt(v / v_correction)
    return way


@by_pytorch
def _torch_t(torch):
    theta = torch.zeros(1, requires_grad=True)
    adam = torch.optim.Adam([theta])
    theta.grad = torch.ones(1)
    adam.step()
    t = adam.state[theta]["step"].item()
    ways = [moved_by_torch(torch, lambda p: torch.optim.Adam(p, 1.0, eps=0.0), 1.0, n) for n in (2, 2)]
    return 1 - 0.9**t, *ways


def _counting():
    return (
        Row("1 - beta1^t at the first update", 1 - 0.9**1, 1 - 0.9**0),
        Row("way in 2 steps, gradient 1, learning rate 1", way_counted_from(1, 0, 2), way_counted_from(0, 0, 2)),
        Row("the same, 1 - beta^(t + 1) in the loop from 0", way_counted_from(1, 0, 2), way_counted_from(0, 1, 2)),
    )


def _torch_decays(torch, method):
    def theta(start, gradient, num_steps, learning_rate, decay):
        make = lambda p: method(p, learning_rate, weight_decay=decay)  # noqa: E731
        return walk(torch, make, gradient, start, num_steps)[0]

    first = [theta([1.0], np.ones_like, 1, 0.1, decay) for decay in (0.0, 0.5)]
    return *first, theta(BOOTH.start, BOOTH.gradient, 500, 0.05, DECAY)


@by_pytorch
def _torch_l2_in_adam(torch):
    return _torch_decays(torch, torch.optim.Adam)


@by_pytorch
def _torch_decoupled(torch):
    return _torch_decays(torch, torch.optim.AdamW)


def _decoupled_or_penalty():
    first = [_end(slope(1.0), AdamW(0.1, weight_decay=decay), 1, [1.0]) for decay in (0.0, 0.5)]
    booth = _end(BOOTH, AdamW(0.05, weight_decay=DECAY), 500, BOOTH.start)
    names = (
        "theta after a step from 1, gradient 1, no decay",
        "the same, decay 0.5",
        "x on Booth's function after 500 steps, learning rate 0.05, decay 0.1",
    )
    return tuple(map(Row, names, (*first, booth), _torch_l2_in_adam()))


def _theta_without_gradient(**settings):
    return _end(slope(0.0), AdamW(weight_decay=0.01, **settings), 100, [1.0])


@by_pytorch
def _torch_adamw(torch):
    makers = (lambda p: torch.optim.AdamW(p, 0.001), lambda p: torch.optim.AdamW(p, 1.0))
    return [walk(torch, make, np.zeros_like, [1.0], 100)[0] for make in makers]


def _decay_times_learning_rate():
    return tuple(
        Row(
            f"theta from 1 after 100 steps, gradient 0, learning rate {rate:g}",
            *(_theta_without_gradient(learning_rate=rate, decay_times_learning_rate=times) for times in (True, False)),
        )
        for rate in (0.001, 1.0)
    )


def _decay_beside_momentum(num_steps=20, learning_rate=0.02, momentum=0.9):
    theta, velocity = np.array(BOOTH.start), 0.0
    for _ in range(num_steps):
        velocity = momentum * velocity - learning_rate * BOOTH.gradient(theta)
        theta = theta + velocity - learning_rate * DECAY * theta
    return theta[0]


@by_pytorch
def _torch_sgd_decay(torch):
    def x(**settings):
        make = lambda p: torch.optim.SGD(p, 0.02, weight_decay=DECAY, **settings)  # noqa: E731
        return walk(torch, make, BOOTH.gradient, BOOTH.start, 20)[0]

    return x(), x(momentum=0.9), x(momentum=0.9)


def _meaning_of_decay():
    penalised = with_l2_penalty(BOOTH, DECAY)
    plain, heavy, again = _torch_sgd_decay()
    return (
        Row(
            "x after 20 steps, `SGD` on the penalised objective", _end(penalised, SGD(0.02), 20, BOOTH.start), plain, 5
        ),
        Row("the same, `Momentum`", _end(penalised, Momentum(0.02), 20, BOOTH.start), heavy, 5),
        Row("decay beside the velocity, as in AdamW", _decay_beside_momentum(), again, 5),
    )


@by_pytorch
def _torch_nadam(torch):
    end = walk(torch, lambda p: torch.optim.NAdam(p, 0.01), RAVINE.gradient, RAVINE.start, 100)[0]
    first = moved_by_torch(torch, lambda p: torch.optim.NAdam(p, 0.01), 1.0)
    return first, end, first, end


def _nadam():
    names = "first step, gradient 1", "x on the ravine after 100 steps from -1.8"
    names += tuple(f"{name}, `momentum_schedule=True`" for name in names)
    methods = Nadam(0.01), Nadam(0.01, momentum_schedule=True)
    ours = [number for method in methods for number in (moved(method, 1.0), _end(RAVINE, method))]
    return tuple(map(Row, names, ours, _torch_nadam(), (4,) * 4))


CONVENTIONS = (
    Convention(
        id="V-05-6",
        topic="Adam with and without bias correction",
        ours="with: L0's second idea, L2, L3, PyTorch; `Adam()`",
        theirs="without: L0's first idea; `Adam(bias_correction=False)`",
        why="Without it the first step is (1 - beta1) / sqrt(1 - beta2) = 3.2 times as long: the second moment starts "
        "at 0 too, and catches up more slowly than the first.",
        compare=_bias_correction,
        confirmed=_torch_adam,
    ),
    Convention(
        id="V-05-7",
        topic="Counting updates from 1 or from 0",
        ours="t = 1 at the first update: L0's words, Kingma and Ba, PyTorch; `Adam`",
        theirs="t = 0 there, with the same 1 - beta^t, as in a loop that counts from 0",
        why="From 0 the first correction divides 0.1 by 0. A loop that leaves that update out still takes the second "
        "one with the first one's corrections. Either start at 1, or write t + 1.",
        compare=_counting,
        agree=("the same, 1 - beta^(t + 1) in the loop from 0",),
        confirmed=_torch_t,
    ),
    Convention(
        id="V-05-8",
        topic="AdamW or Adam with an L2 penalty (E43)",
        ours="decoupled decay: Loshchilov and Hutter, PyTorch `AdamW`; `AdamW`",
        theirs="penalty: L4's words, PyTorch `Adam(weight_decay=...)`; `Adam` on `with_l2_penalty`",
        why="Adam divides the penalty's gradient by the size of the whole gradient: at the first step decay 0.5 "
        "changes nothing at all.",
        compare=_decoupled_or_penalty,
        confirmed=_torch_decoupled,
        agree=("theta after a step from 1, gradient 1, no decay",),
    ),
    Convention(
        id="V-05-9",
        topic="Whether the learning rate multiplies the decoupled decay",
        ours="yes: PyTorch; `AdamW`",
        theirs="no: Loshchilov and Hutter 2019, algorithm 2; `decay_times_learning_rate=False`",
        why="Weight decay 0.01. In PyTorch a smaller learning rate needs a larger decay for the same effect; "
        "in the paper the two are independent.",
        compare=_decay_times_learning_rate,
        agree=("theta from 1 after 100 steps, gradient 0, learning rate 1",),
        confirmed=_torch_adamw,
    ),
    Convention(
        id="V-05-10",
        topic="What weight decay means in gradient descent (E5)",
        ours="`with_l2_penalty(f, 0.1)`: f + 0.1 / 2 * ||theta||^2; decay beside the velocity in the last row",
        theirs="PyTorch, `SGD(weight_decay=0.1)`",
        why="On Booth's function, learning rate 0.02. PyTorch adds weight_decay * theta to the gradient, which is the "
        "penalty with the half in front; with momentum it goes through the velocity too.",
        compare=_meaning_of_decay,
        agree=("x after 20 steps, `SGD` on the penalised objective", "the same, `Momentum`"),
    ),
    Convention(
        id="V-05-11",
        topic="Nadam's momentum: constant or rising",
        ours="constant, beta1: the simple form; `Nadam()`",
        theirs="rising from beta1 / 2 (5.19): Dozat, PyTorch `NAdam`; `momentum_schedule=True`",
        why="PyTorch has no switch for the simple form.",
        compare=_nadam,
        agree=(
            "first step, gradient 1, `momentum_schedule=True`",
            "x on the ravine after 100 steps from -1.8, `momentum_schedule=True`",
        ),
    ),
)
