"""Gradient noise: exact value, unbiased gradient, the stated spread, and reproducible draws."""

import numpy as np
import pytest

from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import SURFACES

BOOTH = SURFACES["booth"]


def test_a_sampled_gradient_is_unbiased_and_has_the_stated_spread():
    theta = np.broadcast_to([1.0, -2.0], (20_000, 2))
    noise = with_gradient_noise(BOOTH, 0.5).sample(np.random.default_rng(0)).gradient(theta) - BOOTH.gradient(theta)
    assert np.all(np.abs(noise.mean(axis=0)) < 5 * 0.5 / np.sqrt(20_000))
    assert np.all(np.abs(noise.std(axis=0) / 0.5 - 1) < 5 / np.sqrt(2 * 20_000))
    assert abs(np.corrcoef(noise.T)[0, 1]) < 5 / np.sqrt(20_000)


def test_only_the_gradient_is_noisy():
    noisy, theta = with_gradient_noise(BOOTH, 0.5), np.array([1.0, -2.0])
    seen = noisy.sample(np.random.default_rng(0))
    for objective in (noisy, seen):
        assert objective.value(theta) == BOOTH.value(theta)
        assert np.array_equal(objective.hessian(theta), BOOTH.hessian(theta))
    assert np.array_equal(noisy.gradient(theta), BOOTH.gradient(theta))
    assert not np.array_equal(seen.gradient(theta), BOOTH.gradient(theta))


def test_the_same_seed_draws_the_same_noise_and_another_does_not():
    noisy, theta = with_gradient_noise(BOOTH, 0.5), np.zeros(2)
    first, again, other = (noisy.sample(np.random.default_rng(seed)).gradient(theta) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_noise_scale_zero_is_the_exact_gradient():
    theta = np.array([3.0, 4.0])
    seen = with_gradient_noise(BOOTH, 0.0).sample(np.random.default_rng(0))
    assert np.array_equal(seen.gradient(theta), BOOTH.gradient(theta))


@pytest.mark.parametrize("scale", [-1.0, np.nan, np.inf, "loud", None])
def test_a_noise_scale_that_is_none_is_refused(scale):
    with pytest.raises(ValueError, match="noise_scale must be a finite number"):
        with_gradient_noise(BOOTH, scale)
