"""Chapter 5's figures: drawn without a warning, alt text with the finding, and what the runs behind them are."""

import numpy as np
import pytest

from course_lib.chapters.ch05_adaptive.experiments.corridor import tuned_losses, turned_corridors
from course_lib.chapters.ch05_adaptive.experiments.reddi import drift
from course_lib.chapters.ch05_adaptive.experiments.sparse import frequencies, learned, rare_words
from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adagrad, Adam
from course_lib.run import descend
from course_lib.surfaces import ravine, rotated


def test_turned_corridors_are_the_turned_ravines():
    objective, turn = turned_corridors(30.0, np.array([0.0, 20.0, 45.0]))
    theta = np.random.default_rng(0).normal(size=(3, 2))
    for index, angle in enumerate((0.0, 20.0, 45.0)):
        surface = rotated(ravine(30.0), angle)
        assert objective.value(theta)[index] == pytest.approx(surface.value(theta[index]))
        np.testing.assert_allclose(objective.gradient(theta)[index], surface.gradient(theta[index]))
        np.testing.assert_allclose(turn[index] @ np.array(ravine(30.0).start), surface.start)


def test_plain_descent_does_not_notice_the_angle_and_adagrad_does():
    angles = np.array([0.0, 30.0, 45.0])
    plain, adaptive = tuned_losses(SGD, angles=angles), tuned_losses(Adagrad, angles=angles)
    np.testing.assert_allclose(plain, plain[0], rtol=1e-6)
    assert adaptive[0] < 1e-6 < adaptive[2]


def test_the_best_of_the_learning_rates_is_the_best_of_single_runs():
    surface, rates = rotated(ravine(100.0), 30.0), np.array([0.003, 0.01, 0.019])
    single = [descend(surface, SGD(rate), surface.start, 80).values[-10:].mean() for rate in rates]
    assert tuned_losses(SGD, angles=[30.0], num_steps=80, rates=rates)[0] == pytest.approx(min(single))


def test_rare_words_are_as_rare_as_they_should_be():
    objective, weights = rare_words(0)
    assert objective.size == 3000 and set(np.abs(weights)) == {3.0}
    assert frequencies()[0] == 0.5 and frequencies()[-1] == pytest.approx(0.005)


def test_adagrad_learns_more_of_the_rarest_weights_than_sgd():
    share = {name: learned(name, 0)[0][-10:].mean() for name in ("SGD", "Adagrad")}
    assert share["Adagrad"] > 1.3 * share["SGD"]


@pytest.mark.parametrize("beta2", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("large", [2.2, 5.0, 20.0])
def test_the_drift_in_reddis_example_is_that_of_a_long_run(beta2, large):
    gradients = [large, -1.0, -1.0] * 400
    given = iter(gradients)
    adam = Adam(0.01, beta1=0.0, beta2=beta2, eps=0.0)
    periods = descend(Objective(lambda x: x[..., 0], lambda x: 0 * x + next(given)), adam, [0.0], len(gradients)).thetas
    assert (periods[-4, 0] - periods[-1, 0]) / 0.01 == pytest.approx(drift(beta2, large), rel=1e-9, abs=1e-9)
