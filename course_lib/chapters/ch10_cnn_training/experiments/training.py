"""Training a network on images: one loop for the CPU and for a card, with a stop button and a history.

On a card: mixed precision, channels-last memory, a compiled network, batches that fit. It runs on the
CPU too, with smaller sizes. PyTorch's switches for TF32 are left as they are (``throughput.float32_products`` tells).
"""

import math
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import NamedTuple

from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.devices import device_clock, pick_device, require_torch
from course_lib.torch_nets import own_chance, seeded, weighted_layers
from course_lib.validation import count, non_negative, positive

OPTIMIZERS = ("SGD", "momentum", "Nesterov", "RMSprop", "Adam", "AdamW")
SCHEDULES = ("constant", "cosine", "one cycle")
PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes:
        num_epochs, batch_size, learning_rate: of the run; with a schedule ``learning_rate`` is the largest one.
        optimizer: one of ``OPTIMIZERS``.
        weight_decay: PyTorch's argument: an L2 penalty, decoupled for AdamW.
        schedule: "constant", "cosine" (down to 0), or "one cycle" (up for 30 % of the steps, then down).
        precision: of the forward pass; the weights stay float32.
        channels_last, compile: layouts and kernels for a card.
        seed: of the order of the samples and of dropout.
    """

    num_epochs: int = 10
    batch_size: int = 64
    optimizer: str = "Adam"
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    schedule: str = "one cycle"
    precision: str = "float32"
    channels_last: bool = False
    compile: bool = False
    seed: int = 0

    def __post_init__(self):
        count("num_epochs", self.num_epochs)
        count("batch_size", self.batch_size)
        positive("learning_rate", self.learning_rate)
        non_negative("weight_decay", self.weight_decay)
        for name, choices in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES), ("precision", PRECISIONS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, but it is {getattr(self, name)!r}.")


class Score(NamedTuple):
    """Mean loss and accuracy over the samples."""

    loss: float
    accuracy: float


class Epoch(NamedTuple):
    """What one epoch gave: running scores while training, scores on the test images, gradient norm of each layer."""

    train: Score
    test: Score
    gradient_norms: dict
    seconds: float


class History(NamedTuple):
    """``epochs`` so far; the ``batch_size`` that fitted; ``diverged`` if the loss left the numbers."""

    epochs: tuple
    batch_size: int
    diverged: bool = False

    @property
    def accuracy(self):
        """Accuracy on the test images at the end, 0 if there was no epoch."""
        return self.epochs[-1].test.accuracy if self.epochs else 0.0

    def curve(self, part, score):
        """One number an epoch: ``part`` "train" or "test", ``score`` "loss" or "accuracy"."""
        return [getattr(getattr(epoch, part), score) for epoch in self.epochs]


def make_optimizer(network, settings):
    """The optimizer that ``settings`` name, for the parameters of ``network``."""
    optim = require_torch().optim
    kinds = {
        "SGD": (optim.SGD, {}),
        "momentum": (optim.SGD, {"momentum": 0.9}),
        "Nesterov": (optim.SGD, {"momentum": 0.9, "nesterov": True}),
        "RMSprop": (optim.RMSprop, {}),
        "Adam": (optim.Adam, {}),
        "AdamW": (optim.AdamW, {}),
    }
    kind, values = kinds[settings.optimizer]
    return kind(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, **values)


def rate_factor(schedule, t, num_steps):
    """By what the learning rate of update ``t`` = 1, ..., ``num_steps`` is multiplied."""
    if schedule == "constant":
        return 1.0
    rise = 0.3 * num_steps if schedule == "one cycle" else 0.0
    if t - 1 < rise:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * (t - 1) / rise)) / 2
    return (1 + math.cos(math.pi * (t - 1 - rise) / max(num_steps - rise, 1))) / 2


def same_device(network, x):
    """Raise ``ValueError`` with a sentence if network and images lie on different devices."""
    parameter = next(network.parameters(), None)
    if parameter is not None and parameter.device != x.device:
        raise ValueError(
            f"The network is on {parameter.device} and the images are on {x.device}: move one of them, "
            "network.to(x.device)."
        )


def evaluate(network, batches, precision="float32"):
    """Mean loss and accuracy of ``network`` over all samples of ``batches``.

    In evaluation mode (dropout off, batchnorm with its running statistics) and without a graph; the mode is put back
    afterwards. Every sample counts the same, whatever the size of its batch:

        accuracy = 1/N sum_i [argmax_c z_ic = y_i]    (10.3)

    Raises ``ValueError`` for a network and images on different devices.
    """
    torch = require_torch()
    was_training = network.training
    network.eval()
    loss = right = seen = 0
    try:
        with torch.inference_mode():
            for x, y in batches:
                same_device(network, x)
                with _autocast(x.device, precision):
                    logits = network(x).float()
                loss = loss + torch.nn.functional.cross_entropy(logits, y, reduction="sum")
                right = right + (logits.argmax(dim=1) == y).sum()
                seen += len(y)
    finally:
        network.train(was_training)
    return Score(float(loss) / seen, float(right) / seen)  # (10.3)


def train_network(network, images, settings=None, device=None, on_epoch=None, should_stop=None, say=print):
    """Train ``network`` in place and return its ``History``.

    The loss of a batch of m samples with logits z is the mean cross-entropy

        L = -1/m sum_i log softmax(z_i)_{y_i}    (10.2)

    A batch that does not fit on the card is halved, and training starts again, with one sentence.

    Args:
        network: an ``nn.Module`` that gives logits.
        images: ``Images``.
        settings: ``Settings``.
        device: ``torch.device``; left out, ``pick_device()``.
        on_epoch: called as ``on_epoch(history)`` after every epoch.
        should_stop: ``() -> bool``, asked before every batch; what was learned until then stays.
        say: gets a sentence when something is done otherwise than asked for.
    """
    torch = require_torch()
    settings, device = settings or Settings(), device or pick_device()
    layout = {"memory_format": torch.channels_last} if settings.channels_last else {}
    network.to(device, **layout)
    start = {name: value.detach().clone().cpu() for name, value in network.state_dict().items()}
    while True:
        try:
            return _train(network, images, settings, device, on_epoch, should_stop or bool, say)
        except (_out_of_memory(torch), RuntimeError) as error:
            if not _memory_ran_out(torch, error):
                raise
        # Outside of the except clause: the exception's traceback would keep the tensors that did not fit.
        settings = _smaller(settings, device, say)
        network.zero_grad(set_to_none=True)
        network.load_state_dict(start)
        if device.type == "cuda":
            torch.cuda.empty_cache()


def _has_dropout(network):
    """Only dropout draws from PyTorch's one generator while training."""
    return any("Dropout" in type(module).__name__ for module in network.modules())


