"""Chapter 11: stacks of runs are the library's layers, theory meets what is measured, and the adding task is solved."""

import time

import numpy as np
import pytest

from course_lib.chapters.ch11_depth_sequences.experiments import clipping, curriculum, truncation
from course_lib.chapters.ch11_depth_sequences.experiments.adding import learn
from course_lib.chapters.ch11_depth_sequences.experiments.cliff import CLIFF, clipped_cliff, last_state, walk
from course_lib.chapters.ch11_depth_sequences.experiments.sequences import adding, echo, started, unpacked
from course_lib.chapters.ch11_depth_sequences.experiments.signals import (
    NUM_STEPS,
    growth,
    normal_mean,
    rate_through_time,
    recurrent_matrix,
    steady_variance,
    through_depth,
    through_time,
)
from course_lib.chapters.ch11_depth_sequences.experiments.ways_to_clip import WAYS, angle, clipped
from course_lib.finite_differences import central_difference
from course_lib.gradcheck import check_gradient
from course_lib.layers import RNN

HIDDEN = 4


def a_stack(seeds=3):
    theta = started(range(seeds), HIDDEN, 2)
    return theta + 0.3 * np.random.default_rng(5).normal(size=theta.shape)


# --- Many networks at once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("truncate", [None, 1, 3])
def test_a_stack_of_networks_is_the_librarys_layer_network_by_network(truncate):
    task, theta = echo((), 5, 7, 2, HIDDEN, truncate), started(range(3), HIDDEN, 1)
    theta = theta + 0.3 * np.random.default_rng(5).normal(size=theta.shape)
    values, gradients = task.value(theta), task.gradient(theta)
    for row, value, gradient in zip(theta, values, gradients, strict=True):
        w, layer = unpacked(row, HIDDEN, 1), RNN(1, HIDDEN, np.random.default_rng(0), truncate=truncate)
        for name, part in (("weight_x", w.x), ("weight_h", w.h), ("bias", w.bias)):
            layer.params[name][:] = part
        states = layer.forward(task.x)
        error = (states @ w.readout + w.shift - task.y) * task.counts
        number = len(task.x) * task.counts.sum()
        assert value == pytest.approx(np.sum(error**2) / number)
        d_y = 2 * error / number
        layer.backward(d_y[..., None] * w.readout)
        parts = [layer.grads[name].ravel() for name in ("weight_x", "weight_h", "bias")]
        expected = np.concatenate([*parts, np.einsum("bt,bth->h", d_y, states), [d_y.sum()]])
        np.testing.assert_allclose(gradient, expected, atol=1e-12)


@pytest.mark.parametrize("task", [adding((), 3, 6, HIDDEN), echo((), 3, 6, 2, HIDDEN)])
def test_the_gradient_of_a_stack_is_its_derivative(task):
    theta = started([1], HIDDEN, task.x.shape[-1])[0]
    assert check_gradient(task, theta + 0.3 * np.random.default_rng(1).normal(size=theta.shape)).passed


def test_seeds_and_rates_broadcast_and_a_batch_belongs_to_its_seed():
    task = adding((3, 1), 4, 5, HIDDEN)
    theta = np.repeat(a_stack()[:, None], 2, axis=1)
    assert task.value(theta).shape == (3, 2) and task.gradient(theta).shape == theta.shape
    np.testing.assert_array_equal(task.value(theta)[:, 0], task.value(theta)[:, 1])
    again = task.sample(np.random.default_rng(1))
    assert not np.array_equal(again.x, task.x) and not np.array_equal(again.x[0], again.x[1])


def test_the_echo_asks_for_what_came_lag_steps_before():
    task = echo((), 2, 8, 3, HIDDEN)
    np.testing.assert_array_equal(task.y[:, 3:], task.x[:, :-3, 0])
    np.testing.assert_array_equal(task.counts, [0, 0, 0, 1, 1, 1, 1, 1])


