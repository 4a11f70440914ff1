"""What is set for the whole of Python, NumPy or PyTorch, and would stay set after a student's function has returned.

A switch that a call leaves as it was not is put back and told, where the call is made: in the notebook's process, in
grading in the student's own. Which warnings are shown is none of these: packages change that when they are imported.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Switch:
    """One thing that is set for a whole program.

    Attributes:
        name: what a student calls to set it.
        now, put: ask for its value, and set it.
        instead: what to write instead, so that it holds for some lines only; "" if there is nothing.
        counts: whether results of what is called afterwards depend on it.
    """

    name: str
    now: Callable[[], Any]
    put: Callable[[Any], Any]
    instead: str = ""
    counts: bool = False


@dataclass(frozen=True)
class Left:
    """What a call in another process returned, and the names of the switches that it left changed there."""

    value: object
    names: tuple


class Switches:
    """Several switches at once, each as it was when this was made."""

    def __init__(self, rows):
        self.rows = rows
        self.before = [row.now() for row in rows]

    def put_back(self):
        """Set all of them as they were; the names of those that had been changed."""
        changed = [(row, value) for row, value in zip(self.rows, self.before, strict=True) if row.now() != value]
        for row, value in changed:
            row.put(value)
        return tuple(row.name for row, _ in changed)


OF_NUMPY = (
    Switch("np.seterr", np.geterr, lambda kinds: np.seterr(**kinds), "with np.errstate(...):"),
    Switch(
        "np.set_printoptions",
        np.get_printoptions,
        lambda options: np.set_printoptions(**options),
        "with np.printoptions(...):",
    ),
    Switch("sys.setrecursionlimit", sys.getrecursionlimit, sys.setrecursionlimit),
)


def _autocast():
    """``(enabled, type, depth)`` of autocast on the CPU; weights that it rounded are kept while the depth is not 0."""
    import torch

    torch.autocast_increment_nesting()
    return torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"), torch.autocast_decrement_nesting()


def _put_autocast(value):
    import torch

    enabled, dtype, depth = value
    torch.set_autocast_enabled("cpu", enabled)
    torch.set_autocast_dtype("cpu", dtype)
    move = torch.autocast_decrement_nesting if _autocast()[2] > depth else torch.autocast_increment_nesting
    while _autocast()[2] != depth:
        move()
    torch.clear_autocast_cache()


@cache
def of_torch():
    """The switches of PyTorch, which is imported when they are first asked for."""
    import torch

    return (
        Switch(
            "torch.set_grad_enabled",
            torch.is_grad_enabled,
            torch.set_grad_enabled,
            "with torch.no_grad():",
            counts=True,
        ),
        Switch(
            "torch.set_default_dtype",
            torch.get_default_dtype,
            torch.set_default_dtype,
            "dtype=...",
            counts=True,
        ),
        Switch(
            "torch.set_default_device",
            torch.get_default_device,
            lambda device: torch.set_default_device(None if device.type == "cpu" else device),
            "device=...",
            counts=True,
        ),
        Switch(
            "torch.set_autocast_enabled",
            _autocast,
            _put_autocast,
            "with torch.autocast(...):",
            counts=True,
        ),
        Switch(
            "torch.use_deterministic_algorithms",
            torch.get_deterministic_debug_mode,
            torch.set_deterministic_debug_mode,
        ),
        Switch(
            "torch.autograd.set_detect_anomaly",
            lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
            lambda value: torch.autograd.set_detect_anomaly(*value),
            "with torch.autograd.detect_anomaly():",
        ),
        Switch("torch.set_num_threads", torch.get_num_threads, torch.set_num_threads),
        Switch(
            "torch.set_float32_matmul_precision",
            torch.get_float32_matmul_precision,
            torch.set_float32_matmul_precision,
        ),
        Switch(
            "torch.manual_seed",
            torch.initial_seed,
            torch.manual_seed,
            "with torch.random.fork_rng():",
        ),
    )


def of(profile):
    """The switches that concern an exercise of this ``profile``."""
    return OF_NUMPY + (of_torch() if profile == "torch" else ())


def named(names, profile):
    """The switches with these names, in the table's order; of others nothing."""
    return [row for row in of(profile) if row.name in names]
