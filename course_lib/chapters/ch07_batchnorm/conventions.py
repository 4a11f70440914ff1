"""Conventions of chapters 7 and 8: running statistics of batch normalisation, and the p of dropout."""

import numpy as np

from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch
from course_lib.layers import BatchNorm, Dropout

BATCH = np.array([[8.0], [9.0], [11.0], [12.0]])
ENTRIES, P = 100_000, 0.8


def _trained(layer):
    """Output in training, running mean and variance after it, and the output at inference, each for one batch."""
    y = layer.forward(BATCH, training=True)[0, 0]
    return y, layer.running_mean[0], layer.running_var[0], layer.forward(BATCH)[0, 0]


def _torch_trained(torch, momentum):
    layer = torch.nn.BatchNorm1d(1, momentum=momentum)
    y = layer(torch.tensor(BATCH))[0, 0].item()
    mean, var = layer.running_mean.item(), layer.running_var.item()
    return y, mean, var, layer.eval()(torch.tensor(BATCH))[0, 0].item()


NAMES = "first output in training", "running mean", "running variance", "first output at inference"


@by_pytorch
def _torch_batch_norm(torch):
    return _torch_trained(torch, 0.1)


@by_pytorch
def _torch_momentum(torch):
    return _torch_trained(torch, 0.9)


def _biased():
    biased = BatchNorm(1, unbiased_running_var=False)
    return tuple(map(Row, NAMES, _trained(BatchNorm(1)), _trained(biased)))


def _decay_or_momentum():
    return tuple(map(Row, NAMES, _trained(BatchNorm(1, running_decay=0.9)), _torch_momentum()))


def _kept(y):
    """Share of entries kept, and what a kept 1 becomes."""
    return np.count_nonzero(y) / y.size, y.max()


@by_pytorch
def _torch_dropout(torch):
    y = torch.nn.Dropout(P)(torch.ones(ENTRIES)).numpy()
    return *_kept(y), y.mean()


def _keep_or_drop():
    def numbers(drop_rate):
        y = Dropout(drop_rate, np.random.default_rng(0)).forward(np.ones(ENTRIES), training=True)
        return *_kept(y), y.mean()

    names = "share of entries kept", "what a kept 1 becomes", "mean output"
    return tuple(map(Row, names, numbers(P), numbers(1 - P), (2, 3, 1)))


CONVENTIONS = (
    Convention(
        id="V-07-1",
        topic="Running variance of batch normalisation: unbiased or biased (E48)",
        ours="unbiased: Ioffe and Szegedy, PyTorch; `BatchNorm`",
        theirs="biased, as in training: L4's 1/n; `BatchNorm(unbiased_running_var=False)`",
        why="One batch of 4. In training everybody divides by the biased variance; what is kept for inference is "
        "m / (m - 1) times as large, which matters for small batches.",
        compare=_biased,
        agree=("first output in training", "running mean"),
        confirmed=_torch_batch_norm,
    ),
    Convention(
        id="V-07-2",
        topic="What 0.9 means for the running statistics",
        ours="weight of the past: `BatchNorm(running_decay=0.9)`",
        theirs="weight of the present: PyTorch, `BatchNorm1d(momentum=0.9)`",
        why="running_decay = 1 - momentum: the same number in both is two different methods. PyTorch's default, 0.1, "
        "is our 0.9.",
        compare=_decay_or_momentum,
        agree=("first output in training",),
    ),
    Convention(
        id="V-08-1",
        topic="The p of dropout (E50)",
        ours="probability to drop: PyTorch `Dropout(p=0.8)`, Keras; `Dropout(drop_rate=0.8)`",
        theirs="probability to keep: L4, CS231n with p = 0.8; `Dropout(drop_rate=0.2)`",
        why="All scale what is kept by 1 / (probability to keep), so the mean stays.",
        compare=_keep_or_drop,
        nearly=("mean output",),
        confirmed=_torch_dropout,
    ),
)
