"""Data as other programs load it: a Dataset that gives one example, and PyTorch's DataLoader that makes batches."""

import time

from course_lib.chapters.ch10_cnn_training.experiments.transforms import transformed
from course_lib.devices import require_torch
from course_lib.validation import count


class ImageSet:
    """What ``torch.utils.data.DataLoader`` asks for: a length, and the example at an index.

    Args:
        dataset: ``Dataset`` with ``x (N, channels, height, width)`` and labels ``y (N,)``.
        augment: transforms of training images, drawn anew whenever an image is taken. They draw from PyTorch's
            generator, of which every worker has its own; a NumPy generator kept here would be *copied* into the
            workers, and all of them would draw alike.
    """

    def __init__(self, dataset, augment=()):
        self.dataset, self.augment = dataset, augment

    def __len__(self):
        return len(self.dataset.x)

    def __getitem__(self, index):
        """``(image (channels, height, width) float32, label)``."""
        torch = require_torch()
        x = torch.as_tensor(self.dataset.x[index], dtype=torch.float32)
        return transformed(x[None], self.augment)[0], int(self.dataset.y[index])  # (10.8)


def loader(dataset, batch_size, seed=None, augment=(), num_workers=0, pin=False):
    """A ``DataLoader``: iterate over it once an epoch for ``(x (m, channels, height, width), y (m,))``.

    Args:
        seed: shuffles anew in every epoch, from this seed on; ``None``: in the order of the data.
        augment: transforms, see ``ImageSet``.
        num_workers: processes that prepare batches meanwhile; 0: the training waits for every batch.
        pin: put batches into page-locked memory, from where a card copies while it computes; a thread does it.
    """
    torch = require_torch()
    return torch.utils.data.DataLoader(
        ImageSet(dataset, augment),
        count("batch_size", batch_size),
        shuffle=seed is not None,
        generator=torch.Generator().manual_seed(seed or 0),
        num_workers=count("num_workers", num_workers, 0),
        persistent_workers=num_workers > 0,
        pin_memory=pin,
    )


def seconds_an_epoch(batches):
    """Seconds that it takes to go through ``batches`` once, without training; the second time counts, when workers run.

    Reads the clock on the wall: workers are other processes.
    """
    for _ in range(2):
        start = time.perf_counter()
        for _ in batches:
            pass
    return time.perf_counter() - start


def cut(x, y, pieces, pin):
    """``(x[piece], y[piece])`` for each of ``pieces``, tensors of indices, prepared in the computer's memory."""
    data = require_torch().utils.data
    one_at_a_time = {"batch_size": None, "sampler": [piece.tolist() for piece in pieces]}
    chance = require_torch().Generator()  # left out, the DataLoader would draw from PyTorch's one generator
    return data.DataLoader(data.TensorDataset(x, y), **one_at_a_time, generator=chance, pin_memory=pin)
