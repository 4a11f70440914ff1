"""A simulated card: whatever PyTorch is asked to do on ``cuda`` it does on the CPU, and notes that it was asked.

It shows that the branches for a card run, in the right order, with the right numbers. It shows nothing about speed.
"""

from contextlib import contextmanager

import torch
from torch.overrides import TorchFunctionMode

CPU = torch.device("cpu")


def _here(value):
    """``value`` with the card replaced by the CPU, inside lists, tuples and dicts too."""
    if isinstance(value, torch.device) and value.type == "cuda":
        return CPU
    if isinstance(value, str) and value.startswith("cuda"):
        return "cpu"
    if type(value) in (list, tuple):
        return type(value)(map(_here, value))
    return {key: _here(item) for key, item in value.items()} if type(value) is dict else value


class OnTheCPU(TorchFunctionMode):
    def __init__(self, asked):
        super().__init__()
        self.asked = asked

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.device:  # the name of the card stays its name
            return function(*args, **(kwargs or {}))
        found = _here(args), _here(kwargs or {})
        if any(isinstance(value, torch.device) and value.type == "cuda" for value in (*args, *(kwargs or {}).values())):
            self.asked.append(getattr(function, "__name__", str(function)))
        return function(*found[0], **found[1])


def _of_kind(original):
    """A maker of ``original(kind, ...)`` that has the CPU's instead of the card's."""

    def made(kind, *args, **more):
        return original(_here(kind), *args, **more)

    return made


@contextmanager
def simulated_card(monkeypatch, units=True):
    """A card, with or without units for bfloat16; gives the list of what was asked of it."""
    asked = []
    answers = {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "get_device_name": lambda device: "Simulated Card",
        "synchronize": lambda device=None: asked.append("synchronize"),
        "empty_cache": lambda: asked.append("empty_cache"),
        "is_bf16_supported": lambda including_emulation=True: including_emulation or units,
        "get_rng_state": lambda device=None: torch.zeros(1, dtype=torch.uint8),
        "set_rng_state": lambda state, device=None: None,
    }
    for name, answer in answers.items():
        monkeypatch.setattr(torch.cuda, name, answer)
    monkeypatch.setattr(torch, "autocast", _of_kind(torch.autocast))
    monkeypatch.setattr(torch.amp, "GradScaler", _of_kind(torch.amp.GradScaler))
    with OnTheCPU(asked):
        yield asked
