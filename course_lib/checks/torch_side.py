"""Exercises about PyTorch: tensors, models and optimizers among what a function is given (``profile="torch"``).

Data is handed over as copies, as arrays are. What has a state that the function is there to change (a model, an
optimizer, a ``Parameter``, a tensor that requires a gradient) is handed over itself: checks look at it after the call,
here as in grading.
PyTorch is imported when the first such exercise runs, not before. Its random numbers are those of the CPU here:
``torch.manual_seed`` notes for every other device the whole stack of calls, which takes longer than many a check.
"""

import contextlib
from zlib import crc32

import torch

from course_lib.checks.calls import Recorder
from course_lib.checks.compare import plain


def has_state(value):
    """Whether a function is given ``value`` itself, so that what it does to it is seen."""
    return isinstance(value, torch.nn.Parameter) or (isinstance(value, torch.Tensor) and value.requires_grad)


def handed(value):
    """What the function gets for an argument: copies of data, and what has a state itself."""
    if has_state(value):
        return value
    if type(value) in (tuple, list):
        return type(value)([handed(item) for item in value])
    if type(value) is dict:
        return {key: handed(item) for key, item in value.items()}
    return plain(value)


def state_of(*values):
    """The state of models, optimizers and tensors as nested lists of numbers, tensors and ``None``, to be compared.

    Of tensors: values, ``requires_grad``, ``.grad``; of models: these of each parameter and buffer, and ``training`` of
    each module; of optimizers: settings and state of each group. Everything else in ``values`` is left out.
    """
    found = []
    for value in values:
        if isinstance(value, torch.nn.Module):
            modules = list(value.modules())
            found.append([float(module.training) for module in modules])
            for module in modules:
                found += [_tensor(t) for t in (*module._parameters.values(), *module._buffers.values())]
        elif isinstance(value, torch.optim.Optimizer):
            for group in value.param_groups:
                found.append([float(item) for item in group.values() if type(item) in (int, float, bool)])
                for parameter in group["params"]:
                    state = value.state.get(parameter, {})
                    found.append([_tensor(item) for _, item in sorted(state.items())])
        elif has_state(value):
            found.append(_tensor(value))
        elif type(value) in (list, tuple):
            found.append(state_of(*value))
    return found


def form_of(*values):
    """What calls leave as it is in models and optimizers: names, shapes and types of what is in them."""
    found = []
    for value in values:
        if isinstance(value, torch.nn.Module):
            for module in value.modules():
                found.append(type(module))
                for tensors in (module._parameters, module._buffers):
                    found += [(k, None if t is None else (t.shape, t.dtype, type(t))) for k, t in tensors.items()]
        elif isinstance(value, torch.optim.Optimizer):
            for group in value.param_groups:
                found += [(key, type(item)) for key, item in sorted(group.items())]
                found.append([(p.shape, p.dtype) for p in group["params"]])
    return found


def _tensor(value):
    if not isinstance(value, torch.Tensor):
        return float(value) if isinstance(value, (int, float)) else None
    grad = value.grad if value.is_leaf else None
    return [plain(value.detach()), float(value.requires_grad), None if grad is None else plain(grad)]


class TorchRecorder(Recorder):
    """A ``Recorder`` for functions of models and optimizers.

    Each call finds PyTorch's random numbers at the same place in the notebook and in grading, and leaves those of the
    check alone. ``Call.state`` is the state of what was given, after the call.
    """

    profile = "torch"

    def __init__(self, function, mode, watched=True):
        super().__init__(function, watched)
        self.mode, self.form = mode, None

    def hand(self, given):
        self.form = form_of(*given)
        return tuple(handed(value) for value in given)

    def invoke(self, arguments):
        chance = torch.get_rng_state()
        torch.default_generator.manual_seed(len(self.calls))
        self.mode.enter()
        try:
            return super().invoke(arguments)
        finally:
            Mode().enter()
            torch.set_rng_state(chance)

    def note(self, call):
        call.state = state_of(*call.given)
        self.spoiled = self.spoiled or form_of(*call.given) != self.form


class Mode:
    """What a learner has set for the whole of PyTorch; a check runs with PyTorch's own settings in its place."""

    def __init__(self, gradients=True, dtype=torch.float32):
        self.gradients, self.dtype = gradients, dtype

    def enter(self):
        torch.set_grad_enabled(self.gradients)
        torch.set_default_dtype(self.dtype)

    def leave(self):
        self.gradients, self.dtype = torch.is_grad_enabled(), torch.get_default_dtype()
        Mode().enter()


@contextlib.contextmanager
def trial(function, seed, title, learners):
    """A ``TorchRecorder`` of ``function``; PyTorch's random numbers inside depend on the seed and the title only.

    ``learners``: whether the function is a learner's, so that what it sets for the whole of PyTorch stays set.
    """
    outside, chance = Mode(), torch.get_rng_state()
    outside.leave()
    mode = outside if learners else Mode()
    try:
        torch.default_generator.manual_seed(crc32(f"{seed} {title}".encode()))
        yield TorchRecorder(function, mode, learners)
    finally:
        outside.enter()
        torch.set_rng_state(chance)
