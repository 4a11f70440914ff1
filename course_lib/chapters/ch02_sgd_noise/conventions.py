"""Conventions of chapter 2: where a cosine ends, and which points an average holds."""

import numpy as np

from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch, walk
from course_lib.optimizers import SGD, PolyakAverage
from course_lib.run import descend
from course_lib.schedules import cosine, cosine_restarts
from course_lib.surfaces import ravine

HIGHEST, LOWEST, PERIOD, FACTOR = 0.1, 0.01, 10, 2  # L3's figure
SURFACE, LEARNING_RATE = ravine(30.0), 0.01


def _torch_schedule(torch, make_scheduler, num_steps):
    """Learning rates of updates 1 to ``num_steps``."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=HIGHEST)
    scheduler, used = make_scheduler(optimizer), []
    for _ in range(num_steps):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(used)


@by_pytorch
def _torch_restarts(torch):
    used = _torch_schedule(
        torch,
        lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, PERIOD, FACTOR, eta_min=LOWEST),
        70,
    )
    return used[0], used[9], used[10], used.min()


def _restarts():
    used = cosine_restarts(HIGHEST, LOWEST, PERIOD, FACTOR)(np.arange(1, 71))
    names = "update 1", "update 10, the last of the first period", "update 11", "smallest of updates 1 to 70"
    return tuple(map(Row, names, (used[0], used[9], used[10], used.min()), _torch_restarts(), (5,) * 4))


@by_pytorch
def _torch_cosine(torch):
    used = _torch_schedule(torch, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 4), 9)
    return used[0], used[4], used[8]


def _after_the_end():
    schedule = cosine(HIGHEST, 0.0, num_steps=5)
    names = "update 1", "update 5", "update 9"
    return tuple(map(Row, names, map(schedule, (1, 5, 9)), _torch_cosine()))


def _averaged(num_steps=20, **settings):
    return descend(SURFACE, PolyakAverage(SGD(LEARNING_RATE), **settings), SURFACE.start, num_steps).thetas[-1, 0]


def _all_or_last():
    return (
        Row("x after 5 steps", _averaged(5), _averaged(5, num_last=5)),
        Row("x after 20 steps", _averaged(), _averaged(num_last=5)),
        Row("x after 200 steps", _averaged(200), _averaged(200, num_last=5)),
    )


@by_pytorch
def _asgd(torch):
    def average(**settings):
        made = []

        def make(parameters):
            made.append(torch.optim.ASGD(parameters, LEARNING_RATE, **settings))
            return made[0]

        walk(torch, make, SURFACE.gradient, SURFACE.start, 20)
        (state,) = made[0].state.values()
        return state["ax"][0].item()

    return average(lambd=0, alpha=0, t0=0), average(lambd=0, alpha=0), average()


def _when_averaging_starts():
    plain, no_decay, default = _asgd()
    return (
        Row("`PolyakAverage(skip=1)` / `ASGD(t0=0, lambd=0, alpha=0)`", _averaged(skip=1), plain, 5),
        Row("`PolyakAverage()` / `ASGD(t0=0, lambd=0, alpha=0)`", _averaged(), plain, 5),
        Row("`PolyakAverage()` / `ASGD(lambd=0, alpha=0)`", _averaged(), no_decay, 5),
        Row("`PolyakAverage()` / `ASGD()`", _averaged(), default, 5),
    )


CONVENTIONS = (
    Convention(
        id="V-02-1",
        topic="Whether a cosine with restarts reaches its lowest value (E16)",
        ours="the last update of a period uses it: L3's text; `cosine_restarts`",
        theirs="restart instead: L3's program, PyTorch `CosineAnnealingWarmRestarts`; `reach_lowest=False`",
        why="L3's figure: highest 0.1, lowest 0.01, periods 10, 20, 40. The lowest value is never used on the right; "
        "the longer the period, the smaller the difference.",
        compare=_restarts,
        agree=("update 1", "update 11"),
    ),
    Convention(
        id="V-02-2",
        topic="What comes after the end of a cosine",
        ours="the lowest value for ever: `cosine(0.1, 0, num_steps=5)`",
        theirs="it rises again: PyTorch, `CosineAnnealingLR(T_max=4)`",
        why="Updates are counted from 1 here and from 0 in PyTorch's schedulers, hence T_max = num_steps - 1.",
        compare=_after_the_end,
        agree=("update 1", "update 5"),
    ),
    Convention(
        id="V-02-3",
        topic="Average of all points or of the last n (E19)",
        ours='all: L3 "ASGD", Polyak and Juditsky; `PolyakAverage()`',
        theirs='the last n, here 5: L3 "Polyak averaging"; `PolyakAverage(num_last=5)`',
        why="Gradient descent on the ravine, learning rate 0.01, minimum at 0. With all points the way there stays in "
        "the average at weight 1/t; the last n forget it, and cancel less noise.",
        compare=_all_or_last,
        agree=("x after 5 steps",),
    ),
    Convention(
        id="V-02-4",
        topic="When averaging starts",
        ours="at the first update; `PolyakAverage`",
        theirs="after `t0` = 1e6 updates: PyTorch, `ASGD`",
        why="x of the average after 20 steps, as above. With its defaults PyTorch's ASGD has averaged nothing before a "
        "million updates, and decays learning rate and theta a little besides.",
        compare=_when_averaging_starts,
        agree=("`PolyakAverage(skip=1)` / `ASGD(t0=0, lambd=0, alpha=0)`",),
    ),
)
