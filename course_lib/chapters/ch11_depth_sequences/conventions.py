"""Conventions of chapter 11: clipping by norm, and the bias of a recurrent layer."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.clipping import rescaled
from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch
from course_lib.layers import RNN
from course_lib.optimizers import clip_by_norm

SHORT, LONG = np.array([0.3, 0.4]), np.array([3.0, 4.0])
FAN_IN, HIDDEN, LEARNING_RATE = 3, 4, 0.1
X = np.linspace(-1, 1, 2 * 5 * FAN_IN).reshape(2, 5, FAN_IN)


def _always_or_when_longer():
    return tuple(
        Row(
            f"length of ({g[0]:g}, {g[1]:g}) after clipping at 1",
            *map(np.linalg.norm, (clip_by_norm(g, 1.0), rescaled(g, 1.0))),
        )
        for g in (SHORT, LONG)
    )


@by_pytorch
def _torch_clipped(torch):
    for gradient in SHORT, LONG:
        theta = torch.zeros(2, requires_grad=True)
        theta.grad = torch.tensor(gradient)
        torch.nn.utils.clip_grad_norm_([theta], 1.0)
        yield theta.grad.norm().item()


def _room_for_rounding():
    ours = (np.linalg.norm(clip_by_norm(gradient, 1.0)) for gradient in (SHORT, LONG))
    names = "length of (0.3, 0.4) after clipping at 1", "length of (3, 4) after clipping at 1"
    return tuple(map(Row, names, ours, _torch_clipped(), (8, 8)))


def _weights():
    layer = RNN(FAN_IN, HIDDEN, np.random.default_rng(0))
    layer.params["bias"][:] = 0.5
    return layer


@by_pytorch
def _torch_rnn(torch):
    ours, module = _weights().params, torch.nn.RNN(FAN_IN, HIDDEN, batch_first=True)
    values = ours["weight_x"], ours["weight_h"], ours["bias"], np.zeros(HIDDEN)
    for parameter, value in zip(module.parameters(), values, strict=True):
        parameter.data = torch.tensor(value)
    y, _ = module(torch.tensor(X))
    y.sum().backward()
    total = lambda: (module.bias_ih_l0 + module.bias_hh_l0)[0].item()  # noqa: E731
    before = total()
    torch.optim.SGD(module.parameters(), LEARNING_RATE).step()
    return sum(p.numel() for p in module.parameters()), y[0, -1, 0].item(), total() - before


def _biases():
    layer = _weights()
    y = layer.forward(X)
    layer.backward(np.ones_like(y))
    ours = (
        sum(value.size for value in layer.params.values()),
        y[0, -1, 0],
        -LEARNING_RATE * layer.grads["bias"][0],
    )
    names = (
        "numbers to learn, 3 inputs, 4 units",
        "last state of the first unit",
        "change of its bias in one step of SGD",
    )
    return tuple(map(Row, names, ours, _torch_rnn()))


CONVENTIONS = (
    Convention(
        id="V-11-1",
        topic="Clipping by norm: when it is longer, or always (E17)",
        ours="g * min(1, max_norm / ||g||): Pascanu et al.; `clip_by_norm`",
        theirs="g * max_norm / ||g||: L3 as printed",
        why="Always rescaling makes every step equally long, close to a minimum too: a normalised gradient, not a "
        "clipped one. PyTorch has the minimum too (V-11-2).",
        compare=_always_or_when_longer,
        agree=("length of (3, 4) after clipping at 1",),
    ),
    Convention(
        id="V-11-2",
        topic="The length of a clipped gradient",
        ours="max_norm; `clip_by_norm`",
        theirs="max_norm * ||g|| / (||g|| + 1e-6): PyTorch, `clip_grad_norm_`",
        why="Only comparisons to more than six digits see it.",
        compare=_room_for_rounding,
        agree=("length of (0.3, 0.4) after clipping at 1",),
    ),
    Convention(
        id="V-11-3",
        topic="One bias or two in a recurrent layer",
        ours="one: the text's equation (11.1); `RNN`",
        theirs="two that only appear as their sum: PyTorch, `torch.nn.RNN`",
        why="The same function with the same gradients, but a step of gradient descent moves the sum twice as far.",
        compare=_biases,
        agree=("last state of the first unit",),
    ),
)
