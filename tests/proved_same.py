"""Mutants that are said to compute the same, tried on a thousand random inputs each.

    python -m tests.proved_same [03-4 ...] [--inputs 1000]

``same_mutants.py`` gives a reason for every mutant of a solution that the checks let pass. Here the mutant and the
solution get the same inputs, from the whole domain that the statement allows: other sizes, strides, paddings and
magnitudes than a check draws, ties, zeros, one row and one column. What comes out, and what became of the arguments,
must agree. A reason that is refuted is a hole in the checks. By hand or at night; it ends with 1 if one is.
"""

import argparse
import sys

import numpy as np

from tests import mutants
from tests.wide_inputs import WIDE


def listed(ids=()):
    """``(id, source of the solution, source of the mutant, set-up, reason)`` of every mutant that has a reason."""
    for id, (source, setup) in mutants.solutions().items():
        if id in {known for known, _ in mutants.REASONS} and (not ids or any(id.startswith(one) for one in ids)):
            for mutant in mutants.mutants(source):
                reason = mutants.REASONS.get((id, mutants.changed(source, mutant)))
                if reason:
                    yield id, source, mutant, setup, reason


def refuted(id, source, mutant, setup, seeds):
    """The first of the seeds whose inputs tell mutant and solution apart, or ``None``."""
    name = source.split("(")[0].removeprefix("def ").strip()
    right, other = (mutants.function_of(text, setup, name) for text in (source, mutant))
    return next((seed for seed in seeds if not _alike(_seen(right, id, seed), _seen(other, id, seed))), None)


def _seen(function, id, seed):
    """All that can be seen of one call: what came out or was raised, and what became of the arguments."""
    given = WIDE[id](np.random.default_rng(seed))
    with np.errstate(all="ignore"):
        try:
            result = function(*given)
        except Exception as error:
            result = type(error).__name__
    return [_plain(result), _plain(given)]


def _plain(value):
    """Arrays in lists: of tensors, models and what holds them, too; of functions their points of asking."""
    if hasattr(value, "detach"):
        return value.detach().numpy()
    if hasattr(value, "state_dict"):
        modes = [module.training for module in value.modules()] if hasattr(value, "modules") else []
        return [_plain(list(value.state_dict().values())), modes]
    if isinstance(value, dict):
        return _plain(list(value.values()))
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if callable(value):
        return _plain(getattr(value, "asked", []))
    return value if isinstance(value, str) else np.asarray(value)


def _alike(one, other):
    """Whether two such trees hold the same numbers up to rounding."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, list) or isinstance(other, list):  # a list of rows, and an array of them
        one, other = (
            value if isinstance(value, list) else list(value) if np.ndim(value) else [] for value in (one, other)
        )
        return len(one) == len(other) and all(
            _alike(np.asarray(a), np.asarray(b)) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, str) or isinstance(other, str) or one.dtype.kind in "OU":
        return bool(np.array_equal(one, other))
    return one.shape == other.shape and np.allclose(one.astype(float), other.astype(float), 1e-9, 1e-12, equal_nan=True)


def main(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--inputs", type=int, default=1000)
    given, lost, tried = parser.parse_args(arguments), 0, 0
    for id, source, mutant, setup, reason in listed(given.ids):
        inputs = (
            given.inputs // 10 if id.startswith("10") else given.inputs
        )  # those with a model take ten times as long
        seed, tried = refuted(id, source, mutant, setup, range(inputs)), tried + 1
        if seed is not None:
            lost += 1
            print(f"{id}: {reason!r} is refuted by input {seed}: {mutants.changed(source, mutant)}", flush=True)
    print(f"{tried} mutants that are said to compute the same, {lost} of them do not")
    return lost


if __name__ == "__main__":
    sys.exit(main() > 0)
