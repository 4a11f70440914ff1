"""Where PyTorch is met: the course runs without it, and says so in one sentence where it would be used.

The device, too, is chosen here: a CUDA card where there is one, the processor otherwise.
"""

import os
import platform
import time

from course_lib import place


def get_it():
    """The sentence that says how to install PyTorch here."""
    return f"To get it: {place.installing('torch')}"


class PyTorchMissing(ModuleNotFoundError):
    """PyTorch is not installed; in a notebook this is shown as its one sentence, without a traceback."""

    def __init__(self):
        super().__init__(f"This chapter trains with PyTorch, which is not installed. {get_it()}")

    def _render_traceback_(self):
        return [self.args[0]]


def optional_torch():
    """Return the ``torch`` module, or print how to get it and return ``None``."""
    try:
        import torch
    except ImportError:
        print(f"PyTorch is not installed, so this cell compares nothing. {get_it()}")
        return None
    return torch


def require_torch():
    """Return the ``torch`` module, or raise ``PyTorchMissing``, whose sentence says how to get it."""
    try:
        import torch
    except ImportError:
        raise PyTorchMissing from None
    return torch


def pick_device(name=None):
    """Return a ``torch.device``: the named one, or a CUDA card if there is one, or else the CPU.

    Raises:
        ValueError: a device that this machine does not have.
    """
    torch = require_torch()
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f"There is no device {name!r}: choose 'cpu' or 'cuda', or leave it out.") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError("No CUDA card can be used here: choose 'cpu', or leave the device out and one is picked.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"There is no {name}: this machine has {torch.cuda.device_count()} CUDA card(s), from cuda:0.")
    return device


def device_name(device):
    """What the device calls itself: the card's name, or the processor's and how many threads are used."""
    torch = require_torch()
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{_processor()}, {threads} thread{'s' if threads > 1 else ''}"


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    name = next((name for name in names if name and name != "unknown"), platform.processor() or platform.machine())
    return f"CPU {name} ({os.cpu_count()} cores)"


def device_clock(device):
    """The clock to time work on ``device`` with, in seconds.

    On the CPU with one thread it is the processor's time, so that other programs do not count; else that on the wall.
    """
    torch = require_torch()
    alone = torch.device(device).type == "cpu" and torch.get_num_threads() == 1
    return time.process_time if alone else time.perf_counter


def device_line(device):
    """The line that says where the cells run: ``"Runs on the CPU."`` or the card's name."""
    return f"Runs on {device_name(device) if device.type == 'cuda' else 'the CPU'}."
