"""For exercises on PyTorch's own objects: numbers out of tensors, and what a call did to a model, for the record.

PyTorch is imported inside the functions, so that importing the checks stays quick.
"""

import numpy as np

from course_lib.checks.compare import Wrong, shaped


def numbers_of(value):
    """``value`` with every tensor in it as a NumPy array; everything else as it is."""
    if isinstance(value, (tuple, list)):
        return type(value)(numbers_of(item) for item in value)
    return value.detach().cpu().numpy() if _is_tensor(value) else value


def keeps_graph(value):
    """Whether a tensor in ``value`` holds on to the graph of its computation."""
    if isinstance(value, (tuple, list)):
        return any(map(keeps_graph, value))
    return _is_tensor(value) and bool(value.requires_grad)


def _is_tensor(value):
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")


def state_of(model):
    """Copies of all parameters and buffers, in their order."""
    return [value.detach().cpu().numpy().copy() for value in model.state_dict().values()]


def gradients_of(model):
    """The gradients of all parameters; where there is none, zeros, and one entry that says so."""
    return [
        np.append(np.zeros(p.numel()) if p.grad is None else p.grad.detach().cpu().numpy().ravel(), float(p.grad is None))
        for p in model.parameters()
    ]  # fmt: skip


def called(function, *given, model):
    """Call ``function`` and return its result with numbers for tensors.

    The record of the call also keeps what became of ``model``: parameters, gradients, mode, and whether a result
    keeps a graph. So two functions are alike only if they did the same to it.
    """
    result = function(*given)
    call, plain = function.calls[-1], numbers_of(result)
    modes = [float(module.training) for module in model.modules()]
    call.result = (plain, float(keeps_graph(result)), modes, state_of(model), gradients_of(model))
    return plain


def positive_number(value, what):
    """Return ``value`` as a float, or raise ``Wrong`` unless it is one finite number above 0."""
    value = shaped(value, (), what)
    if not value > 0:
        raise Wrong(f"{what[0].upper()}{what[1:]} must be larger than 0.", got=value)
    return float(value)
