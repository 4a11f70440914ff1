"""Nets after training: what is counted, against counting by hand, and that PReLU's slope moves."""

import numpy as np
import pytest

from course_lib.chapters.ch06_initialisation.experiments.after_training import (
    ACTIVATIONS,
    DEPTH,
    WIDTH,
    dead_and_flat,
    learned_slopes,
    signals,
    slopes,
    trained,
)
from course_lib.layers import Linear, ReLU


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_learns_and_the_start_is_kept(activation):
    run = trained(activation, 0.3)
    assert run.accuracy > 0.9 and run.loss < 0.5
    assert [found.shape for found in signals(run.network)] == [(1000, WIDTH)] * DEPTH
    first, trained_first = (net.layers[0].params["weight"] for net in (run.start, run.network))
    assert not np.allclose(first, trained_first)
    assert trained(activation, 0.1).start.layers[0].params["weight"].tolist() == first.tolist()


def test_dead_units_and_flat_slopes_are_counted_as_by_hand():
    network = trained("ReLU", 0.3).network
    network.layers[2].params["bias"][:5] = -1e3  # five units of the second layer die
    dead, flat = dead_and_flat(network)
    outputs = [found <= 0 for found in signals(network)]
    assert dead == pytest.approx(np.mean([found.all(axis=0) for found in outputs]))
    assert flat == pytest.approx(np.mean(outputs)) and dead >= 5 / (DEPTH * WIDTH)
    assert all(isinstance(layer, Linear | ReLU) for layer in network.layers)


def test_slopes_are_those_of_difference_quotients():
    network = trained("GELU", 0.3).network
    x = network.layers[0].forward(np.zeros((1, 64)))
    layer, h = network.layers[1], 1e-6
    quotient = (layer.forward(x + h) - layer.forward(x - h)) / (2 * h)
    layer.forward(x)
    assert np.allclose(layer.backward(np.ones_like(x)), quotient, atol=1e-8)
    assert len(slopes(network)) == DEPTH


def test_prelu_moves_its_slopes_from_a_quarter_and_others_have_none():
    found = learned_slopes(trained("PReLU", 0.3).network)
    assert len(found) == DEPTH and all(abs(slope - 0.25) > 0.01 for slope in found)
    assert learned_slopes(trained("PReLU", 0.3).start) == [0.25] * DEPTH
    assert learned_slopes(trained("ReLU", 0.3).network) == []
