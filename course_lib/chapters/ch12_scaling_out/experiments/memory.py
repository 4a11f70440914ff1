r"""What one device has to hold while a large model trains, and what each way to share it divides.

.. math::
    16 = 2 + 2 + 12 \text{ bytes a parameter} \tag{12.11}

In mixed precision with Adam (12.11): weights and gradients in 16 bits, and in 32 bits master weights and two moments.
Source: Rajbhandari et al. 2020 (ZeRO), section 3.1; activations, Korthikanti et al. 2023, (1) and (2), with attention
recomputed, so that 34 bytes a token and unit of width are kept in each layer.
"""

from typing import NamedTuple

WEIGHT, GRADIENT, OPTIMIZER = 2, 2, 12  # bytes a parameter
ACTIVATION, SPLIT = 34, 24  # bytes a token, layer and unit of width; how many of these tensor parallelism divides
GIGABYTE = 1e9


class Model(NamedTuple):
    """A transformer: ``parameters``, ``layers``, ``width``, and ``tokens`` that one device computes on at a time."""

    parameters: float = 7e9
    layers: int = 32
    width: int = 4096
    tokens: int = 4096


class Memory(NamedTuple):
    """Gigabytes on one device."""

    weights: float
    gradients: float
    optimizer: float
    activations: float

    @property
    def total(self):
        """All four together."""
        return sum(self)


SEVEN_BILLION = Model()
WAYS = {  # what of (weights, gradients, optimizer state) is divided among the devices
    "one device": (False, False, False),
    "data parallel": (False, False, False),
    "optimizer state sharded": (False, False, True),
    "and gradients": (False, True, True),
    "and weights": (True, True, True),
    "tensor parallel": (True, True, True),
}


def memory(way, devices=8, model=SEVEN_BILLION):
    """``Memory`` of one of ``devices`` in one of ``WAYS``. Data parallelism divides the batch: a device still has its
    own ``model.tokens``; tensor parallelism cuts the computation on these tokens into parts."""
    bytes_each = (WEIGHT, GRADIENT, OPTIMIZER)  # (12.11)
    held = [
        each * model.parameters / (devices if divided else 1) / GIGABYTE
        for each, divided in zip(bytes_each, WAYS[way], strict=True)
    ]
    kept = ACTIVATION - (SPLIT * (1 - 1 / devices) if way == "tensor parallel" else 0)
    return Memory(*held, kept * model.tokens * model.width * model.layers / GIGABYTE)
