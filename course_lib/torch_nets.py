"""LeNet and a small residual net, with switches for what chapters 6 to 8 taught.

Both are sequences of PyTorch's own layers, so that they can be printed, counted and taken apart.
Sources: LeCun, Bottou, Bengio and Haffner 1998 (LeNet; L1 l.31); He, Zhang, Ren and Sun 2016 (residual nets).
"""

import threading
from contextlib import contextmanager, nullcontext
from functools import cache

from course_lib.devices import require_torch
from course_lib.validation import fraction

INITIALISATIONS = ("PyTorch's own", "He", "Xavier", "1/n", "too small", "too large", "all alike")
CHANCE = threading.RLock()
SPREAD = {"too small": 0.01, "too large": 0.5}  # standard deviation of each weight, whatever the fan-in


@contextmanager
def seeded(seed, device=None):
    """Random numbers of PyTorch from ``seed`` on inside, the old ones again afterwards. ``None`` changes nothing.

    One thread at a time: PyTorch has one generator for all of them, and figures train in the background.
    """
    if seed is None:
        yield
        return
    torch = require_torch()
    with CHANCE, torch.random.fork_rng(devices=_cards(device)):
        torch.manual_seed(seed)
        yield


def _cards(device):
    return [device] if device is not None and device.type == "cuda" else []


def own_chance(seed, device=None):
    """Return a maker of contexts in which PyTorch draws from a stream that begins at ``seed``; ``None``: no change.

    Every context goes on where the one before ended, and the lock is held inside only: a training that draws in
    each step must not keep everybody else from drawing until its end.
    """
    if seed is None:
        return nullcontext
    torch, cards = require_torch(), _cards(device)

    def now():
        return torch.get_rng_state(), [torch.cuda.get_rng_state(card) for card in cards]

    with seeded(seed, device):
        state = now()

    @contextmanager
    def drawing():
        nonlocal state
        with CHANCE, torch.random.fork_rng(devices=cards):
            torch.set_rng_state(state[0])
            for card, its in zip(cards, state[1], strict=True):
                torch.cuda.set_rng_state(its, card)
            yield
            state = now()

    return drawing


