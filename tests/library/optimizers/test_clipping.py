"""Clipping: what it shortens, what it leaves alone, what it turns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adam, clip_by_global_norm, clip_by_norm, clip_by_value, with_clipping
from course_lib.run import descend
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import SURFACES

gradients = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 5)), elements=st.floats(-1e6, 1e6))
norms = st.floats(1e-3, 1e4)


@given(gradients, norms)
def test_clipping_by_norm_keeps_the_direction_and_the_limit(gradient, max_norm):
    clipped = clip_by_norm(gradient, max_norm)
    before, after = (np.linalg.norm(g, axis=-1, keepdims=True) for g in (gradient, clipped))
    np.testing.assert_allclose(after, np.minimum(before, max_norm), rtol=1e-12)
    np.testing.assert_allclose(clipped * before, gradient * after, rtol=1e-9, atol=1e-9)


@given(gradients, norms)
def test_a_gradient_within_the_limit_is_not_touched(gradient, max_norm):
    short = np.linalg.norm(gradient, axis=-1) <= max_norm
    np.testing.assert_array_equal(clip_by_norm(gradient, max_norm)[short], gradient[short])


@given(gradients, norms)
def test_clipping_twice_is_clipping_once(gradient, limit):
    once = clip_by_norm(gradient, limit)
    tiny = np.finfo(float).tiny  # below it a float has fewer digits
    np.testing.assert_allclose(clip_by_norm(once, limit), once, rtol=1e-14, atol=1e-10 * tiny)
    once = clip_by_value(gradient, limit)
    np.testing.assert_array_equal(clip_by_value(once, limit), once)


@given(gradients, norms)
def test_by_value_no_coordinate_exceeds_the_limit_and_small_ones_stay(gradient, limit):
    np.testing.assert_array_equal(clip_by_value(gradient, limit), np.clip(gradient, -limit, limit))


def test_by_value_turns_the_gradient():
    np.testing.assert_array_equal(clip_by_value(np.array([0.5, 100.0]), 1.0), [0.5, 1.0])


def test_by_value_takes_uneven_limits_and_refuses_crossed_ones():
    np.testing.assert_array_equal(clip_by_value(np.array([-5.0, 0.5, 5.0]), high=2.0, low=-1.0), [-1.0, 0.5, 2.0])
    with pytest.raises(ValueError, match=r"low <= high, but low is 2.0 and high is -2.0"):
        clip_by_value(np.zeros(2), high=-2, low=2)
    with pytest.raises(ValueError, match="low <= high"):
        clip_by_value(np.zeros(2), high=np.nan)


def test_the_limit_of_the_norm_may_be_0_and_the_gradient_too():
    np.testing.assert_array_equal(clip_by_norm(np.array([3.0, 4.0]), 0.0), [0.0, 0.0])
    np.testing.assert_array_equal(clip_by_norm(np.zeros(2), 1.0), [0.0, 0.0])
    for bad in (-1.0, np.nan):
        with pytest.raises(ValueError, match="max_norm must be"):
            clip_by_norm(np.ones(2), bad)


def test_the_global_norm_is_that_of_all_parts_together():
    parts = [np.array([3.0, 0.0, 4.0]), np.array([12.0])]
    clipped = clip_by_global_norm(parts, 6.5)
    np.testing.assert_allclose(np.concatenate(clipped), np.concatenate(parts) / 2)
    np.testing.assert_allclose(clip_by_norm(np.concatenate(parts), 6.5), np.concatenate(clipped))
    assert clip_by_global_norm(parts, 13.0)[0] is not parts[0]


def test_parity_with_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=5), rng.normal(size=3)]
    for function, ours in (
        (lambda p: torch.nn.utils.clip_grad_norm_(p, 0.5), clip_by_global_norm(parts, 0.5)),
        (lambda p: torch.nn.utils.clip_grad_value_(p, 0.5), [clip_by_value(part, 0.5) for part in parts]),
    ):
        tensors = [torch.tensor(part, requires_grad=True) for part in parts]
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.grad = torch.tensor(part)
        function(tensors)
        for tensor, part in zip(tensors, ours, strict=True):
            np.testing.assert_allclose(tensor.grad.numpy(), part, rtol=1e-6)  # torch adds 1e-6 to the norm


def test_with_clipping_saves_descent_where_it_flies_off():
    surface, start = SURFACES["rosenbrock"], [-1.2, 1.0]
    assert not np.isfinite(descend(surface, SGD(0.01), start, 100).values[-1])
    tame = with_clipping(surface, lambda g: clip_by_norm(g, 1.0))
    thetas = descend(tame, SGD(0.01), start, 100).thetas
    assert np.all(np.linalg.norm(np.diff(thetas, axis=0), axis=-1) <= 0.01 + 1e-15)
    assert surface.value(thetas[-1]) < surface.value(thetas[0])


def test_a_sampled_gradient_is_clipped_after_the_noise():
    noisy = with_clipping(with_gradient_noise(SURFACES["booth"], 1000.0), lambda g: clip_by_norm(g, 1.0))
    thetas = descend(noisy, SGD(0.1), np.zeros((50, 2)), 20, rng=np.random.default_rng(0)).thetas
    steps = np.linalg.norm(np.diff(thetas, axis=0), axis=-1)
    assert np.all(steps <= 0.1 + 1e-12) and np.all(steps > 0.09)


def test_a_number_instead_of_a_clipping_function_is_refused():
    with pytest.raises(TypeError, match=r"clip must be a function, .* but it is 1\.0"):
        with_clipping(SURFACES["booth"], 1.0)


def test_clipping_by_norm_does_not_change_adam_when_every_gradient_is_clipped_alike():
    slope = Objective(lambda theta: 50 * theta[..., 0], lambda theta: np.broadcast_to([50.0], theta.shape))
    plain = descend(slope, Adam(0.1, eps=0.0), [1.0], 10).thetas
    clipped = descend(with_clipping(slope, lambda g: clip_by_norm(g, 1.0)), Adam(0.1, eps=0.0), [1.0], 10).thetas
    np.testing.assert_allclose(clipped, plain, atol=1e-14)
