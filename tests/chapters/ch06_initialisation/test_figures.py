"""Chapter 6's figures: what is drawn is what was computed, and the alt texts say it."""

import numpy as np
import pytest

from course_lib.chapters.ch06_initialisation.experiments import dead_units as dead_units_runs
from course_lib.chapters.ch06_initialisation.experiments import deep_training, zigzag
from course_lib.chapters.ch06_initialisation.experiments.isometry import singular_values
from course_lib.chapters.ch06_initialisation.experiments.signals import ACTIVATIONS, INITIALIZERS
from course_lib.chapters.ch06_initialisation.figures import activations, dead_units, signals
from course_lib.chapters.ch06_initialisation.figures.isometry import isometry_figure
from course_lib.chapters.ch06_initialisation.figures.symmetry import symmetry_figure
from course_lib.layers import PReLU, ReLU, Sigmoid, Tanh


def test_the_normal_distribution_function_is_right_to_seven_digits():
    from math import erf, sqrt

    z = np.linspace(-6, 6, 241)
    exact = [(1 + erf(x / sqrt(2))) / 2 for x in z]
    np.testing.assert_allclose(signals._phi(z), exact, atol=2e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("second_moment", [0.04, 1.0, 9.0])
def test_predicted_histograms_are_those_of_many_draws(activation, second_moment):
    bound, rng = signals.bound_of(activation), np.random.default_rng(0)
    z = np.sqrt(second_moment) * rng.normal(size=200_000)
    measured = signals.shares(ACTIVATIONS[activation].function(z), bound)
    np.testing.assert_allclose(
        measured, signals.predicted_shares(activation, second_moment, bound), atol=5 * np.sqrt(0.25 / 200_000)
    )


def test_values_beyond_the_axis_are_not_piled_up_at_its_end():
    found = signals.shares(np.array([0.0, 5.0, -5.0, 3.0]), 3.0)
    assert found.sum() == 0.25
    assert signals.shares(np.array([np.inf, np.nan, 0.1]), 3.0).sum() == pytest.approx(1 / 3)


@pytest.mark.parametrize("shape", signals.SHAPES)
def test_widths_begin_and_end_as_their_name_says(shape):
    widths = signals.widths_of(8, 80, shape)
    assert len(widths) == 9
    ends = {"all the same": (80, 80), "narrowing": (80, 20), "widening": (20, 80), "alternating": (80, 80)}
    key = next(key for key in ends if shape.startswith(key))
    assert (widths[0], widths[-1]) == ends[key]


def test_the_panels_show_the_first_and_the_last_layer():
    assert signals.shown_layers(1).tolist() == [1]
    assert signals.shown_layers(4).tolist() == [1, 2, 3, 4]
    assert signals.shown_layers(20)[[0, -1]].tolist() == [1, 20]
    assert len(signals.shown_layers(20)) == signals.PANELS


def test_bars_and_lines_are_the_measured_and_the_predicted_numbers():
    picture, case = signals.Picture("tanh"), signals.compute_case("tanh", "He", 0.7, 6, 64)
    picture.move(case)
    ((line, dots),) = picture.curves[0]
    np.testing.assert_allclose(line.get_ydata(), np.log10(case.theory.x) / 2)
    np.testing.assert_allclose(dots.get_ydata(), [np.log10(np.mean(x**2)) / 2 for x in case.signals.x])
    bars, _ = picture.panels[0][0]
    shares = signals.shares(case.signals.x[1], 1.1)
    assert np.corrcoef(bars.get_data().values, shares)[0, 1] > 0.999
    assert [text.get_text() for text in picture.names] == [f"layer {n}" for n in range(1, 7)]


def test_the_same_scale_draws_the_same_numbers_and_theory_meets_them():
    for initializer in INITIALIZERS:
        case = signals.compute_case("relu", initializer, 1.0, 5, 120)
        measured = [np.mean(x**2) for x in case.signals.x]
        assert np.all(np.abs(np.log(np.array(measured) / case.theory.x)) < 0.7)
        one, two = (signals.compute_case("linear", initializer, s, 5, 120).signals.x[-1] for s in (1.0, 2.0))
        np.testing.assert_allclose(two, 32 * one)


def test_the_three_draws_are_l4s():
    figure, alt = signals.three_draws_figure()
    assert len(figure.axes) == 9
    for text in ("n Var = 0.02667", "n Var = 2.667", "n Var = 1,"):
        assert text in alt
    _, other = signals.signals_figure("tanh", "He", depth=3)
    assert "the gradient from 1 at the top" in other


@pytest.mark.parametrize(
    ("name", "layer"), [("sigmoid", Sigmoid()), ("tanh", Tanh()), ("relu", ReLU()), ("prelu", PReLU(0.3))]
)
def test_activations_and_slopes_are_those_of_the_layers(name, layer):
    z = np.array([[-2.0, -0.3, 0.4, 3.0]])
    function, slope = activations.functions(name, 0.3)
    np.testing.assert_allclose(function(z), layer.forward(z))
    np.testing.assert_allclose(slope(z), layer.backward(np.ones_like(z)))


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_the_zone_begins_where_the_slope_falls_below_a_tenth(name):
    found = activations.zone(name, 0.0)
    slope = activations.functions(name, 0.0)[1]
    assert slope(np.array(found.high)) == pytest.approx(0.1 * found.steepest, rel=1e-3)
    assert found.low == -found.high
    share, _ = activations.share_saturated(name, 2.0, 0.0)
    z = 2 * np.random.default_rng(0).normal(size=400_000)
    assert share == pytest.approx(np.mean(np.abs(z) > found.high), abs=0.01)


def test_relu_saturates_below_0_and_prelu_nowhere_unless_its_slope_is_tiny():
    assert activations.share_saturated("relu", 3.0, 0.0)[0] == pytest.approx(0.5, abs=0.01)
    assert activations.share_saturated("prelu", 3.0, 0.25) == (0.0, pytest.approx((1 + 0.25**2) / 2, abs=0.01))
    assert "saturates nowhere" in activations.activation_text("prelu", 1.0, 0.25)
    assert "50 %" in activations.activation_text("prelu", 1.0, 0.05)


def test_zigzag_counts_updates_of_one_sign():
    positive = zigzag.run(1.0, 1, 0.5)
    assert positive.one_sign == 1.0
    moves = np.diff(positive.path[:40], axis=0)
    assert np.all(moves[:, 0] * moves[:, 1] >= 0)
    assert zigzag.run(1.0, 64, 0.5).one_sign == 0.0
    assert zigzag.run(0.0, 1, 0.0).one_sign == 0.0  # nothing moves


def test_a_deep_run_is_repeatable_and_reports_every_epoch():
    told = []
    one = deep_training.run("He", 2, num_epochs=2, tell=told.append)
    two = deep_training.run("He", 2, num_epochs=2)
    np.testing.assert_array_equal(one.losses, two.losses)
    assert [len(found.losses) for found in told] == [1, 2, 3]
    assert one.losses[0] > one.losses[-1] and one.accuracies[-1] > 0.5
    x = deep_training.data().x
    assert np.mean(x**2) == pytest.approx(1.0) and np.abs(x.mean(axis=0)).max() < 1e-12


def test_a_run_that_diverges_ends_early_and_says_so():
    found = deep_training.run("He", 4, learning_rate=1e6, num_epochs=3)
    assert len(found.losses) == 4 and not np.isfinite(found.losses[-1])
    dead = dead_units_runs.census(1e9, 0.0, num_epochs=3)
    if not np.isfinite(dead.losses[-1]):
        assert "diverges" in dead_units.dead_text(dead, 1e9, 0.0, "relu")


def test_dead_units_get_no_gradient_and_a_very_negative_bias_makes_them():
    found = dead_units_runs.census(0.1, -50.0, num_epochs=1)
    assert np.all(found.dead == 1.0)
    assert found.losses[-1] == pytest.approx(np.log(10), abs=0.05)
    assert np.all(dead_units_runs.census(0.1, 0.0, num_epochs=0).dead == 0.0)


def test_the_pictures_of_isometry_and_symmetry_state_what_they_show():
    _, alt = isometry_figure(depth=5)
    assert "linear, orthogonal: 1 to 1" in alt
    assert singular_values("orthogonal", "linear", 1.0, 4).max() == pytest.approx(1.0)
    _, alt = symmetry_figure(num_steps=10)
    assert alt.count("stay tied") == 2
