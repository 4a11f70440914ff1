"""Numbers that PyTorch computed, stored so that a page shows them also where PyTorch is missing.

``@by_pytorch`` turns ``measure(torch) -> numbers`` into a function without arguments that reads the stored
numbers. The tests measure each anew; ``python -m course_lib.claims.pytorch_numbers`` measures and stores all.
"""

import json
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

from course_lib.chapters import parts

STORE = Path(__file__).with_suffix(".json")
MEASUREMENTS: dict[str, Callable] = {}


def by_pytorch(measure):
    """Register ``measure(torch) -> list of numbers``; return a function that reads them from the store.

    Raises (the returned function):
        LookupError: nothing is stored for it yet.
    """
    name = f"{measure.__module__.removeprefix('course_lib.chapters.')}.{measure.__name__.lstrip('_')}"
    MEASUREMENTS[name] = measure

    @wraps(measure)
    def stored():
        numbers = read_store()["numbers"]
        if name not in numbers:
            raise LookupError(
                f"PyTorch's numbers for {name} are not stored: run python -m course_lib.claims.pytorch_numbers"
            )
        return numbers[name]

    return stored


def read_store():
    """``{"version": of PyTorch, "numbers": {name: [number, ...]}}``."""
    return json.loads(STORE.read_text(encoding="utf-8"))


@contextmanager
def float64(torch):
    """Make float64 the default type: NAdam and ASGD keep a tensor of it, whatever the parameters are."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def measured(name):
    """Run the measurement ``name`` with PyTorch, in float64 and from seed 0; return a list of floats."""
    import torch

    with float64(torch), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [float(number) for number in MEASUREMENTS[name](torch)]


def write_store():
    """Measure all and store them."""
    import torch

    parts("conventions")  # registers their measurements
    content = {
        "version": torch.__version__.partition("+")[0],
        "numbers": {name: measured(name) for name in sorted(MEASUREMENTS)},
    }
    STORE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def walk(torch, make_optimizer, gradient, start, num_steps):
    """Where ``make_optimizer([theta])`` is after ``num_steps`` steps along ``gradient`` (a function on arrays)."""
    theta = torch.tensor(start, requires_grad=True)
    optimizer = make_optimizer([theta])
    for _ in range(num_steps):
        theta.grad = torch.tensor(gradient(theta.detach().numpy().copy()))
        optimizer.step()
    return theta.detach().numpy()


if __name__ == "__main__":
    from course_lib.claims.pytorch_numbers import write_store as write  # in the module that the chapters know

    write()
