"""Conventions of chapter 5, first part: where eps stands, and the defaults of Adagrad, RMSprop and Adadelta."""

import numpy as np

from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch, walk
from course_lib.objective import Objective
from course_lib.optimizers import Adadelta, Adagrad, Adam, RMSprop
from course_lib.run import descend
from course_lib.surfaces import ravine

SURFACE = ravine(30.0)
EPS, LARGE, SMALL = 1e-8, 1.0, 1e-6


def slope(gradient):
    """An objective with the same ``gradient`` everywhere."""
    return Objective(value=lambda theta: gradient * theta[..., 0], gradient=lambda theta: np.full_like(theta, gradient))


def moved(optimizer, gradient, num_steps=1):
    """How far ``optimizer`` goes from 0 in ``num_steps`` steps when every gradient is ``gradient``."""
    return -descend(slope(gradient), optimizer, [0.0], num_steps).thetas[-1, 0]


def moved_by_torch(torch, make_optimizer, gradient, num_steps=1):
    """The same for ``make_optimizer([theta])`` of PyTorch."""
    return -walk(torch, make_optimizer, slope(gradient).gradient, [0.0], num_steps)[0]


@by_pytorch
def _torch_eps(torch):
    makers = (
        lambda p: torch.optim.Adagrad(p, 0.001, eps=EPS),
        lambda p: torch.optim.RMSprop(p, 0.001, alpha=0.9, eps=EPS),
        lambda p: torch.optim.Adam(p, 0.001, eps=EPS),
    )
    return [moved_by_torch(torch, make, gradient) for make in makers for gradient in (LARGE, SMALL)]


def _eps():
    return tuple(
        Row(
            f"{method.__name__}, gradient {gradient:g}",
            *(
                moved(method(learning_rate=0.001, eps=EPS, eps_inside_root=inside), gradient)
                for inside in (False, True)
            ),
        )
        for method in (Adagrad, RMSprop, Adam)
        for gradient in (LARGE, SMALL)
    )


def adadelta_with_eps_outside(gradient, num_steps, rho=0.9, eps=1e-6):
    """How far Adadelta goes from 0 with sqrt(E) + eps for both roots, as L2's slide has it (E36)."""
    way = mean_square = mean_square_update = 0.0
    for _ in range(num_steps):
        mean_square = rho * mean_square + (1 - rho) * gradient**2
        update = (np.sqrt(mean_square_update) + eps) / (np.sqrt(mean_square) + eps) * gradient
        mean_square_update = rho * mean_square_update + (1 - rho) * update**2
        way += update
    return way


@by_pytorch
def _torch_adadelta(torch):
    return [moved_by_torch(torch, torch.optim.Adadelta, LARGE, num_steps) for num_steps in (1, 100)]


def _eps_of_adadelta():
    return tuple(
        Row(f"way in {n} step{'s' * (n > 1)}, gradient 1", moved(Adadelta(), 1.0, n), adadelta_with_eps_outside(1.0, n))
        for n in (1, 100)
    )


def _rate_of_adadelta():
    keras = Adadelta(learning_rate=0.001, rho=0.95, eps=1e-7)
    return tuple(
        Row(f"way in {n} step{'s' * (n > 1)}, gradient 1", moved(Adadelta(), 1.0, n), moved(keras, 1.0, n))
        for n in (1, 100)
    )


@by_pytorch
def _torch_rmsprop(torch):
    end = walk(torch, torch.optim.RMSprop, SURFACE.gradient, SURFACE.start, 100)
    same = walk(torch, lambda p: torch.optim.RMSprop(p, 0.001, 0.9), SURFACE.gradient, SURFACE.start, 100)
    return moved_by_torch(torch, torch.optim.RMSprop, 1.0), SURFACE.value(end), SURFACE.value(same)


def _defaults_of_rmsprop():
    loss = descend(SURFACE, RMSprop(), SURFACE.start, 100).values[-1]
    first, default, same = _torch_rmsprop()
    return (
        Row("first step, gradient 1", moved(RMSprop(), 1.0), first),
        Row("loss on the ravine after 100 steps", loss, default),
        Row("the same with `lr=0.001, alpha=0.9`", loss, same),
    )


@by_pytorch
def _torch_initial_sum(torch):
    return [moved_by_torch(torch, torch.optim.Adagrad, gradient) for gradient in (10.0, 0.1, 0.001)]


def _initial_sum():
    return tuple(
        Row(f"first step, gradient {gradient:g}", moved(Adagrad(), gradient), moved(Adagrad(initial_sum=0.1), gradient))
        for gradient in (10.0, 0.1, 0.001)
    )


CONVENTIONS = (
    Convention(
        id="V-05-1",
        topic="eps outside or inside the root (E32)",
        ours="sqrt(v) + eps: L0, L2 and L3 for Adam, PyTorch; the default",
        theirs="sqrt(v + eps): L1, L2 for Adagrad, L3 and L4 for RMSprop; `eps_inside_root=True`",
        why="Length of the first step with learning rate 0.001 and eps 1e-8. While gradients are large nobody sees a "
        "difference. Inside the root eps acts as soon as a gradient is below sqrt(eps) = 1e-4, outside only below "
        "1e-8.",
        compare=_eps,
        nearly=("Adagrad, gradient 1", "RMSprop, gradient 1", "Adam, gradient 1"),
        confirmed=_torch_eps,
    ),
    Convention(
        id="V-05-2",
        topic="eps in Adadelta (E32, E36)",
        ours="sqrt(E + eps): L1, Zeiler, PyTorch; `Adadelta`",
        theirs="sqrt(E) + eps: L2",
        why="eps is what starts Adadelta: with gradient 1 the first update is sqrt(eps / (1 - rho)) "
        "long, or eps / sqrt(1 - rho).",
        compare=_eps_of_adadelta,
        confirmed=_torch_adadelta,
    ),
    Convention(
        id="V-05-3",
        topic="Adadelta's learning rate (E38)",
        ours="1, rho 0.9, eps 1e-6: Zeiler has none, PyTorch; `Adadelta()`",
        theirs="0.001, rho 0.95, eps 1e-7: Keras; `Adadelta(0.001, 0.95, 1e-7)`",
        why='"No learning rate" means 1. Keras\'s default leaves a method that hardly moves.',
        compare=_rate_of_adadelta,
        confirmed=_torch_adadelta,
    ),
    Convention(
        id="V-05-4",
        topic="Defaults of RMSprop",
        ours="rho 0.9, learning rate 0.001: L1, L3; `RMSprop()`",
        theirs="alpha 0.99, lr 0.01: PyTorch",
        why="PyTorch's alpha is rho. The average starts at 0, so the first step is learning_rate / sqrt(1 - rho): a "
        "larger rho makes it longer.",
        compare=_defaults_of_rmsprop,
        agree=("the same with `lr=0.001, alpha=0.9`",),
    ),
    Convention(
        id="V-05-5",
        topic="Adagrad's sum before the first gradient",
        ours="0: Duchi et al., PyTorch; `Adagrad()`",
        theirs="0.1: Keras; `Adagrad(initial_sum=0.1)`",
        why="From 0 the first step is the learning rate, 0.01 here, whatever the gradient. A sum of 0.1 tames "
        "gradients that are small beside sqrt(0.1) = 0.3. PyTorch calls it `initial_accumulator_value`.",
        compare=_initial_sum,
        nearly=("first step, gradient 10",),
        confirmed=_torch_initial_sum,
    ),
)