def lenet(
    image_shape=(1, 8, 8), num_classes=10, batchnorm=False, drop_rate=0.0, initialisation="PyTorch's own", seed=None
):
    """Two convolutions with pooling, then fully connected layers; ReLU in place of LeCun's tanh.

    Images of 28 x 28 pixels and more get LeNet-5, layer for layer the network of ``layers.lenet`` and chapter 9: 5 x 5
    kernels, 6 and 16 feature maps, 120 and 84 units, images of 28 x 28 padded to 32 x 32 (61 706 parameters). Smaller
    ones, the digits of 8 x 8, get the *small LeNet*: 3 x 3 kernels that keep the size, 16 and 32 feature maps, one
    hidden layer of 64 (13 706 parameters).

    Args:
        image_shape: ``(channels, height, width)``.
        batchnorm: batch normalisation after each convolution, before ReLU (L4); the convolutions then have no bias.
        drop_rate: probability that a hidden unit is dropped.
        initialisation: one of ``INITIALISATIONS``.
        seed: whole number, or ``None`` for whatever PyTorch's generator gives.

    Returns:
        ``nn.Sequential`` that takes ``(N, *image_shape)`` and gives logits ``(N, num_classes)``.
    """
    nn = require_torch().nn
    channels, height, width = _image_shape(image_shape)
    fraction("drop_rate", drop_rate)
    small = min(height, width) < 28
    kernel, maps, hidden = (3, (16, 32), (64,)) if small else (5, (6, 16), (120, 84))
    paddings = (1, 1) if small else (max(0, (33 - min(height, width)) // 2), 0)
    with seeded(seed):
        layers, before = [], channels
        for number, padding in zip(maps, paddings, strict=True):
            layers += _convolution(before, number, kernel, batchnorm, padding=padding)
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
            before = number
            height, width = ((side + 2 * padding - kernel + 1) // 2 for side in (height, width))
        layers += [nn.Flatten()]
        before = before * height * width
        for number in hidden:
            layers += [nn.Linear(before, number), nn.ReLU()] + ([nn.Dropout(drop_rate)] if drop_rate else [])
            before = number
        return initialise(nn.Sequential(*layers, nn.Linear(before, num_classes)), initialisation)


def residual_net(
    image_shape=(1, 8, 8),
    num_classes=10,
    batchnorm=True,
    drop_rate=0.0,
    initialisation="PyTorch's own",
    seed=None,
    width=16,
):
    """One convolution, three residual blocks, the mean over the image, one linear layer.

    The second and third block halve the image and double the feature maps. Arguments as for ``lenet``; ``width`` is
    the number of feature maps in the first block.
    """
    nn = require_torch().nn
    channels, _, _ = _image_shape(image_shape)
    fraction("drop_rate", drop_rate)
    with seeded(seed):
        blocks = [
            residual_class()(before, after, stride, batchnorm)
            for before, after, stride in ((width, width, 1), (width, 2 * width, 2), (2 * width, 4 * width, 2))
        ]
        end = [nn.AdaptiveAvgPool2d(1), nn.Flatten()] + ([nn.Dropout(drop_rate)] if drop_rate else [])
        start = [*_convolution(channels, width, 3, batchnorm), nn.ReLU()]
        network = nn.Sequential(*start, *blocks, *end, nn.Linear(4 * width, num_classes))
        return initialise(network, initialisation)


NETWORKS = {"LeNet": lenet, "residual net": residual_net}


def _image_shape(image_shape):
    if len(image_shape) != 3 or min(image_shape) < 1 or min(image_shape[1:]) < 8:
        raise ValueError(
            f"image_shape must be (channels, height, width), 8 x 8 pixels or more, but it is {tuple(image_shape)}."
        )
    return tuple(image_shape)


def _convolution(channels, maps, kernel, batchnorm, stride=1, padding=None):
    """A convolution that keeps the image's size where ``padding`` is left out, and batch normalisation if wanted."""
    nn = require_torch().nn
    padding = kernel // 2 if padding is None else padding
    layer = nn.Conv2d(channels, maps, kernel, stride, padding, bias=not batchnorm)
    return [layer, nn.BatchNorm2d(maps)] if batchnorm else [layer]


@cache
def residual_class():
    """The class of the residual block, made when PyTorch is first needed."""
    nn = require_torch().nn

    class Residual(nn.Module):
        """Two 3 x 3 convolutions, added to what came in: relu(skip(x) + F(x))    (10.1)

        ``skip`` is the identity where the shape stays, else a 1 x 1 convolution. What comes back to x passes the outer
        ReLU and ``skip``, whatever F does.
        """

        def __init__(self, channels, maps, stride=1, batchnorm=True):
            super().__init__()
            first = [*_convolution(channels, maps, 3, batchnorm, stride), nn.ReLU()]
            self.F = nn.Sequential(*first, *_convolution(maps, maps, 3, batchnorm))
            same = channels == maps and stride == 1
            self.skip = nn.Identity() if same else nn.Sequential(*_convolution(channels, maps, 1, batchnorm, stride))

        def forward(self, x):
            return nn.functional.relu(self.skip(x) + self.F(x))  # (10.1)

    return Residual


def initialise(network, scheme):
    """Draw the weights of every convolution and linear layer anew; biases become 0. Returns ``network``.

    Args:
        scheme: one of ``INITIALISATIONS``. "PyTorch's own" leaves everything as it is: uniform with variance
            1 / (3 fan_in). "1/n": normal with variance 1 / fan_in. "all alike" sets every weight to 0.05.
    """
    torch = require_torch()
    if scheme not in INITIALISATIONS:
        raise ValueError(f"There is no initialisation {scheme!r}: choose one of {', '.join(INITIALISATIONS)}.")
    if scheme == INITIALISATIONS[0]:
        return network
    for layer in weighted_layers(network).values():
        weight = layer.weight
        if scheme == "He":
            torch.nn.init.kaiming_normal_(weight, nonlinearity="relu")
        elif scheme == "Xavier":
            torch.nn.init.xavier_normal_(weight)
        elif scheme == "1/n":
            torch.nn.init.kaiming_normal_(weight, nonlinearity="linear")
        elif scheme == "all alike":
            torch.nn.init.constant_(weight, 0.05)
        else:
            torch.nn.init.normal_(weight, std=SPREAD[scheme])
        if layer.bias is not None:
            torch.nn.init.zeros_(layer.bias)
    return network


def weighted_layers(network):
    """``{name: layer}`` of the convolutions and linear layers in their order, named as "conv 1", "linear 1", ..."""
    nn = require_torch().nn
    found = {}
    for kind, word in ((nn.Conv2d, "conv"), (nn.Linear, "linear")):
        layers = [layer for layer in network.modules() if isinstance(layer, kind)]
        found |= {f"{word} {number}": layer for number, layer in enumerate(layers, start=1)}
    return found


def num_parameters(network):
    """How many numbers are learned."""
    return sum(parameter.numel() for parameter in network.parameters())
