"""Training a network on images: one loop for the CPU and for a card, with a stop button and a history.

On a card: mixed precision, channels-last memory, a compiled network, batches that fit. It runs on the CPU too.
PyTorch's switches for TF32 are left as they are (``throughput.float32_products`` tells).
"""

import math
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.chapters.ch10_cnn_training.experiments.hardware import (
    autocast,
    compiled,
    layout,
    memory_ran_out,
    native_settings,
)
from course_lib.chapters.ch10_cnn_training.experiments.settings import Settings, make_optimizer, rate_factor
from course_lib.devices import device_clock, pick_device, require_torch
from course_lib.torch_nets import num_parameters, own_chance, weighted_layers


class Score(NamedTuple):
    """Mean loss and accuracy over the samples."""

    loss: float
    accuracy: float


class Epoch(NamedTuple):
    """What one epoch gave: running scores while training, scores on the validation images, gradient norms by layer."""

    train: Score
    validation: Score
    gradient_norms: dict
    seconds: float


class History(NamedTuple):
    """``epochs`` so far; the ``batch_size`` that fitted; ``diverged`` if the loss left the numbers."""

    epochs: tuple
    batch_size: int
    diverged: bool = False

    @property
    def accuracy(self):
        """Accuracy on the validation images at the end, 0 if there was no epoch."""
        return self.epochs[-1].validation.accuracy if self.epochs else 0.0

    def curve(self, part, score):
        """One number an epoch: ``part`` "train" or "validation", ``score`` "loss" or "accuracy"."""
        return [getattr(getattr(epoch, part), score) for epoch in self.epochs]


def same_device(network, x):
    """Raise ``ValueError`` with a sentence if network and images lie on different devices."""
    parameter = next(network.parameters(), None)
    if parameter is not None and parameter.device != x.device:
        raise ValueError(
            f"The network is on {parameter.device} and the images are on {x.device}: move one of them, "
            "network.to(x.device)."
        )


@contextmanager
def evaluating(network):
    """Evaluation mode inside; afterwards each module has its own mode again, which another one may not share."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def evaluate(network, batches, precision="float32"):
    """Mean loss and accuracy of ``network`` over all samples of ``batches``.

    In evaluation mode (dropout off, batchnorm with its running statistics) and without a graph; afterwards every module
    is in its own mode again, so that a frozen batchnorm stays frozen. Every sample counts the same, whatever the size
    of its batch:

        accuracy = 1/N sum_i [argmax_c z_ic = y_i]    (10.3)

    Raises ``ValueError`` for a network and images on different devices.
    """
    torch = require_torch()
    loss = right = seen = 0
    with evaluating(network), torch.inference_mode():
        for x, y in batches:
            same_device(network, x)
            with autocast(x.device, precision):
                logits = network(x).float()
            loss = loss + torch.nn.functional.cross_entropy(logits, y, reduction="sum")
            right = right + (logits.argmax(dim=1) == y).sum()
            seen += len(y)
    return Score(float(loss) / seen, float(right) / seen)  # (10.3)


def score_on_test(network, images, precision="float32"):
    """``evaluate`` on the test images, on the network's device: once, at the end, when nothing is left to choose."""
    device = next(network.parameters()).device
    return evaluate(network, Batches(images.test, 256, device), precision)


def train_network(network, images, settings=None, device=None, on_epoch=None, should_stop=None, say=print):
    """Train ``network`` in place and return its ``History``.

    The loss of a batch of m samples with logits z is the mean cross-entropy

        L = -1/m sum_i log softmax(z_i)_{y_i}    (10.2)

    A batch that does not fit on the card is halved, and training starts again, with one sentence.

    Args:
        network: an ``nn.Module`` that gives logits.
        images: ``Images``; those of ``images.test`` are not looked at.
        settings: ``Settings``.
        device: ``torch.device``; left out, ``pick_device()``.
        on_epoch: called as ``on_epoch(history)`` after every epoch.
        should_stop: ``() -> bool``, asked before every batch; what was learned until then stays.
        say: gets a sentence when something is done otherwise than asked for.
    """
    torch = require_torch()
    device = device or pick_device()
    settings = native_settings(settings or Settings(), device, say)
    _move(network, device, settings)
    start = {name: value.detach().clone().cpu() for name, value in network.state_dict().items()}
    while True:
        try:
            return _train(network, images, settings, device, on_epoch, should_stop or bool, say)
        except RuntimeError as error:
            if not memory_ran_out(error):
                raise
        # Outside of the except clause: the exception's traceback would keep the tensors that did not fit.
        settings = _smaller(settings, device, say)
        network.zero_grad(set_to_none=True)
        network.load_state_dict(start)
        if device.type == "cuda":
            torch.cuda.empty_cache()


