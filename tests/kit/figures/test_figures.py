"""Every figure: drawn without a warning, nothing cut off or covered, and alt text that says what is there."""

import io
import re
import threading

import numpy as np
import pytest

from course_lib.chapters.ch03_momentum.figures.momentum import (
    critical_momentum,
    damping_figure,
    momentum_weights_figure,
    noise_level_figure,
    roots_figure,
    settling_steps,
    two_forms_figure,
    unrolled_weights,
)
from course_lib.chapters.ch03_momentum.figures.speed import (
    rates_against_condition_number_figure,
    worst_case_bounds,
    worst_case_runs,
)
from course_lib.figures.methods import method_of, styles_of
from course_lib.figures.style import line_style
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import OPTIMIZERS, SGD, Adam, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic


def race(name, learning_rate, num_steps=50):
    surface = SURFACES[name]
    optimizers = {cls.__name__: cls(learning_rate) for cls in (SGD, Momentum, Nesterov)}
    return race_figure(
        surface, {label: descend(surface, opt, surface.start, num_steps) for label, opt in optimizers.items()}
    )


def test_figures_can_be_drawn_on_several_threads_at_once():
    problems = []

    def draw():
        try:
            race("booth", 0.01)[0].savefig(io.BytesIO())
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_no_figure_needs_pyplot():
    import subprocess
    import sys

    code = (
        "import sys; from course_lib.chapters.ch03_momentum.figures.momentum import damping_figure; damping_figure(); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_first_22_styles_can_be_told_apart_without_colour_and_those_of_one_colour_in_two_ways():
    styles = [line_style(index) for index in range(28)]
    assert len({style[1:] for style in styles[:22]}) == 22
    assert max(cls.drawn for cls in OPTIMIZERS) < 28
    for index, style in enumerate(styles):
        same = [other for other in styles[:index] if other.color == style.color]
        assert not any(other.dashes == style.dashes or other.marker == style.marker for other in same)


def test_a_second_label_of_one_method_has_its_colour_and_what_is_no_method_has_another():
    styles = styles_of(["what I wrote", "Adam, beta1 = 0", "Adam", "sgd (diverges)", "momentum 0.7"])
    assert styles["Adam"] == line_style(Adam.drawn) and styles["sgd (diverges)"] == line_style(SGD.drawn)
    assert styles["Adam, beta1 = 0"].color == styles["Adam"].color
    assert styles["Adam, beta1 = 0"][1:] != styles["Adam"][1:]
    assert len({style.color for style in styles.values()}) == 4
    assert method_of("momentum 0.7") is method_of("Adam's drift") is method_of("linear model") is None
    assert len(set(styles_of(map(str, range(22))).values())) == 22


# --- What the figures say is so ----------------------------------------------------------------------


def test_the_measured_weights_are_powers_of_the_momentum():
    assert np.allclose(unrolled_weights(0.9, 50), 0.9 ** np.arange(50))
    assert unrolled_weights(0.9, 50).sum() == pytest.approx((1 - 0.9**50) / (1 - 0.9))


def test_the_weights_figure_says_the_sum_and_the_limit():
    _, alt = momentum_weights_figure((0.9,), 20)
    assert f"sum {(1 - 0.9**20) / 0.1:.3g} of at most 10" in alt


@pytest.mark.parametrize("scaled_rate", [0.01, 0.04, 0.3])
def test_below_the_critical_momentum_nothing_swings_and_above_it_does(scaled_rate):
    critical = critical_momentum(scaled_rate)

    def turns(momentum):
        theta = descend(quadratic([1.0]), Momentum(scaled_rate, momentum), [1.0], 500).thetas[:, 0]
        return np.count_nonzero(np.diff(np.sign(theta[np.abs(theta) > 1e-12])))

    assert turns(0.98 * critical) == turns(0.5 * critical) == 0
    assert turns(min(1.3 * critical, 0.99)) > 0


def test_the_critically_damped_run_settles_first():
    _, alt = damping_figure(0.04)
    steps = [int(s) for s in re.findall(r"under 1 % after (\d+) steps", alt)]
    assert len(steps) == 2, "over- and critically damped settle within the figure"
    assert steps[1] < steps[0]
    assert "not under 1 % within 120 steps" in alt


def test_settling_is_the_last_time_it_was_loud():
    assert settling_steps(np.array([1.0, 0.001, 0.5, 0.002, 0.001])) == 3
    assert settling_steps(np.array([1.0, 0.001, 0.5])) is None
    assert settling_steps(np.array([1.0, np.nan])) is None


def test_the_gain_of_momentum_is_the_root_of_the_condition_number():
    _, alt = rates_against_condition_number_figure(1e4)
    assert "momentum gains 100 times, √condition number is 100" in alt
    assert float(re.search(r"at most (\S+)\.$", alt).group(1)) < 1e-5


def test_the_worst_case_stays_between_its_bounds_and_plain_descent_falls_behind():
    runs = worst_case_runs(101, 50)
    lower, upper = worst_case_bounds(101, np.arange(1, 51))
    for values in runs.values():
        assert np.all(values[1:] >= lower)
    nesterov, plain = runs["Nesterov, rising momentum"], runs["gradient descent"]
    assert np.all(nesterov[1:] <= upper)
    assert plain[50] > 2 * nesterov[50]


def test_the_two_forms_part_only_with_a_schedule():
    _, alt = two_forms_figure()
    constant, cut = (
        float(x) for x in re.search(r"at most (\S+) at a constant learning rate, by (\S+) where", alt).groups()
    )
    assert constant < 1e-12
    assert cut > 0.1


def test_noise_level_is_the_same_for_the_same_long_run_step():
    """And (1 + m) / (1 - m) ... times higher at the same learning rate: stationary variance of a linear recurrence."""
    _, alt = noise_level_figure(num_runs=2000)
    same, matched = (
        [float(x) for x in part.split(", ")]
        for part in re.search(r"0\.9: (.+) at the same learning rate; (.+) when", alt).groups()
    )
    for momentum, level in zip((0.0, 0.5, 0.9), same, strict=True):
        a = 0.05
        exact = a * (1 + momentum) / ((1 - momentum) * (2 * (1 + momentum) - a))
        assert level == pytest.approx(exact, rel=0.08)
    assert np.ptp(matched) < 0.1 * np.mean(matched)


@pytest.mark.parametrize("momentum", [0.3, 0.6, 0.9])
def test_the_roots_figure_says_the_rate_of_the_run(momentum):
    _, alt = roots_figure(momentum, 0.5)
    rate = float(re.search(r"rate (\d\.\d+); without", alt).group(1))
    theta = descend(quadratic([1.0]), Momentum(0.5, momentum), [1.0], 400).thetas[:, 0]
    peak = [np.abs(theta[first : first + 40]).max() for first in (100, 150)]
    assert (peak[1] / peak[0]) ** (1 / 50) == pytest.approx(rate, rel=0.02)