# --- How large a gradient arrives -----------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0.7, 1.0, 1.3])
def test_with_a_rotation_and_no_inputs_the_length_is_a_power_of_the_radius(radius):
    powers = radius ** np.arange(NUM_STEPS + 1)
    np.testing.assert_allclose(through_time("RNN", radius, drive=0.0), powers, rtol=1e-9)
    np.testing.assert_allclose(through_depth([radius], drive=0.0)[:, 0], powers, rtol=1e-9)  # (11.4)


@pytest.mark.parametrize(("radius", "drive"), [(0.5, 0.5), (0.9, 0.3), (1.2, 0.5), (0.9, 1.5)])
def test_the_mean_over_units_predicts_the_factor_of_a_step(radius, drive):
    measured = np.mean([growth(through_time("RNN", radius, drive, seed=seed)) for seed in range(5)])
    assert measured == pytest.approx(rate_through_time([radius], drive)[0], rel=0.03)  # (11.5)


def test_the_steady_variance_repeats_itself_and_is_what_a_wide_net_has():
    variance = steady_variance([1.3], 0.4)
    assert 1.3**2 * normal_mean(lambda z: np.tanh(z) ** 2, variance) + 0.4**2 == pytest.approx(variance)
    rng = np.random.default_rng(0)
    weight, h = 1.3 * recurrent_matrix("rotation", rng, 300), np.zeros((20, 300))
    for _ in range(60):
        z = h @ weight.T + 0.4 * rng.normal(size=h.shape)
        h = np.tanh(z)
    assert np.var(z) == pytest.approx(variance[0], rel=0.06)


def test_a_gate_that_stays_open_and_a_residual_path_of_small_branches_keep_the_gradient():
    assert through_time("GRU", 0.9, 0.5, gate_bias=12.0)[-1] == pytest.approx(1.0, abs=0.01)
    assert through_depth([0.01], 0.5, "1/√L")[-1, 0] == pytest.approx(1.0, abs=0.05)  # (11.9)
    assert through_depth([1.0], 0.0, "1")[-1, 0] > 1e5  # branches that are not scaled add up


def test_a_random_matrix_has_the_radius_that_is_said_and_is_not_normal():
    matrix = recurrent_matrix("random", np.random.default_rng(0))
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(1.0)
    assert np.linalg.norm(matrix, 2) > 1.3


# --- The cliff, and ways to clip ------------------------------------------------------------------------------


def test_the_cliffs_slopes_are_derivatives_and_the_edge_multiplies_by_w_over_4():
    for theta in ([4.5, -2.6], [3.5, -1.5], [5.0, -2.4]):
        _, d_w, d_b = last_state(theta)
        found = central_difference(lambda at: float(last_state(at)[0]), np.array(theta))
        np.testing.assert_allclose([d_w, d_b], found, rtol=1e-5, atol=1e-7)  # (11.13)
        assert check_gradient(CLIFF, np.array(theta)).passed
    h, _, d_b = last_state([5.0, -2.5])  # h stays at 0, its unstable fixed point
    assert abs(h) < 1e-9
    assert d_b == pytest.approx((1.25**50 - 1) / 0.25)


def test_without_clipping_it_is_thrown_off_and_with_clipping_it_stays():
    free, tame = walk([4.5, -2.6], 0.3, 0.1, "none", 80), walk([4.5, -2.6], 0.3, 0.1, "by norm", 80)
    assert np.linalg.norm(np.diff(free.thetas, axis=0), axis=1).max() > 5
    assert np.linalg.norm(np.diff(tame.thetas, axis=0), axis=1).max() <= 0.3 * 0.1 * (1 + 1e-9)
    assert np.median(tame.values[-20:]) < 0.02 < 0.08 < free.values[-1]
    assert np.abs(clipped_cliff("by value", 0.1).gradient([4.3, -2.15])).max() <= 0.1


