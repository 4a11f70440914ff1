"""The training loop: what it computes, how it stops, and what happens where memory, devices or kernels do not fit."""

import math
import threading
from contextlib import nullcontext

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib.chapters.ch10_cnn_training.experiments import (
    Batches,
    Score,
    Settings,
    evaluate,
    hardware,
    lenet,
    load_images,
    score_on_test,
    train_network,
)
from course_lib.chapters.ch10_cnn_training.experiments.settings import OPTIMIZERS, make_optimizer, rate_factor
from course_lib.chapters.ch10_cnn_training.experiments.training import gradient_norms, make_step, same_device
from course_lib.data.dataset import Dataset
from course_lib.devices import device_line, device_name, pick_device

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def images():
    return load_images("digits", seed=0)


@pytest.fixture(scope="module")
def few():
    return load_images("digits", seed=0, limit=200)


def test_lenet_reads_the_digits(images):
    """The short version of the stored claim C-10-1: three seeds, the median at least 97.5 %."""
    found = []
    for seed in range(3, 6):
        split = load_images("digits", seed=seed)
        found.append(train_network(lenet(batchnorm=True, seed=seed), split, Settings(seed=seed), CPU).accuracy)
    assert np.median(found) >= 0.975


def test_one_epoch_of_sgd_is_what_the_formulas_say():
    """(10.2): against a loop by hand in float64, with the same order of samples."""
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(10, 1, 8, 8)), rng.integers(0, 10, 10))
    images = load_images("digits")._replace(train=data, validation=data)
    network = lenet(seed=1)
    by_hand = lenet(seed=1)
    settings = Settings(1, 4, "SGD", 0.1, schedule="constant", seed=3)
    history = train_network(network, images, settings, CPU)
    losses = []
    for x, y in Batches(data, 4, CPU, seed=3):
        logits = by_hand(x)
        loss = -(logits.log_softmax(dim=1)[torch.arange(len(y)), y]).mean()  # (10.2)
        gradients = torch.autograd.grad(loss, list(by_hand.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(by_hand.parameters(), gradients, strict=True):
                parameter -= 0.1 * gradient
        losses.append(float(loss.detach()) * len(y))
    assert history.epochs[0].train.loss == pytest.approx(sum(losses) / 10, rel=1e-5)
    for one, other in zip(network.parameters(), by_hand.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_evaluation_counts_samples_not_batches_and_leaves_the_network_as_it_was(few):
    """(10.3): the scores do not depend on how the samples are cut into batches."""
    network = lenet(batchnorm=True, drop_rate=0.5, seed=0).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    scores = [evaluate(network, Batches(few.test, size, CPU)) for size in (40, 7, 1)]
    assert all(score.loss == pytest.approx(scores[0].loss, rel=1e-5) for score in scores)
    assert len({round(score.accuracy, 9) for score in scores}) == 1
    assert network.training and all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    with torch.no_grad():
        guessed = network.eval()(torch.as_tensor(few.test.x)).argmax(dim=1).numpy()
    assert scores[0].accuracy == pytest.approx(np.mean(guessed == few.test.y))
    evaluate(network, Batches(few.test, 7, CPU))
    assert not network.training


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_and_the_same_seed_gives_the_same_history(few, optimizer):
    rate = {"SGD": 0.1, "momentum": 0.05, "Nesterov": 0.05, "RMSprop": 0.003}.get(optimizer, 0.01)
    settings = Settings(3, 32, optimizer, rate, weight_decay=1e-4, schedule="cosine")
    one, other = (train_network(lenet(drop_rate=0.2, seed=0), few, settings, CPU) for _ in range(2))
    assert one.curve("train", "loss") == other.curve("train", "loss")
    assert one.curve("train", "loss")[-1] < one.curve("train", "loss")[0]


def test_schedules_start_rise_and_fall_as_they_say():
    cycle = [rate_factor("one cycle", t, 100) for t in range(1, 101)]
    assert cycle[0] == pytest.approx(0.04) and max(cycle) == pytest.approx(1.0) and int(np.argmax(cycle)) == 30
    assert cycle[-1] < 0.001
    cosine = [rate_factor("cosine", t, 50) for t in range(1, 51)]
    assert cosine[0] == 1.0 and np.all(np.diff(cosine) < 0)
    assert rate_factor("constant", 7, 10) == 1.0


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_mixed_precision_gives_nearly_the_same_loss_and_float32_weights(few, precision):
    """float16 runs through the gradient scaler, here as on a card."""
    settings = Settings(2, 50, precision=precision)
    exact = train_network(lenet(seed=0), few, Settings(2, 50), CPU)
    network = lenet(seed=0)
    mixed = train_network(network, few, settings, CPU)
    assert mixed.epochs[0].train.loss == pytest.approx(exact.epochs[0].train.loss, rel=0.05)
    assert mixed.epochs[0].train.loss != exact.epochs[0].train.loss
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    assert mixed.epochs[0].gradient_norms["conv 1"] == pytest.approx(exact.epochs[0].gradient_norms["conv 1"], rel=0.2)


def test_the_order_in_memory_changes_results_by_rounding_only(few):
    plain, ordered = (
        train_network(lenet(seed=0), few, Settings(1, 50, "SGD", 0.1, channels_last=last), CPU)
        for last in (False, True)
    )
    assert ordered.epochs[0].train.loss == pytest.approx(plain.epochs[0].train.loss, rel=1e-4)
    x, _ = next(iter(Batches(few.train, 8, CPU, channels_last=True)))
    assert x.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("loading", ["resident", "pinned", "plain"])
def test_batches_hold_every_sample_once_however_they_are_loaded(few, loading):
    batches = Batches(few.train, 64, CPU, seed=0, loading=loading)
    first, second = ([y for _, y in batches] for _ in range(2))
    assert [len(y) for y in first] == [64, 64, 64, 8] and len(batches) == 4
    assert np.array_equal(np.sort(torch.cat(first)), np.sort(few.train.y))
    assert not torch.equal(torch.cat(first), torch.cat(second))
    with pytest.raises(ValueError, match="loading"):
        Batches(few.train, 64, CPU, loading="quick")


def test_gradient_norms_are_those_of_the_weights(few):
    network = lenet(seed=0)
    x, y = next(iter(Batches(few.train, 16, CPU)))
    torch.nn.functional.cross_entropy(network(x), y).backward()
    norms = gradient_norms(network)
    assert list(norms) == ["conv 1", "conv 2", "linear 1", "linear 2"]
    assert norms["conv 1"] == pytest.approx(float(np.linalg.norm(network[0].weight.grad.numpy())), rel=1e-5)


def test_a_stop_is_obeyed_before_the_next_batch_and_keeps_what_was_learned(few):
    seen = []

    def should_stop():
        seen.append(1)
        return len(seen) > 10

    history = train_network(lenet(seed=0), few, Settings(50, 50), CPU, should_stop=should_stop)
    assert len(history.epochs) == 2 and len(seen) == 11
    assert history.accuracy > 0
    assert train_network(lenet(seed=0), few, Settings(5), CPU, should_stop=lambda: True).accuracy == 0


def test_a_diverging_run_ends_early_and_says_so(few):
    history = train_network(lenet(seed=0), few, Settings(20, 20, "SGD", 1e6, schedule="constant"), CPU)
    assert history.diverged and len(history.epochs) < 20
    assert not math.isfinite(history.epochs[-1].train.loss)


def test_a_training_with_dropout_lets_others_draw_meanwhile_and_draws_what_it_would_alone(few):
    """A lock that is held until the end would stop every other figure, and for ever if the training waits for it."""
    made = []

    def on_epoch(history):
        other = threading.Thread(target=lambda: made.append(lenet(seed=0)))
        other.start()
        other.join(10)
        torch.rand(3)

    alone, disturbed = (
        train_network(lenet(drop_rate=0.5, seed=0), few, Settings(2, 50), CPU, callback)
        for callback in (None, on_epoch)
    )
    assert len(made) == 2
    assert alone.curve("train", "loss") == disturbed.curve("train", "loss")


def test_a_step_returns_the_loss_of_the_batch_before_it_moves_the_weights(few):
    """(10.2)"""
    network, batches = lenet(seed=0), Batches(few.train, 16, CPU)
    x, y = next(iter(batches))
    before = -network(x).detach().log_softmax(dim=1)[torch.arange(16), y].mean()
    loss, logits = make_step(network, batches, Settings(optimizer="SGD"))(x, y, 0.1)
    assert float(loss) == pytest.approx(float(before), rel=1e-5) and not logits.requires_grad
    assert torch.nn.functional.cross_entropy(network(x), y).item() < loss.item()


def test_evaluation_gives_every_module_its_own_mode_back(few):
    """A batchnorm that was frozen for fine-tuning stays frozen, whatever the mode of the whole; after an error, too."""
    network = lenet(batchnorm=True, drop_rate=0.5, seed=0).train()
    frozen = next(module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)).eval()
    modes = [module.training for module in network.modules()]
    evaluate(network, Batches(few.validation, 7, CPU))
    assert [module.training for module in network.modules()] == modes
    with pytest.raises(RuntimeError):
        evaluate(network, [(torch.zeros(2, 3, 8, 8), torch.zeros(2, dtype=torch.int64))])
    assert [module.training for module in network.modules()] == modes and not frozen.training


class Untouchable:
    """Stands for the test images: whoever looks at them is caught."""

    def __getattr__(self, name):
        raise AssertionError(f"The test images were asked for {name}.")


def test_training_choosing_and_looking_never_touch_the_test_images(few):
    from course_lib.chapters.ch10_cnn_training.experiments import range_test, search
    from course_lib.chapters.ch10_cnn_training.figures import guesses_figure

    sealed = few._replace(test=Untouchable())
    network = lenet(seed=0)
    history = train_network(network, sealed, Settings(1), CPU)
    search(lambda: lenet(seed=0), sealed, [{"learning_rate": 0.01}], Settings(1), CPU)
    range_test(network, sealed, num_steps=3, device=CPU)
    guesses_figure(network, sealed)
    assert history.accuracy == history.epochs[-1].validation.accuracy
    assert history.accuracy == evaluate(network, Batches(few.validation, 40, CPU)).accuracy
    assert score_on_test(network, few) == evaluate(network, Batches(few.test, 256, CPU))


# --- Memory, devices, compilers --------------------------------------------------------------------------


class Hungry(torch.nn.Module):
    """A network that has memory for ``fits`` images from its second batch on."""

    def __init__(self, fits, error=None):
        super().__init__()
        self.inside, self.fits, self.calls = lenet(seed=0), fits, 0
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    def forward(self, x):
        self.calls += 1
        if self.training and len(x) > self.fits and self.calls > 1:
            raise self.error
        return self.inside(x)


def test_out_of_memory_halves_the_batch_starts_again_and_says_so_in_one_sentence(few):
    said = []
    network = Hungry(25)
    history = train_network(network, few, Settings(1, 100, "SGD", 0.1), CPU, say=said.append)
    assert history.batch_size == 25
    assert said[0] == (
        "A batch of 100 does not fit into the memory of cpu: starting again with 50, twice as many steps an epoch at "
        "the same learning rate."
    )
    assert len(said) == 2 and all(text.count(".") == 1 for text in said)
    straight = lenet(seed=0)
    train_network(straight, few, Settings(1, 25, "SGD", 0.1), CPU)
    for one, other in zip(network.inside.parameters(), straight.parameters(), strict=True):
        assert torch.equal(one, other)  # nothing is left of what was learned before memory ran out


def test_memory_that_is_never_enough_ends_in_one_sentence_and_other_errors_pass(few):
    with pytest.raises(MemoryError, match="Not even one image at a time fits"):
        train_network(Hungry(0), few, Settings(1, 4), CPU, say=lambda text: None)
    with pytest.raises(RuntimeError, match="something else"):
        train_network(Hungry(0, RuntimeError("something else")), few, Settings(1, 4), CPU)
    for words in (
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes",
        "CUDA error: out of memory",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    ):
        history = train_network(Hungry(2, RuntimeError(words)), few, Settings(1, 4), CPU, say=lambda text: None)
        assert history.batch_size == 2


def test_a_data_set_that_does_not_fit_stays_in_the_computers_memory_and_is_not_called_a_network(few, monkeypatch):
    def full(self, *arguments, **more):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    said = []
    batches = Batches(few.train, 50, CPU, loading="plain")
    monkeypatch.setattr(torch.Tensor, "to", full)
    batches.loading = "resident"
    batches._move_all(said.append)
    monkeypatch.undo()
    assert said == [
        "The 200 images do not fit into the memory of cpu: they stay in the computer's memory, and each "
        "batch is copied."
    ]
    assert batches.loading == "pinned" and sum(len(y) for _, y in batches) == 200


def test_a_compiler_that_runs_out_of_memory_is_not_called_a_compiler_that_does_not_work(few, monkeypatch):
    class OnCard(Batches):
        device = property(lambda self: torch.device("cuda"), lambda self, device: None)

    def full(network):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch, "compile", full)
    with pytest.raises(torch.OutOfMemoryError):
        hardware.compiled(lenet(seed=0), OnCard(few.train, 64, CPU, loading="plain"), "float32", print)


@pytest.mark.parametrize(("units", "precision"), [(True, "bfloat16"), (False, "float16")])
def test_bfloat16_is_taken_where_the_card_has_units_for_it_and_float16_elsewhere(monkeypatch, units, precision):
    """PyTorch says yes to emulation, too, unless it is asked not to count it."""
    asked = []

    def supported(including_emulation=True):
        asked.append(including_emulation)
        return including_emulation or units

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    said, card = [], torch.device("cuda")
    settings = hardware.native_settings(Settings(precision="bfloat16"), card, said.append)
    assert settings.precision == precision and asked == [False]
    assert said == ([] if units else ["cuda has no units for bfloat16: float16 with a scaled loss instead."])
    assert hardware.native_settings(Settings(precision="bfloat16"), CPU, said.append).precision == "bfloat16"


def test_network_and_images_on_different_devices_get_one_sentence(few):
    """The meta device stands for a card."""
    network = lenet().to("meta")
    with pytest.raises(ValueError, match="The network is on meta and the images are on cpu: move one of them"):
        evaluate(network, Batches(few.test, 10, CPU))
    assert same_device(lenet(), torch.zeros(1)) is None


def test_without_a_card_cuda_is_refused_in_one_sentence_and_the_cpu_is_picked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == CPU
    with pytest.raises(ValueError, match="No CUDA card can be used here"):
        pick_device("cuda")
    with pytest.raises(ValueError, match="There is no device 'gpu'"):
        pick_device("gpu")
    assert device_line(CPU) == "Runs on the CPU."
    assert "thread" in device_name(CPU)


def test_with_a_card_it_is_picked_and_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA Example 9000")
    assert pick_device().type == "cuda"
    assert device_line(pick_device()) == "Runs on NVIDIA Example 9000."
    with pytest.raises(ValueError, match="There is no cuda:3"):
        pick_device("cuda:3")


def test_compiling_is_left_out_on_the_cpu_and_survives_a_failure(few, monkeypatch):
    said = []
    train_network(lenet(seed=0), few, Settings(1, 50, compile=True), CPU, say=said.append)
    assert said == ["torch.compile is left out on the CPU: it pays on a card."]

    class OnCard(Batches):
        """Batches that say they lie on a card."""

        device = property(lambda self: torch.device("cuda"), lambda self, device: None)

        def _move(self, part, images):
            return part

    def broken(network):
        raise ImportError("no Triton")

    said.clear()
    monkeypatch.setattr(torch, "compile", broken)
    network = lenet(batchnorm=True, seed=0)
    batches = OnCard(few.train, 64, CPU, seed=0, loading="plain")
    assert hardware.compiled(network, batches, "float32", said.append) is network
    assert said == ["torch.compile did not work here (ImportError): going on without it."]

    said.clear()
    sizes, order = [], batches.generator.get_state()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    monkeypatch.setattr(torch, "compile", lambda network: lambda x: sizes.append(len(x)) or network(x))
    monkeypatch.setattr(hardware, "seeded", lambda seed, device: nullcontext())
    hardware.compiled(network, batches, "float32", said.append)
    assert (sizes, said) == ([64, 8], [])  # both kernels are made before the clock of the first epoch starts
    assert torch.equal(batches.generator.get_state(), order)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimizer": "Lion"},
        {"schedule": "zigzag"},
        {"precision": "int8"},
        {"num_epochs": 0},
        {"batch_size": 2.5},
        {"learning_rate": -1},
        {"weight_decay": float("nan")},
    ],
)
def test_bad_settings_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)


def test_optimizers_get_their_settings():
    adamw = make_optimizer(lenet(), Settings(optimizer="AdamW", learning_rate=0.2, weight_decay=0.3))
    assert type(adamw) is torch.optim.AdamW
    assert (adamw.param_groups[0]["lr"], adamw.param_groups[0]["weight_decay"]) == (0.2, 0.3)
    assert make_optimizer(lenet(), Settings(optimizer="Nesterov")).param_groups[0]["nesterov"]
    assert Score(1.0, 0.5).accuracy == 0.5
