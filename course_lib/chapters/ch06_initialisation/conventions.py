"""Conventions of chapter 6: the variance of the first weights."""

import numpy as np

from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch
from course_lib.initializers import he_normal, lecun_normal, xavier_normal
from course_lib.layers import Conv2d, Linear

FANS = ((800, 200), (400, 400))  # (fan_in, fan_out)


def _std(weights):
    return float(np.std(weights))


def _fans(fan_in, fan_out):
    return f"standard deviation, fan_in {fan_in}, fan_out {fan_out}"


def _drawn(initializer):
    rng = np.random.default_rng(0)
    return [_std(initializer(*fans, rng)) for fans in FANS]


@by_pytorch
def _torch_xavier(torch):
    return [torch.nn.init.xavier_normal_(torch.empty(out, into)).std().item() for into, out in FANS]


@by_pytorch
def _torch_he(torch):
    return [torch.nn.init.kaiming_normal_(torch.empty(out, into)).std().item() for into, out in FANS]


def _rows(ours, theirs):
    return tuple(
        Row(_fans(*fans), *numbers, 2) for fans, numbers in zip(FANS, zip(ours, theirs, strict=True), strict=True)
    )


def _glorot_or_lecun():
    return _rows(_drawn(xavier_normal), _drawn(lecun_normal))


def _he_or_glorot():
    return _rows(_drawn(he_normal), _drawn(xavier_normal))


@by_pytorch
def _torch_layers(torch):
    linear, conv = torch.nn.Linear(800, 200), torch.nn.Conv2d(64, 64, 3)
    many = torch.cat([torch.nn.Linear(800, 200).bias for _ in range(200)])
    return linear.weight.std().item(), many.std().item(), conv.weight.std().item()


def _layers():
    rng = np.random.default_rng(0)
    linear, conv = Linear(800, 200, rng), Conv2d(64, 64, 3, rng)
    ours = [_std(values) for values in (linear.params["weight"], linear.params["bias"], conv.params["weight"])]
    names = "`Linear(800, 200)`, weights", "`Linear(800, 200)`, biases", "`Conv2d(64, 64, 3)`, weights"
    return tuple(map(Row, names, ours, _torch_layers(), (2,) * 3))


CONVENTIONS = (
    Convention(
        id="V-06-1",
        topic="What L4 calls Glorot's initialisation (E46)",
        ours="variance 2 / (fan_in + fan_out): Glorot and Bengio, PyTorch `xavier_normal_`; `xavier_normal`",
        theirs="variance 1 / fan_in: L4 under Glorot's name, LeCun et al.; `lecun_normal`",
        why="Standard deviations of random draws. The same for square layers only.",
        compare=_glorot_or_lecun,
        agree=(_fans(400, 400),),
        confirmed=_torch_xavier,
    ),
    Convention(
        id="V-06-2",
        topic="He or Glorot (E46)",
        ours="variance 2 / fan_in: He et al., PyTorch `kaiming_normal_`; `he_normal`",
        theirs="variance 2 / (fan_in + fan_out): Glorot and Bengio; `xavier_normal`",
        why="The factor 2 makes up for the half of the inputs that ReLU sets to 0. On a square layer the ratio of "
        "the standard deviations is sqrt(2).",
        compare=_he_or_glorot,
        confirmed=_torch_he,
    ),
    Convention(
        id="V-06-3",
        topic="How a layer is initialised when nobody says how",
        ours="Glorot uniform in `Linear`, He normal in `Conv2d`, biases 0",
        theirs="PyTorch: `kaiming_uniform_(a=sqrt(5))`, biases uniform within 1 / sqrt(fan_in)",
        why="Standard deviations. With a = sqrt(5) the limit is 1 / sqrt(fan_in) and the variance 1 / (3 fan_in), a "
        "sixth of He's: the weights let E[x^2] fall to a sixth in every ReLU layer, unless one initialises oneself.",
        compare=_layers,
    ),
)