def _move(network, device, settings):
    """Move the network to ``device``; where its weights alone do not fit, say that, and neither data nor batch."""
    try:
        network.to(device, **layout(settings.channels_last))
    except RuntimeError as error:
        if not memory_ran_out(error):
            raise
        size = 4 * num_parameters(network) / 1e6
        raise MemoryError(
            f"The network does not fit into the memory of {device}: its parameters alone are {size:,.0f} MB, and their "
            "gradients and the optimizer's state are as large again: take a smaller network."
        ) from None


def _smaller(settings, device, say):
    if settings.batch_size == 1:
        raise MemoryError(
            f"Not even one image at a time fits into the memory of {device}, and the data set is not kept there: "
            "take a smaller network."
        )
    half = settings.batch_size // 2
    say(
        f"A batch of {settings.batch_size} does not fit into the memory of {device}: starting again with {half}, twice "
        "as many steps an epoch at the same learning rate."
    )
    return replace(settings, batch_size=half)


def make_step(network, batches, settings, say=print):
    """Return ``step(x, y, learning_rate) -> (loss, logits)``: one update of ``network`` as ``settings`` ask for it."""
    torch, device = require_torch(), batches.device
    forward = compiled(network, batches, settings.precision, say) if settings.compile else network
    optimizer = make_optimizer(network, settings)
    drawing = own_chance(settings.seed if _has_dropout(network) else None, device)
    # Gradients in float16 underflow: they are scaled up before, down after. bfloat16 has float32's range.
    scaler = torch.amp.GradScaler(device.type, enabled=settings.precision == "float16")

    def step(x, y, learning_rate):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        optimizer.zero_grad(set_to_none=True)
        with drawing(), autocast(device, settings.precision):
            logits = forward(x)
            loss = torch.nn.functional.cross_entropy(logits, y)  # (10.2)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return loss.detach(), logits.detach()

    return step


def _has_dropout(network):
    """Only dropout draws from PyTorch's one generator while training."""
    return any("Dropout" in type(module).__name__ for module in network.modules())


def _train(network, images, settings, device, on_epoch, should_stop, say):
    last, augment = settings.channels_last, settings.augment
    train = Batches(images.train, settings.batch_size, device, settings.seed, last, augment=augment, say=say)
    validation = Batches(images.validation, 4 * settings.batch_size, device, channels_last=last, say=say)
    step = make_step(network, train, settings, say)
    epochs, t, num_steps = [], 0, settings.num_epochs * len(train)
    clock = device_clock(device)
    while len(epochs) < settings.num_epochs:
        network.train()
        begin, loss_sum, right, seen = clock(), 0.0, 0, 0
        for x, y in train:
            if should_stop():
                return History(tuple(epochs), settings.batch_size)
            t += 1
            loss, logits = step(x, y, settings.learning_rate * rate_factor(settings.schedule, t, num_steps))
            loss_sum += loss * len(y)
            right += (logits.argmax(dim=1) == y).sum()
            seen += len(y)
        score = Score(float(loss_sum) / seen, float(right) / seen)  # waits for the card, once an epoch
        seconds, norms = clock() - begin, gradient_norms(network)
        epochs.append(Epoch(score, evaluate(network, validation, settings.precision), norms, seconds))
        history = History(tuple(epochs), settings.batch_size, not math.isfinite(score.loss))
        if on_epoch:
            on_epoch(history)
        if history.diverged:
            break
    return history


def gradient_norms(network):
    """``{layer: norm of its weights' gradient}`` in the last step, in the order of the layers."""
    layers = weighted_layers(network).items()
    return {name: float(layer.weight.grad.norm()) for name, layer in layers if layer.weight.grad is not None}
