"""Dataset, DataLoader, transforms and the part in colour: the same batches as the resident ones, chance, errors."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib import data
from course_lib.chapters.ch10_cnn_training.experiments import (
    Batches,
    ImageSet,
    RandomFlip,
    RandomShift,
    Settings,
    colour,
    lenet,
    load_images,
    loader,
    train_network,
)
from course_lib.chapters.ch10_cnn_training.experiments.transforms import shifted
from course_lib.devices import pick_device

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def few():
    return load_images("digits", seed=0, limit=100)


def test_the_loader_gives_the_resident_batches_where_nothing_is_drawn(few):
    ours, theirs = Batches(few.train, 32, CPU), loader(few.train, 32)
    for (x, y), (same_x, same_y) in zip(ours, theirs, strict=True):
        assert torch.equal(x, same_x) and torch.equal(y, same_y)
    assert len(ImageSet(few.train)) == 100


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_seed_shuffles_anew_in_every_epoch_and_again_the_same(few, num_workers):
    def epochs():
        batches = loader(few.train, 32, seed=3, augment=(RandomShift(1),), num_workers=num_workers)
        return [[x for x, _ in batches] for _ in range(2)]

    torch.manual_seed(0)
    (one, other), again = epochs(), torch.manual_seed(0) and epochs()
    assert not torch.equal(one[0], other[0])
    assert all(torch.equal(x, same) for x, same in zip(one, again[0], strict=True))


def test_workers_do_not_draw_alike(few):
    """The well-known fault of a generator that is copied into every worker: their first images move alike."""
    dot = np.zeros((64, 1, 21, 21), dtype=np.float32)
    dot[:, 0, 10, 10] = 1
    batches = loader(few.train._replace(x=dot, y=np.zeros(64, dtype=int)), 16, augment=(RandomShift(5),), num_workers=2)
    first, second = [x for x, _ in batches][:2]  # one from each worker
    assert not torch.equal(first, second)


def test_shifts_and_flips_are_those_of_the_library_to_the_last_bit():
    rng = np.random.default_rng(0)
    x, (down, right) = rng.normal(size=(6, 3, 7, 5)), rng.integers(-4, 5, size=(2, 6))
    ours = shifted(torch.as_tensor(x), *(torch.as_tensor(offset)[:, None] for offset in (down, right)))
    assert np.array_equal(ours.numpy(), data.shifted(x, down, right))
    chance = torch.Generator().manual_seed(0)
    chosen = torch.rand(6, generator=torch.Generator().manual_seed(0)) < 0.5
    assert np.array_equal(RandomFlip()(torch.as_tensor(x), chance).numpy(), data.flipped(x, chosen.numpy()))


def test_resident_batches_are_augmented_anew_in_every_epoch_and_the_order_stays(few):
    plain = [y for _, y in Batches(few.train, 32, CPU, seed=1)]
    batches = Batches(few.train, 32, CPU, seed=1, augment=(RandomShift(1),))
    first, second = list(batches), list(batches)
    assert all(torch.equal(y, same) for (_, y), same in zip(first, plain, strict=True))
    assert not torch.equal(first[0][0], second[0][0])
    again = Batches(few.train, 32, CPU, seed=1, augment=(RandomShift(1),))
    assert torch.equal(next(iter(again))[0], first[0][0])


def test_only_training_images_are_augmented(few):
    """With shifts so large that nothing is left of an image, the validation images are read as before."""
    network = lenet(seed=0)
    train_network(network, few, Settings(1, augment=(RandomShift(0),)), CPU)
    plain = lenet(seed=0)
    history = train_network(plain, few, Settings(1), CPU)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(network.parameters(), plain.parameters(), strict=True))
    moved = train_network(lenet(seed=0), few, Settings(1, learning_rate=1e-12, augment=(RandomShift(7),)), CPU)
    still = train_network(lenet(seed=0), few, Settings(1, learning_rate=1e-12), CPU)
    assert moved.epochs[0].train.loss != still.epochs[0].train.loss
    assert moved.epochs[0].validation.loss == pytest.approx(still.epochs[0].validation.loss, abs=1e-6)
    assert history.epochs


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: RandomShift(-1), "most"),
        (lambda: RandomFlip(2.0), "probability"),
        (lambda: loader(None, 0), "batch_size"),
        (lambda: loader(None, 1, num_workers=-1), "num_workers"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, word):
    with pytest.raises(ValueError, match=word):
        call()


# --- The part in colour ---------------------------------------------------------------------------------

SMALL = colour.Work(60, 4, 1, 16)


def test_without_the_folder_of_cifar10_shapes_are_painted_and_nothing_is_downloaded(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr("course_lib.data.image_files._download", lambda *both: pytest.fail("a download began"))
    images = colour.colour_images(70)
    assert images.name == "colour shapes" and images.shape == (3, 32, 32) and len(images.train.y) == 70
    assert abs(images.train.x.mean()) < 1e-3


def test_on_the_cpu_a_tenth_is_trained_and_what_all_takes_is_said(monkeypatch):
    said = []
    monkeypatch.setattr(colour, "images_a_second", lambda *args, **more: 40.0)
    trained = colour.train_in_colour(CPU, whole=colour.Work(4000, 8, 2, 16), tenth=SMALL, say=said.append)
    assert trained.work == SMALL and len(trained.history.epochs) == 1
    assert said == [
        "4,000 images, 8 feature maps, 2 epochs would take about 200 s on this CPU: a tenth of the images and 4 "
        "feature maps."
    ]


def test_the_tenth_is_a_tenth_and_mirror_images_are_made_only_of_photographs():
    assert colour.WHOLE.num_images == 10 * colour.TENTH.num_images
    assert colour.WHOLE.num_epochs == colour.TENTH.num_epochs
    shapes = colour.colour_images(60)
    assert RandomFlip() not in colour.settings_for(SMALL, CPU, shapes).augment
    assert RandomFlip() in colour.settings_for(SMALL, CPU, shapes._replace(name="cifar10")).augment


def test_on_a_card_it_is_16_bits_with_channels_last(monkeypatch):
    card = torch.device("cuda")
    for units, precision in ((True, "bfloat16"), (False, "float16")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True, units=units: units)
        settings = colour.settings_for(SMALL, card, colour.colour_images(60))
        assert (settings.precision, settings.channels_last) == (precision, True)
    assert pick_device("cpu") == CPU
