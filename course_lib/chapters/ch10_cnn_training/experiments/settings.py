"""What a training is told: its settings, and the optimizer and schedule that they name."""

import math
from dataclasses import dataclass

from course_lib.devices import require_torch
from course_lib.validation import count, non_negative, positive

OPTIMIZERS = ("SGD", "momentum", "Nesterov", "RMSprop", "Adam", "AdamW")
SCHEDULES = ("constant", "cosine", "one cycle")
PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes:
        num_epochs, batch_size, learning_rate: of the run; with a schedule ``learning_rate`` is the largest one.
        optimizer: one of ``OPTIMIZERS``.
        weight_decay: PyTorch's argument: an L2 penalty, decoupled for AdamW.
        schedule: "constant", "cosine" (down to 0), or "one cycle" (up for 30 % of the steps, then down).
        precision: of the forward pass; the weights stay float32.
        channels_last, compile: layouts and kernels for a card.
        augment: transforms of the training images, ``(RandomShift(2),)`` say.
        seed: of the order of the samples, of dropout and of the transforms.
    """

    num_epochs: int = 10
    batch_size: int = 64
    optimizer: str = "Adam"
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    schedule: str = "one cycle"
    precision: str = "float32"
    channels_last: bool = False
    compile: bool = False
    augment: tuple = ()
    seed: int = 0

    def __post_init__(self):
        count("num_epochs", self.num_epochs)
        count("batch_size", self.batch_size)
        positive("learning_rate", self.learning_rate)
        non_negative("weight_decay", self.weight_decay)
        for name, choices in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES), ("precision", PRECISIONS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, but it is {getattr(self, name)!r}.")


def make_optimizer(network, settings):
    """The optimizer that ``settings`` name, for the parameters of ``network``."""
    optim = require_torch().optim
    kinds = {
        "SGD": (optim.SGD, {}),
        "momentum": (optim.SGD, {"momentum": 0.9}),
        "Nesterov": (optim.SGD, {"momentum": 0.9, "nesterov": True}),
        "RMSprop": (optim.RMSprop, {}),
        "Adam": (optim.Adam, {}),
        "AdamW": (optim.AdamW, {}),
    }
    kind, values = kinds[settings.optimizer]
    return kind(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, **values)


def rate_factor(schedule, t, num_steps):
    """By what the learning rate of update ``t`` = 1, ..., ``num_steps`` is multiplied."""
    if schedule == "constant":
        return 1.0
    rise = 0.3 * num_steps if schedule == "one cycle" else 0.0
    if t - 1 < rise:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * (t - 1) / rise)) / 2
    return (1 + math.cos(math.pi * (t - 1 - rise) / max(num_steps - rise, 1))) / 2