def _out_of_memory(torch):
    return getattr(torch, "OutOfMemoryError", torch.cuda.OutOfMemoryError)  # its name before PyTorch 2.5


NO_MEMORY = ("can't allocate memory", "out of memory", "ALLOC_FAILED")  # of the CPU, CUDA, cuBLAS and cuDNN


def _memory_ran_out(torch, error):
    return isinstance(error, _out_of_memory(torch)) or any(words in str(error) for words in NO_MEMORY)


def _smaller(settings, device, say):
    if settings.batch_size == 1:
        raise MemoryError(f"Not even one image at a time fits into the memory of {device}: take a smaller network.")
    half = settings.batch_size // 2
    say(f"A batch of {settings.batch_size} does not fit into the memory of {device}: starting again with {half}.")
    return replace(settings, batch_size=half)


def _autocast(device, precision):
    torch = require_torch()
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def _train(network, images, settings, device, on_epoch, should_stop, say):
    torch = require_torch()
    train = Batches(images.train, settings.batch_size, device, settings.seed, settings.channels_last)
    test = Batches(images.test, 4 * settings.batch_size, device, channels_last=settings.channels_last)
    forward = compiled(network, train, settings.precision, say) if settings.compile else network
    optimizer = make_optimizer(network, settings)
    drawing = own_chance(settings.seed if _has_dropout(network) else None, device)
    # Gradients in float16 underflow: they are scaled up before, down after. bfloat16 has float32's range.
    scaler = torch.amp.GradScaler(device.type, enabled=settings.precision == "float16")
    epochs, t, num_steps = [], 0, settings.num_epochs * len(train)
    clock = device_clock(device)
    while len(epochs) < settings.num_epochs:
        network.train()
        begin, loss_sum, right, seen, norms = clock(), 0.0, 0, 0, {}
        for number, (x, y) in enumerate(train, start=1):
            if should_stop():
                return History(tuple(epochs), settings.batch_size)
            t += 1
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * rate_factor(settings.schedule, t, num_steps)
            optimizer.zero_grad(set_to_none=True)
            with drawing(), _autocast(device, settings.precision):
                logits = forward(x)
                loss = torch.nn.functional.cross_entropy(logits, y)  # (10.2)
            scaler.scale(loss).backward()
            if number == len(train):
                scaler.unscale_(optimizer)
                norms = gradient_norms(network)
            scaler.step(optimizer)
            scaler.update()
            loss_sum += loss.detach() * len(y)
            right += (logits.detach().argmax(dim=1) == y).sum()
            seen += len(y)
        score = Score(float(loss_sum) / seen, float(right) / seen)  # waits for the card, once an epoch
        seconds = clock() - begin
        epochs.append(Epoch(score, evaluate(network, test, settings.precision), norms, seconds))
        history = History(tuple(epochs), settings.batch_size, not math.isfinite(score.loss))
        if on_epoch:
            on_epoch(history)
        if history.diverged:
            break
    return history


def gradient_norms(network):
    """``{layer: norm of its weights' gradient}``, in the order of the layers."""
    layers = weighted_layers(network).items()
    return {name: float(layer.weight.grad.norm()) for name, layer in layers if layer.weight.grad is not None}


def compiled(network, batches, precision, say=print):
    """``network`` with kernels made for it, or the network itself and a sentence where that does not work.

    Compiles now, for the full batch and for the smaller last one: a failure shows here, and no epoch's time holds it.
    """
    torch = require_torch()
    if batches.device.type != "cuda":
        say("torch.compile is left out on the CPU: it pays on a card.")
        return network
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    try:
        fast = torch.compile(network)
        for x in batches.of_each_size():
            with seeded(0, batches.device), _autocast(batches.device, precision):
                trial = fast(x).float().sum()
            trial.backward()
    except Exception as error:  # no compiler, no Triton, a card that is too old: training goes on without
        say(f"torch.compile did not work here ({type(error).__name__}): going on without it.")
        fast = network
    network.zero_grad(set_to_none=True)
    network.load_state_dict(before)  # the trial moved the running statistics of batchnorm
    return fast
