"""Augmentation in PyTorch: of one image in a data set's ``__getitem__``, or of a whole batch on the device.

What they compute is ``course_lib.data.shifted`` and ``flipped``.
"""

from dataclasses import dataclass

from course_lib.devices import require_torch
from course_lib.validation import count, fraction


@dataclass(frozen=True)
class RandomShift:
    """Each image moved by up to ``most`` pixels down and right; what comes in repeats the pixels of the edge."""

    most: int = 2

    def __post_init__(self):
        count("most", self.most, 0)

    def __call__(self, x, chance=None):
        """``x (N, channels, H, W)``, drawn from ``chance``, a ``torch.Generator``, or from PyTorch's one generator."""
        size = (2, len(x), 1)
        down, right = require_torch().randint(-self.most, self.most + 1, size, generator=chance).to(x.device)
        return shifted(x, down, right)


@dataclass(frozen=True)
class RandomFlip:
    """Each image mirrored left to right with ``probability``."""

    probability: float = 0.5

    def __post_init__(self):
        fraction("probability", self.probability)

    def __call__(self, x, chance=None):
        """``x (N, channels, H, W)``, drawn as in ``RandomShift``."""
        torch = require_torch()
        chosen = torch.rand(len(x), generator=chance).to(x.device) < self.probability
        return torch.where(chosen[:, None, None, None], x.flip(-1), x)


def shifted(x, down, right):
    """``course_lib.data.shifted`` on the device: ``x (N, channels, H, W)``, whole numbers ``(N, 1)``."""
    torch = require_torch()
    (height, width), each = x.shape[-2:], torch.arange(len(x), device=x.device)[:, None, None]
    rows = (torch.arange(height, device=x.device) - down).clamp(0, height - 1)[:, :, None]
    columns = (torch.arange(width, device=x.device) - right).clamp(0, width - 1)[:, None, :]
    return x[each, :, rows, columns].movedim(-1, 1)


def transformed(x, augment, chance=None):
    """``x (N, channels, H, W)`` after all of ``augment``, in their order."""
    for transform in augment:
        x = transform(x, chance)
    return x
