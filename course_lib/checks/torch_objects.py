"""For exercises on PyTorch's own objects: what became of a model, and numbers that must be positive.

Needs PyTorch for its arguments only, so that importing the checks stays quick.
"""

import numpy as np

from course_lib.checks.compare import Wrong, close, shaped


def keeps_graph(value):
    """Whether a tensor in ``value`` holds on to the graph of its computation."""
    if isinstance(value, (tuple, list)):
        return any(map(keeps_graph, value))
    return bool(getattr(value, "requires_grad", False))


def state_of(model):
    """Copies of all parameters and buffers as arrays, in their order."""
    return [np.array(value.detach().cpu().numpy()) for value in model.state_dict().values()]


def same_state(model, expected, what):
    """Raise ``Wrong`` unless all parameters and buffers have the values of ``expected``."""
    for got, wanted in zip(state_of(model), expected, strict=True):
        close(got, wanted, what)


def positive_number(value, what):
    """Return ``value`` as a float, or raise ``Wrong`` unless it is one finite number above 0."""
    value = shaped(value, (), what)
    if not value > 0:
        raise Wrong(f"{what[0].upper()}{what[1:]} must be larger than 0.", got=value)
    return float(value)