def test_by_value_turns_by_norm_keeps_and_the_printed_formula_lengthens():
    gradients = [np.array([3.0, 0.8]), np.array([-0.6, 1.6])]
    made = {way: clipped(way, gradients, 1.0) for way in WAYS}
    assert angle(gradients, made["by the global norm"]) == pytest.approx(0, abs=1e-5)
    assert angle(gradients, made["by value"]) > 10 and angle(gradients, made["each layer by its norm"]) > 10
    short = [0.01 * gradient for gradient in gradients]
    for way in WAYS:
        length = np.linalg.norm(np.concatenate(clipped(way, short, 1.0)))
        expected = 1.0 if way == "always rescaled" else np.linalg.norm(np.concatenate(short))
        assert length == pytest.approx(expected)
    assert angle(gradients, [np.zeros(2), np.zeros(2)]) == 0.0


# --- The trainings, in short ----------------------------------------------------------------------------------


def test_the_adding_task_of_length_30_is_solved_in_under_a_minute_of_one_core():
    start = time.process_time()
    steps, errors = learn("GRU", num_steps=400, every=200)
    assert time.process_time() - start < 60
    assert steps.tolist() == [0, 200, 400] and errors[-1] < 0.01 < 0.3 < errors[0]


def test_a_run_whose_gradient_is_clipped_to_nothing_stays_where_it_started():
    runs = clipping.trained(1e-12, [0.1], range(2), num_steps=5)
    np.testing.assert_allclose(runs.curves[0], runs.curves[0], rtol=1e-9)
    assert runs.norms.shape == (5, 2, 1) and runs.curves.shape == (6, 2, 1) and runs.loss.shape == (2, 1)
    free = clipping.trained(None, [0.01], range(2), num_steps=5)
    np.testing.assert_array_equal(free.norms[0], runs.norms[0])  # the same nets, the same batches


def test_each_arm_is_chosen_on_other_seeds_than_it_is_reported_on():
    found = clipping.at_their_best({"free": None, "tame": 1.0}, (0.001, 0.01), range(2), range(5, 8), num_steps=20)
    assert set(found) == {"free", "tame"} and all(arm["loss"].shape == (3,) for arm in found.values())
    assert all(arm["rate"] in (0.001, 0.01) for arm in found.values())
    assert np.all(found["free"]["acted"] == 0)


def test_rescaling_brings_every_gradient_to_one_length_but_the_zero_gradient():
    gradients = np.array([[3.0, 4.0], [0.003, 0.004], [0.0, 0.0]])
    lengths = np.linalg.norm(clipping.rescaled(gradients, 2.0), axis=-1)
    np.testing.assert_allclose(lengths, [2, 2, 0])


def test_lengths_rise_and_all_arms_do_the_same_work():
    for arm, paces in curriculum.ARMS.items():
        lengths = list(curriculum.lengths_of(arm, paces[0], np.random.default_rng(0), budget=2000))
        assert 2000 <= sum(lengths) < 2000 + curriculum.LENGTH
        assert set(lengths) <= set(range(curriculum.SHORTEST, curriculum.LENGTH + 1))
    rising = list(curriculum.lengths_of("short to long", 0.5, np.random.default_rng(0), budget=2000))
    assert rising[0] == curriculum.SHORTEST and rising == sorted(rising) and rising[-1] == curriculum.LENGTH


def test_short_versions_of_the_long_runs_have_the_shape_of_the_stored_ones():
    found = curriculum.at_their_best({"mixed": (1.0,)}, (0.001, 0.002), range(2), range(5, 7), budget=200)
    assert found["mixed"]["loss"].shape == (2,)
    echoes = truncation.at_their_best((3,), (1, 24), range(2), range(5, 7), num_steps=3)
    assert echoes[3][24]["error"].shape == (2,)


def test_without_any_training_the_echo_is_guessed():
    error = truncation.errors(4, 24, [1e-9], range(4), num_steps=1)
    assert np.all((error > 0.7) & (error < 3))
