"""Every figure: drawn without a warning, nothing cut off or covered, and alt text that says what is there."""

import io
import re
import threading
import warnings

import numpy as np
import pytest
from matplotlib.legend import Legend

from course_lib.chapters.ch01_backprop.figures.gradient_check import SUBJECTS, v_figure
from course_lib.chapters.ch01_backprop.figures.graph import graph_figure
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
from course_lib.chapters.ch03_momentum.figures.phase_map import phase_map_figure
from course_lib.chapters.ch03_momentum.figures.speed import (
    rates_against_condition_number_figure,
    worst_case_bounds,
    worst_case_figure,
    worst_case_runs,
)
from course_lib.chapters.ch03_momentum.figures.step import step_figure
from course_lib.figures.curves import curves_figure
from course_lib.figures.style import PALETTE, line_style
from course_lib.figures.surface import surface_figure
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic, ravine


def race(name, learning_rate, num_steps=50):
    surface = SURFACES[name]
    optimizers = {cls.__name__: cls(learning_rate) for cls in (SGD, Momentum, Nesterov)}
    return race_figure(
        surface, {label: descend(surface, opt, surface.start, num_steps) for label, opt in optimizers.items()}
    )


FIGURES = {
    "weights": momentum_weights_figure,
    "damping": damping_figure,
    "roots": roots_figure,
    "two_forms": two_forms_figure,
    "noise_level": noise_level_figure,
    "condition_number": rates_against_condition_number_figure,
    "worst_case": worst_case_figure,
    "phase_map_momentum": lambda: phase_map_figure("momentum", 30.0, size=60),
    "phase_map_nesterov": lambda: phase_map_figure("Nesterov", 100.0, size=60),
    "step": lambda: step_figure(ravine(10.0), [-1.2, 0.9], [0.9, -0.6], 0.05, 0.9),
    "race": lambda: race("beale", 0.002),
    "race_saddle": lambda: race("classical_saddle", 0.05),
    "graph": lambda: graph_figure("(w*x + z - y)**2", {"w": 0.8, "x": 2.0, "y": 1.0, "z": -0.5}),
    "graph_forward": lambda: graph_figure("x * y", {"x": 2.0, "y": 1.0}, mode="forward"),
    "curves": lambda: curves_figure({"a": ([1, 2], [1, 3]), "b": ([1, 2], [2, 2])}, "Two curves", "step", "loss"),
    **{f"v_{name}": (lambda name=name: v_figure(name)) for name in SUBJECTS},
    "race_diverging": lambda: race("ravine", 1e9),
    **{f"surface_{name}": (lambda name=name: surface_figure(SURFACES[name])) for name in SURFACES},
}


@pytest.fixture(scope="module", params=FIGURES)
def drawn(request):
    """``(figure, alt)``, drawn once, any warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, alt = FIGURES[request.param]()
        figure.canvas.draw()
    return figure, alt


def test_the_alt_text_is_a_sentence_with_numbers(drawn):
    _, alt = drawn
    assert alt.endswith(".")
    assert re.search(r"\d", alt)
    assert 45 < len(alt) < 700
    assert not re.search(r"\bnan\b|\binf\b|np\.", alt)


def test_everything_written_lies_inside_the_figure(drawn):
    figure, _ = drawn
    renderer = figure.canvas.get_renderer()
    width, height = figure.bbox.size
    for ax in figure.axes:
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
            box = text.get_window_extent(renderer)
            assert box.x0 >= -1, text
            assert box.x1 <= width + 1, text
            assert box.y0 >= -1, text
            assert box.y1 <= height + 1, text
    for legend in figure.legends:
        box = legend.get_window_extent(renderer)
        assert box.x0 >= -1
        assert box.x1 <= width + 1


def test_no_legend_lies_over_data(drawn):
    figure, _ = drawn
    assert not [child for ax in figure.axes for child in ax.get_children() if isinstance(child, Legend)]
    renderer = figure.canvas.get_renderer()
    for legend in figure.legends:
        for ax in figure.axes:
            assert not legend.get_window_extent(renderer).overlaps(ax.bbox)


def test_titles_do_not_meet(drawn):
    figure, _ = drawn
    renderer = figure.canvas.get_renderer()
    boxes = [ax.title.get_window_extent(renderer) for ax in figure.axes if ax.get_title()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_type_is_large_enough_for_the_last_row(drawn):
    figure, _ = drawn
    texts = [text for ax in figure.axes for text in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    sizes = [text.get_fontsize() for text in texts if text.get_text()]
    ticks = [label.get_fontsize() for ax in figure.axes for label in ax.get_xticklabels()]
    legends = [text.get_fontsize() for legend in figure.legends for text in legend.get_texts()]
    assert min(sizes) >= 13
    assert min(ticks, default=11) >= 11  # a graph has none
    assert min(legends, default=12) >= 12


def test_limits_are_finite(drawn):
    figure, _ = drawn
    for ax in figure.axes:
        assert np.all(np.isfinite([*ax.get_xlim(), *ax.get_ylim()]))


def test_lines_with_a_name_differ_in_more_than_colour(drawn):
    figure, _ = drawn
    for ax in figure.axes:
        named = [line for line in ax.lines if not line.get_label().startswith("_")]
        looks = [(line.get_linestyle(), line.get_marker(), line.get_linewidth()) for line in named]
        assert len(set(looks)) == len(looks), [line.get_label() for line in named]


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


def test_the_first_28_styles_can_be_told_apart_without_colour():
    assert len({style[1:] for style in map(line_style, range(28))}) == 28
    assert len(set(PALETTE)) == 6


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
