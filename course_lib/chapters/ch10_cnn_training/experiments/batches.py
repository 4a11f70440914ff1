"""Mini-batches of images on the device where the network is."""

from course_lib.chapters.ch10_cnn_training.experiments.hardware import memory_ran_out
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
        loading: "resident": all images are moved to the device once. "pinned": each batch is copied from
            page-locked memory while the card computes. "plain": each batch is copied, and waited for. ``None``:
            resident where the images fit, else pinned.
        say: gets a sentence when resident images do not fit into the device's memory and are pinned instead.
    """

    def __init__(self, dataset, batch_size, device, seed=None, channels_last=False, loading=None, say=print):
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
        self.generator = None if seed is None else torch.Generator().manual_seed(seed)

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
        for piece in order.to(self.x.device).split(self.batch_size):
            yield self._move(self.x[piece], True), self._move(self.y[piece], False)

    def _move(self, part, images):
        """``part`` on the device; the copy from page-locked memory runs while the card computes."""
        pinned = self.loading == "pinned" and self.device.type == "cuda"
        if pinned:
            part = part.pin_memory()
        layout = {"memory_format": self.format} if images else {}
        return part.to(self.device, non_blocking=pinned, **layout)
