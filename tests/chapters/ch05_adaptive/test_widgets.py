"""Chapter 5's live figures without a browser: every control from end to end, what they say, what they must survive."""

import itertools

import numpy as np
import pytest

from course_lib.chapters.ch05_adaptive.experiments.adam_steps import (
    KINDS,
    constant_theory,
    gradients_of,
    noise_level,
    recent_lengths,
    step_lengths,
)
from course_lib.chapters.ch05_adaptive.experiments.reddi import LARGE, drift, sweeps
from course_lib.chapters.ch05_adaptive.experiments.weight_decay import decay_runs
from course_lib.chapters.ch05_adaptive.figures.eps_place import eps_lines, first_steps
from course_lib.chapters.ch05_adaptive.widgets import (
    adaptive_race,
    bias_correction,
    counter_example,
    eps_place,
    weight_decay,
)
from course_lib.chapters.ch05_adaptive.widgets.race import LEARNING_RATES, METHODS, configured
from course_lib.objective import Objective
from course_lib.optimizers import SGD, Adagrad, Adam, Momentum, RMSprop
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES, ravine, rotated
from course_lib.widgets.frames import to_pixels, unpack

pytestmark = pytest.mark.filterwarnings("error")
FIGURES = {
    "race": lambda: adaptive_race("ravine", num_steps=15),
    "bias": lambda: bias_correction(num_steps=100),
    "eps": eps_place,
    "decay": weight_decay,
    "reddi": counter_example,
}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("race", {"learning_rate": 0.0316, "memory": 0.97, "num_steps": 30}),
        ("bias", {"beta1": 0.5, "beta2": 0.9, "gradients": "pure noise"}),
        ("eps", {"method": "RMSprop", "eps": 1e-4, "scale": 1.0}),
        ("decay", {"decay": 0.3, "steep": 1.0, "learning_rate": 0.1}),
        ("reddi", {"large": 5.0, "beta2": 0.5}),
    ],
)
def test_the_order_in_which_values_are_set_does_not_matter(name, values):
    seen = set()
    for order in list(itertools.permutations(values.items()))[::3]:
        figure = FIGURES[name]()
        for trait, value in order:
            setattr(figure, trait, value)
        seen.add((figure.png(), figure.caption))
    assert len(seen) == 1


WRONG = [
    ("race", {"learning_rate": -1.0}),
    ("race", {"memory": 1.0}),
    ("race", {"num_steps": 0}),
    ("race", {"turn": float("nan")}),
    ("race", {"condition_number": 0.0}),
    ("race", {"surface": "volcano"}),
    ("race", {"optimizers": ["Adaam"]}),
    ("race", {"start": [float("nan"), 0.0]}),
    ("bias", {"beta1": 1.0}),
    ("bias", {"beta2": float("nan")}),
    ("bias", {"gradients": "none"}),
    ("bias", {"num_steps": 1}),
    ("eps", {"eps": 0.0}),
    ("eps", {"scale": float("inf")}),
    ("eps", {"method": "SGD"}),
    ("decay", {"decay": 0.0}),
    ("decay", {"decay": 100.0}),
    ("reddi", {"beta2": 1.0}),
    ("reddi", {"large": 2.0}),
]


@pytest.mark.parametrize(("name", "values"), WRONG, ids=str)
def test_a_wrong_value_is_named_and_the_picture_stays(name, values):
    figure = FIGURES[name]()
    before = figure.png(), figure.caption
    figure.set(**values)
    assert figure.problem and "\n" not in figure.problem
    assert (figure.png(), figure.caption) == before


# --- The race -----------------------------------------------------------------------------------------


def test_the_race_draws_the_runs_themselves():
    figure = adaptive_race("ravine", optimizers=["SGD", "Adagrad", "Adam"], turn=30.0, num_steps=25)
    surface = rotated(ravine(30.0), 30.0)
    for value in LEARNING_RATES[::12]:
        reel = figure.reel_learning_rate
        for number, cls in enumerate((SGD, Adagrad, Adam)):
            run = descend(surface, configured(cls, value, 0.9), figure.start, 25)
            pixel = to_pixels(run.thetas[20], figure.boxes["axes"][0])
            drawn = unpack(reel, reel["values"].index(value) * len(figure.tracks) + number, 20)[-1]
            if np.abs(pixel).max() < 1500:
                np.testing.assert_allclose(drawn, pixel, atol=0.6)


def test_rates_of_the_two_coordinates_part_along_an_axis_and_agree_at_45_degrees():
    assert "Adagrad ends at" in (caption := adaptive_race("ravine", optimizers=["Adagrad"]).caption)
    assert "rates 1" in caption and " : 1)" in caption  # 1x.x : 1
    turned = adaptive_race("ravine", optimizers=["RMSprop"], turn=45.0).caption
    assert "rates 1 : 1)" in turned or "rates 1.0" in turned


def test_every_surface_and_method_can_race():
    for name in list(SURFACES)[::3]:
        figure = adaptive_race(name, optimizers=["SGD", "Adam"], num_steps=10)
        assert SURFACES[name].title in figure.caption
    figure = adaptive_race("himmelblau", optimizers=list(METHODS), num_steps=10)
    assert all(f"{method} " in figure.caption for method in METHODS)
    assert adaptive_race("beale").hidden == ["condition_number", "turn"]


def test_turning_the_ravine_turns_the_start_and_leaves_descent_as_it_was():
    figure = adaptive_race("ravine", optimizers=["SGD", "Momentum"])
    before = figure.caption.split(": ", 1)[1]
    figure.turn = 90.0
    np.testing.assert_allclose(figure.start, [-1.0, -1.8])
    assert figure.caption.split(": ", 1)[1] == before


