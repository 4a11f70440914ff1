"""Recurrent layers: against PyTorch, the sums by hand, where truncation cuts, and the path that a gate holds open."""

import numpy as np
import pytest
import torch

from course_lib import layers
from course_lib.layers.recurrent import Recurrent
from tests.library.layers.helpers import close, tensor

FAN_IN, HIDDEN, TIME = 3, 4, 10
CELLS = {"RNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}


def twin(layer, name):
    """The module of PyTorch with the weights of ``layer``; its second biases are 0 but for the one inside a gate."""
    module = CELLS[name](FAN_IN, HIDDEN, batch_first=True).double()
    second = np.zeros(layer.gates * HIDDEN)
    if name == "GRU":
        second[2 * HIDDEN :] = layer.params["bias_h"]
    values = layer.params["weight_x"], layer.params["weight_h"], layer.params["bias"], second
    for parameter, value in zip(module.parameters(), values, strict=True):
        parameter.data = tensor(value)
    return module


def detached(state):
    return None if state is None else tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def in_chunks(module, x, chunk):
    """PyTorch's states, where no gradient crosses from one chunk to the one before."""
    state, states = None, []
    for part in torch.split(x, chunk, dim=1):
        found, state = module(part, detached(state))
        states.append(found)
    return torch.cat(states, dim=1)


@pytest.mark.parametrize("truncate", [None, 1, 3, 10, 20])
@pytest.mark.parametrize("name", CELLS)
def test_every_cell_whole_and_truncated_is_pytorchs(name, truncate, rng):
    layer = getattr(layers, name)(FAN_IN, HIDDEN, rng, truncate=truncate)
    for value in layer.params.values():
        value[...] = rng.normal(size=value.shape)
    x, d_y = rng.normal(size=(2, TIME, FAN_IN)), rng.normal(size=(2, TIME, HIDDEN))
    module, x_torch = twin(layer, name), tensor(x).requires_grad_()
    y_torch = in_chunks(module, x_torch, truncate or TIME)
    y_torch.backward(tensor(d_y))
    close(layer.forward(x), y_torch)
    close(layer.backward(d_y), x_torch.grad)
    weight_x, weight_h, bias, second = (parameter.grad for parameter in module.parameters())
    close(layer.grads["weight_x"], weight_x)
    close(layer.grads["weight_h"], weight_h)
    close(layer.grads["bias"], bias)
    if name == "GRU":
        close(layer.grads["bias_h"], second[2 * HIDDEN :])


def test_two_steps_by_hand():
    layer = layers.RNN(1, 1, np.random.default_rng(0))
    for name, value in (("weight_x", 0.5), ("weight_h", 2.0), ("bias", 0.0)):
        layer.params[name][...] = value
    h1 = np.tanh(0.5)
    h2 = np.tanh(0.5 * 3 + 2 * h1)
    np.testing.assert_allclose(layer.forward(np.array([[[1.0], [3.0]]])), [[[h1], [h2]]])
    layer.backward(np.array([[[0.0], [1.0]]]))  # the loss is h2
    delta2 = 1 - h2**2
    delta1 = (1 - h1**2) * 2 * delta2  # (11.2)
    np.testing.assert_allclose(layer.grads["weight_h"], [[delta2 * h1 + delta1 * 0.0]])  # (11.3)
    np.testing.assert_allclose(layer.grads["weight_x"], [[delta2 * 3 + delta1 * 1]])
    np.testing.assert_allclose(layer.grads["bias"], [delta2 + delta1])


@pytest.mark.parametrize("name", CELLS)
def test_no_gradient_crosses_a_cut_and_all_crosses_where_there_is_none(name, rng):
    layer = getattr(layers, name)(FAN_IN, HIDDEN, rng, truncate=4)
    x = rng.normal(size=(2, TIME, FAN_IN))
    d_y = np.zeros_like(layer.forward(x))
    d_y[:, 8] = 1.0  # a loss in the last chunk, steps 8 and 9
    assert not layer.backward(d_y)[:, :8].any()
    layer.truncate = None
    layer.forward(x)
    assert np.all(np.abs(layer.backward(d_y)[:, :9]).max(axis=-1) > 0)


@pytest.mark.parametrize("name", ["RNN", "GRU"])
def test_d_states_is_the_gradient_by_every_state(name, rng):
    layer = getattr(layers, name)(FAN_IN, HIDDEN, rng)
    x, last = rng.normal(size=(1, 6, FAN_IN)), rng.normal(size=HIDDEN)
    d_y = np.zeros_like(layer.forward(x))
    d_y[:, -1] = last
    layer.backward(d_y)
    d_states = layer.d_states.copy()
    module = twin(layer, name)
    states = [torch.zeros(1, 1, HIDDEN).double()]
    for t in range(6):
        states.append(module(tensor(x[:, t : t + 1]), states[-1])[1])
        states[-1].retain_grad()
    (states[-1][0, 0] @ tensor(last)).backward()
    for t in range(6):
        close(d_states[:, t], states[t + 1].grad[0])


def test_with_open_forget_gates_the_memorys_gradient_passes_a_hundred_steps_whole(rng):
    seen = []

    class Watched(layers.LSTM):
        @staticmethod
        def _one_step_back(step, d_h, d_c):
            delta, d_c = layers.LSTM._one_step_back(step, d_h, d_c)
            seen.append(d_c)
            return delta, d_c

    layer = Watched(FAN_IN, HIDDEN, rng, forget_bias=50.0)
    layer.params["weight_h"][:] = 0.0  # all other paths are closed
    d_y = np.zeros_like(layer.forward(0.01 * rng.normal(size=(1, 100, FAN_IN))))
    d_y[:, -1] = 1.0
    layer.backward(d_y)
    assert len(seen) == 100 and np.abs(seen[0]).min() > 1e-3
    np.testing.assert_allclose(seen[-1], seen[0], rtol=1e-9)  # (11.7) with f = 1


def test_a_gru_whose_update_gates_stay_at_1_keeps_its_state(rng):
    layer = layers.GRU(FAN_IN, HIDDEN, rng, update_bias=60.0)
    layer.params["bias_h"][:] = 1.0
    np.testing.assert_allclose(layer.forward(rng.normal(size=(2, TIME, FAN_IN))), 0.0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_saturated_gates_neither_overflow_nor_lose_the_sign(name):
    layer = getattr(layers, name)(FAN_IN, HIDDEN, np.random.default_rng(0))
    with np.errstate(over="raise"):
        y = layer.forward(np.full((1, 3, FAN_IN), -1e4))
        assert np.all(np.isfinite(y)) and np.all(np.isfinite(layer.backward(np.ones_like(y))))


@pytest.mark.parametrize("name", CELLS)
def test_float32_stays_and_the_forward_pass_leaves_x_alone(name, rng):
    layer = getattr(layers, name)(FAN_IN, HIDDEN, rng)
    layer.params = {key: value.astype(np.float32) for key, value in layer.params.items()}
    x = rng.normal(size=(2, TIME, FAN_IN)).astype(np.float32)
    before = x.copy()
    y = layer.forward(x)
    assert y.dtype == layer.backward(np.ones_like(y)).dtype == np.float32
    np.testing.assert_array_equal(x, before)


def test_each_gate_begins_with_an_orthogonal_matrix_and_the_bias_it_was_given(rng):
    layer = layers.LSTM(FAN_IN, HIDDEN, rng, forget_bias=2.0)
    for block in np.split(layer.params["weight_h"], 4):
        np.testing.assert_allclose(block @ block.T, np.eye(HIDDEN), atol=1e-12)
    np.testing.assert_array_equal(layer.params["bias"], np.repeat([0.0, 2, 0, 0], HIDDEN))
    assert np.array_equal(layers.GRU(FAN_IN, HIDDEN, rng, update_bias=3).params["bias"], np.repeat([0, 3, 0], HIDDEN))


def test_the_last_step_sends_its_gradient_to_the_last_step_only(rng):
    layer, x = layers.LastStep(), rng.normal(size=(2, 5, 3))
    np.testing.assert_array_equal(layer.forward(x), x[:, 4])
    d_x = layer.backward(np.ones((2, 3)))
    assert not d_x[:, :4].any() and np.all(d_x[:, 4] == 1)
    with pytest.raises(ValueError, match="time at least 1"):
        layer.forward(np.zeros((2, 0, 3)))


def test_a_word_is_said_about_what_does_not_fit(rng):
    for make in (layers.RNN, layers.LSTM, layers.GRU):
        with pytest.raises(ValueError, match=r"\(batch, time, 3\)"):
            make(3, 2, rng).forward(np.ones((4, 3)))
        with pytest.raises(ValueError, match="hidden"):
            make(3, 0, rng)
    assert issubclass(layers.GRU, Recurrent)
