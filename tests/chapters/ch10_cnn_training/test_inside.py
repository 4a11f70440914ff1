"""Filters, feature maps and evidence: against PyTorch's own layers, and on networks whose answer is known."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib.chapters.ch10_cnn_training.experiments import lenet
from course_lib.chapters.ch10_cnn_training.experiments.inside import evidence, feature_maps, filters, products_an_image


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(size=(1, 8, 8)).astype(np.float32)


def test_feature_maps_are_what_the_convolutions_give_and_the_network_is_left_alone(image):
    network = lenet(batchnorm=True, drop_rate=0.5, seed=0).train()
    maps = feature_maps(network, image)
    assert {name: values.shape for name, values in maps.items()} == {"conv 1": (16, 8, 8), "conv 2": (32, 4, 4)}
    with torch.no_grad():
        assert np.allclose(maps["conv 1"], network[0](torch.as_tensor(image)), atol=1e-6)
    assert network.training and not any(layer._forward_hooks for layer in network.modules())
    assert network[1].running_mean.abs().sum() == 0


def test_products_are_counted_layer_by_layer():
    assert products_an_image(lenet(), (1, 8, 8)) == 144 * 64 + 4608 * 16 + 8192 + 640


def test_filters_are_a_copy(image):
    network = lenet(seed=0)
    found = filters(network)
    found[:] = 0
    assert found.shape == (16, 1, 3, 3) and network[0].weight.abs().sum() > 0


class Counts(torch.nn.Module):
    """Logit 1 is the sum of the upper left 2 x 2 pixels, logit 0 is zero."""

    def __init__(self):
        super().__init__()
        self.one = torch.nn.Parameter(torch.ones(1))

    def forward(self, x):
        total = x[:, 0, :2, :2].sum(dim=(1, 2)) * self.one
        return torch.stack([0 * total, total], dim=1)


def test_evidence_is_where_the_reading_comes_from_and_nowhere_else():
    image = np.zeros((1, 6, 6), dtype=np.float32)
    image[0, :2, :2] = 3
    found = evidence(Counts(), image, read=1, label=0, side=2)
    assert found.lead == 12 and found.places.shape == (5, 5)
    assert found.places[0, 0] == 12 and found.places[0, 1] == 6 and found.places[1, 1] == 3
    assert not found.places[2:].any() and not found.places[:, 2:].any()
    assert evidence(Counts(), image, read=0, label=1, side=2).places[0, 0] == -12


def test_a_square_that_does_not_fit_is_refused(image):
    with pytest.raises(ValueError, match="does not fit"):
        evidence(lenet(seed=0), image, 0, 1, side=9)