def test_memory_is_rho_or_beta2_and_adadelta_keeps_its_learning_rate():
    assert configured(RMSprop, 0.1, 0.5).rho == 0.5 and configured(Adam, 0.1, 0.5).beta2 == 0.5
    assert configured(METHODS["Adadelta"], 0.1, 0.5).learning_rate == 1.0
    assert configured(Momentum, 0.1, 0.5).momentum == 0.9


def test_an_unknown_surface_is_answered_with_the_names_there_are():
    with pytest.raises(KeyError, match="no surface 'volcano'"):
        adaptive_race("volcano")


# --- Corrections, eps, decay, the counter-example -----------------------------------------------------


def prescribed(gradients):
    stream = iter(gradients)
    return Objective(lambda theta: 0 * theta[..., 0], lambda theta: np.full_like(theta, next(stream)))


@pytest.mark.parametrize("kind", KINDS)
def test_step_lengths_are_those_of_the_librarys_adam(kind):
    gradients = gradients_of(kind, 60)
    ours = step_lengths(gradients, 0.8, 0.95)
    for row, corrected in ((0, True), (1, False)):
        optimizer = Adam(1.0, 0.8, 0.95, eps=0.0, bias_correction=corrected)
        path = descend(prescribed(gradients), optimizer, [0.0], 60).thetas[:, 0]
        np.testing.assert_allclose(-np.diff(path), ours[row], rtol=1e-9, atol=1e-11)
    t = np.arange(1, 61)
    np.testing.assert_allclose(ours[2], ours[0] / np.sqrt(1 - 0.95**t), rtol=1e-12)


@pytest.mark.parametrize("betas", [(0.0, 0.0), (0.9, 0.999), (0.99, 0.5)])
def test_constant_theory_is_the_run_to_rounding(betas):
    np.testing.assert_allclose(step_lengths(np.ones(300), *betas), constant_theory(*betas, 300), rtol=1e-11)


def test_first_steps_are_1_3_and_31_learning_rates():
    first = step_lengths(np.ones(1), 0.9, 0.999)[:, 0]
    np.testing.assert_allclose(first, [1, 0.1 / np.sqrt(0.001), 1 / np.sqrt(0.001)])
    assert "1, neither 3.16, only the first 31.6" in bias_correction().caption


def test_noise_level_is_reached_for_every_beta1():
    for beta1 in (0.0, 0.5, 0.9):
        steps = step_lengths(np.random.default_rng(0).normal(size=40000), beta1, 0.999)[0, 5000:]
        assert np.sqrt(np.mean(steps**2)) == pytest.approx(noise_level(beta1), rel=0.05)


@pytest.mark.parametrize("method", ["Adagrad", "RMSprop", "Adam"])
def test_first_steps_by_place_of_eps_are_the_librarys(method):
    cls = {"Adagrad": Adagrad, "RMSprop": RMSprop, "Adam": Adam}[method]
    for size in (1e-7, 1e-3, 1.0):
        for row, inside in enumerate((False, True)):
            optimizer = cls(learning_rate=1.0, eps=1e-6, eps_inside_root=inside)
            step = -descend(prescribed([size]), optimizer, [0.0], 1).thetas[1, 0]
            assert step == pytest.approx(first_steps(method, 1e-6, size)[row], rel=1e-9)


def test_recent_lengths_are_the_root_mean_square_of_the_last_fifth():
    steps = np.random.default_rng(1).normal(size=(2, 57))
    plainly = [[np.sqrt(np.mean(row[4 * t // 5 : t] ** 2)) for t in range(1, 58)] for row in steps]
    np.testing.assert_allclose(recent_lengths(steps), plainly)


def test_in_pure_noise_the_line_of_adam_settles_at_the_theory():
    widget = bias_correction(beta1=0.5, beta2=0.999, gradients="pure noise", num_steps=2000)
    assert widget.steps[0].get_ydata()[-1] == pytest.approx(noise_level(0.5), rel=0.2)
    assert "last fifth" in widget.caption


def test_keras_form_is_adam_without_eps():
    run = list(iterate(ravine(30.0), Adam(0.03, eps=0.0), ravine(30.0).start, 150))
    values = np.array([ravine(30.0).value(theta) for theta, _ in run])
    np.testing.assert_allclose(eps_lines("Adam", 0.0, 1.0)[1][2], values / values[0], rtol=1e-6, atol=1e-12)


def test_adamw_is_its_theory_and_the_penalty_is_near_its_own():
    runs = decay_runs(0.1, 0.03, (0.1, 10.0))
    np.testing.assert_allclose(runs["AdamW"], runs["decoupled theory"], atol=1e-12)
    assert np.max(np.abs(runs["Adam + L2 penalty"] - runs["penalty theory"])) < 0.05
    assert runs["Adam + L2 penalty"][-1, 1] > 0.8 and runs["AdamW"][-1, 1] < 0.3


def test_the_counter_example_goes_where_theory_says():
    runs = sweeps((3.0,), (0.1, 0.9), 600)
    assert runs["Adam"][-1, 0, 0] > 0 > runs["Adam"][-1, 0, 1]
    assert drift(0.1, 3.0) < 0 < drift(0.9, 3.0)
    assert np.all(runs["AMSGrad"][-1] < -0.5) and np.all(runs["gradient descent"][-1] < -0.9)


def test_drift_in_the_limits_of_no_memory_and_of_a_long_one():
    for large in LARGE:
        assert drift(0.0, large) == pytest.approx(-1)  # signs: +1 - 1 - 1
        assert drift(1 - 1e-9, large) == pytest.approx((large - 2) / np.sqrt((large**2 + 2) / 3), rel=1e-5)
