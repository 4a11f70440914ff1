"""Mini-batches of images on the device where the network is."""

from course_lib.chapters.ch10_cnn_training.experiments.hardware import memory_ran_out
from course_lib.chapters.ch10_cnn_training.experiments.loading import cut
from course_lib.chapters.ch10_cnn_training.experiments.transforms import transformed
from course_lib.devices import require_torch
from course_lib.validation import count

LOADING = ("resident", "pinned", "plain")
FITS = 2_000_000_000  # bytes of images that are kept on the card


class Batches:
    """Mini-batches ``(x, y)`` of a data set, on the device; iterate over it once an epoch.

    Args:
        dataset: ``Dataset`` with ``x (N, channels, height, width)`` and labels ``y (N,)``.
        batch_size: samples in a batch; the last one holds what is left.
        device: ``torch.device``.
        seed: shuffles anew in every epoch, from this seed on; ``None``: in the order of the data.
        channels_last: images in the memory order in which a card's convolutions are quickest.
        loading: "resident": all images are moved to the device once. "pinned": each batch is put into page-locked
            memory by a thread of the ``DataLoader`` and copied from there while the card computes. "plain": each
            batch is copied, and waited for. ``None``: resident where the images fit, else pinned.
        augment: transforms of a batch, drawn anew in every epoch; they run on the device.
        say: gets a sentence when resident images do not fit into the device's memory and are pinned instead.
    """

    def __init__(
        self, dataset, batch_size, device, seed=None, channels_last=False, loading=None, augment=(), say=print
    ):
        torch = require_torch()
        self.batch_size, self.device = count("batch_size", batch_size), device
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.x = torch.as_tensor(dataset.x, dtype=torch.float32)
        self.y = torch.as_tensor(dataset.y, dtype=torch.int64)
        if loading not in (None, *LOADING):
            raise ValueError(f"loading must be one of {', '.join(LOADING)}, but it is {loading!r}.")
        self.loading = loading or ("resident" if self.x.numel() * 4 <= FITS else "pinned")
        if self.loading == "resident":
            self._move_all(say)
        self.augment, self.generator = augment, None if seed is None else torch.Generator().manual_seed(seed)
        self.chance = torch.Generator().manual_seed((seed or 0) + 1)  # of the transforms, whatever the order draws

    def _move_all(self, say):
        try:
            self.x, self.y = self.x.to(self.device), self.y.to(self.device)
        except RuntimeError as error:
            if not memory_ran_out(error):
                raise
            say(
                f"The {len(self.x)} images do not fit into the memory of {self.device}: they stay in the computer's "
                "memory, and each batch is copied."
            )
            self.loading = "pinned"

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def of_each_size(self):
        """Images of a full batch and, where it is smaller, of the last one; the order of the samples is not drawn."""
        sizes = (min(self.batch_size, len(self.x)), len(self.x) % self.batch_size)
        return [self._move(self.x[:size], True) for size in dict.fromkeys(sizes) if size]

    def __iter__(self):
        torch = require_torch()
        if self.generator is None:
            order = torch.arange(len(self.x))
        else:
            order = torch.randperm(len(self.x), generator=self.generator)
        pieces = order.to(self.x.device).split(self.batch_size)
        for x, y in self._pieces(pieces):
            x = transformed(self._move(x, True), self.augment, self.chance)  # (10.8)
            yield x.contiguous(memory_format=self.format), self._move(y, False)

    def _pieces(self, pieces):
        if self.loading == "resident":
            return ((self.x[piece], self.y[piece]) for piece in pieces)
        return cut(self.x, self.y, pieces, pin=self._pinned)

    @property
    def _pinned(self):
        return self.loading == "pinned" and self.device.type == "cuda"

    def _move(self, part, images):
        """``part`` on the device; the copy from page-locked memory runs while the card computes."""
        order = {"memory_format": self.format} if images else {}
        return part.to(self.device, non_blocking=self._pinned, **order)
