"""The phase map: measured against theory, nothing hidden at the edges, a picture of what was computed."""

import numpy as np
import pytest

from course_lib.chapters.ch03_momentum.figures.phase_map import (
    METHODS,
    compute_phases,
    draw_phase_map,
    fitted_rate,
    level_line,
    measured_rate,
    phase_image,
    phase_map_figure,
    quick_level,
    steps_per_digit,
)
from course_lib.figures.style import new_figure
from course_lib.optimizers import Momentum
from course_lib.run import descend
from course_lib.surfaces import ravine


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kappa", [2.0, 30.0, 1000.0])
def test_the_experiment_agrees_with_theory_on_the_whole_grid(method, kappa):
    phases = compute_phases(method, kappa, size=80)
    assert np.max(np.abs(phases.measured - phases.theory)) < 1e-5


def test_the_fit_sees_through_critical_damping_where_the_usual_estimate_does_not():
    optimizer = Momentum(0.04, 0.64)  # critical: (1 - sqrt(0.04))^2
    distances = np.abs(descend(ravine(1.0), optimizer, [1.0, 1.0], 200).thetas[:, 0])
    usual = (distances[200] / distances[100]) ** (1 / 100)
    assert abs(usual - 0.8) > 4e-3
    assert measured_rate(optimizer, 1.0) == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize(
    ("roots", "rate"),
    [
        ((0.9, 0.5), 0.9),
        ((-0.9, 0.5), 0.9),
        ((1.3, 0.2), 1.3),
        ((0.6 + 0.6j, 0.6 - 0.6j), np.sqrt(0.72)),
        ((0.7, 0.0), 0.7),
    ],
)
def test_the_fit_finds_the_larger_of_two_roots(roots, rate):
    t = np.arange(40, 44)
    points = np.real(roots[0] ** t + 0.3 * roots[1] ** t) if roots[1] else np.real(roots[0] ** t)
    assert fitted_rate(points) == pytest.approx(rate, rel=1e-8)


def test_the_fit_does_not_mind_the_size_of_the_numbers():
    t = np.arange(4)
    for size in (1e-280, 1.0, 1e280):
        assert fitted_rate(size * 0.9**t) == pytest.approx(0.9)
    assert np.isnan(fitted_rate(np.zeros(4)))


def test_a_run_that_reached_zero_is_given_the_smallest_rate_that_can_be_told():
    assert measured_rate(Momentum(1.0, 0.0), 1.0, 200) == pytest.approx(1e-290 ** (1 / 200))


@pytest.mark.parametrize("method", METHODS)
def test_the_best_cell_lies_at_the_exact_optimum(method):
    phases = compute_phases(method, 30.0)
    row, column = np.unravel_index(phases.measured.argmin(), phases.measured.shape)
    assert phases.momenta[row] == pytest.approx(phases.optimum[1], abs=0.02)
    assert phases.learning_rates[column] == pytest.approx(phases.optimum[0], rel=0.02)
    assert phases.measured.min() >= phases.optimum[2] - 1e-5


def test_the_grid_is_the_single_runs():
    phases = compute_phases("momentum", 30.0, size=40)
    for row, column in ((3, 5), (20, 30), (39, 39)):
        single = measured_rate(Momentum(phases.learning_rates[column], phases.momenta[row]), 30.0)
        assert phases.measured[row, column] == pytest.approx(float(single), abs=1e-6)


def test_steps_per_digit_are_what_it_takes_to_shrink_tenfold():
    assert steps_per_digit(0.1) == pytest.approx(1.0)
    assert 0.9 ** steps_per_digit(0.9) == pytest.approx(0.1)
    assert np.isinf(steps_per_digit(1.0))
    assert np.isinf(steps_per_digit(1.5))
    assert steps_per_digit(0.0) < 0.01


def test_the_image_is_dark_where_it_is_quick_and_striped_where_it_diverges():
    rates = np.full((40, 40), 0.5)
    rates[:, 10:20], rates[:, 20:] = 0.99, 1.2
    image = phase_image(rates)
    assert image[0, 0, :3].sum() < image[0, 15, :3].sum()
    greys = {tuple(pixel) for pixel in image[:, 20:].reshape(-1, 4)}
    assert len(greys) == 2, "stripes"
    assert all(r == g == b for r, g, b, _ in greys)


def test_the_level_line_runs_where_the_level_is():
    x, y = np.linspace(0, 2, 50), np.linspace(0, 1, 40)
    line = level_line(x, y, x[None, :] + 0 * y[:, None], 0.7)
    inside = line[np.isfinite(line).all(axis=1)]
    assert np.allclose(inside[:, 0], 0.7)
    assert np.isnan(level_line(x, y, np.zeros((40, 50)), 0.7)).all(), "no line is a gap, not an error"


def test_the_white_line_allows_a_quarter_more_steps():
    assert steps_per_digit(quick_level(0.7)) == pytest.approx(1.25 * steps_per_digit(0.7))


def test_both_maps_share_axes_and_mark_the_optimum():
    phases = compute_phases("momentum", 10.0, size=30)
    _, axes = new_figure(ncols=2)
    for ax, which in zip(axes, ("theory", "measured"), strict=True):
        *_, star = draw_phase_map(ax, phases, which)
        assert star.get_xdata()[0] == pytest.approx(phases.optimum[0] * 10)
        assert star.get_ydata()[0] == phases.optimum[1]
    assert axes[0].get_xlim() == axes[1].get_xlim() == (0, 4)


def test_the_alt_text_gives_the_optimum_and_what_diverges():
    _, alt = phase_map_figure("momentum", 30.0)
    assert "the best is 0.691 a step, at learning rate 0.0953 and momentum 0.478" in alt
    assert "40000 measured runs" in alt
    assert "25 % of the grid diverges" in alt


def test_an_unknown_method_is_answered_with_the_ones_there_are():
    with pytest.raises(ValueError, match=r"no method 'adam' with a phase map. Choose one of: momentum, Nesterov"):
        compute_phases("adam", 30.0)


@pytest.mark.parametrize("kappa", [0.5, 0.0, -1.0, np.nan])
def test_a_condition_number_under_one_is_refused(kappa):
    with pytest.raises(ValueError, match="condition_number must be a finite number, at least 1"):
        compute_phases("momentum", kappa)
