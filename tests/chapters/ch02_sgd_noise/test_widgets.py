"""Chapter 2's live figures without a browser: every control from end to end, what they say, what they must survive."""

import itertools

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.experiments import SAMPLING
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import (
    BATCH_SIZES,
    NUM_STEPS,
    SCHEDULES,
    batch_means,
    compute_cloud,
    share_inside,
)
from course_lib.chapters.ch02_sgd_noise.figures.schedules import KINDS, expected_distances, explored
from course_lib.chapters.ch02_sgd_noise.widgets import line_search, noise_ball, schedule_explorer, three_clocks
from course_lib.surfaces import SURFACES

pytestmark = pytest.mark.filterwarnings("error")
FIGURES = {
    "noise_ball": lambda: noise_ball(),
    "schedules": lambda: schedule_explorer(),
    "line_search": lambda: line_search(trial=3, sufficient_decrease=0.5),
    "three_clocks": lambda: three_clocks(),
}


WRONG = [
    ("noise_ball", {"learning_rate": 2.0}),
    ("noise_ball", {"learning_rate": float("nan")}),
    ("noise_ball", {"batch_size": 3}),
    ("noise_ball", {"step": NUM_STEPS + 1}),
    ("noise_ball", {"sampling": "twice"}),
    ("noise_ball", {"schedule": "none"}),
    ("schedules", {"highest": 2.5}),
    ("schedules", {"noise": float("inf")}),
    ("schedules", {"period": 1}),
    ("schedules", {"num_steps": 0}),
    ("schedules", {"kinds": ["sawtooth"]}),
    ("three_clocks", {"learning_rate": 2.0}),
    ("three_clocks", {"learning_rate": float("nan")}),
    ("three_clocks", {"batch_size": 32}),
    ("three_clocks", {"fixed_cost": -1.0}),
    ("three_clocks", {"fixed_cost": float("inf")}),
    ("line_search", {"first_step": 0.0}),
    ("line_search", {"shrink": 1.0}),
    ("line_search", {"sufficient_decrease": 1.0}),
    ("line_search", {"trial": 0}),
    ("line_search", {"surface": "volcano"}),
    ("line_search", {"start": [float("nan"), 0.0]}),
]


@pytest.mark.parametrize(("name", "values"), WRONG, ids=str)
def test_a_wrong_value_is_named_and_the_picture_stays(name, values):
    figure = FIGURES[name]()
    before = figure.png(), figure.caption
    figure.set(**values)
    assert figure.problem
    assert (figure.png(), figure.caption) == before


def test_the_order_in_which_values_are_set_does_not_matter():
    values = {"learning_rate": 0.8, "batch_size": 4, "sampling": "epochs", "step": 60}
    seen = set()
    for order in list(itertools.permutations(values.items()))[::5]:
        figure = noise_ball()
        for name, value in order:
            setattr(figure, name, value)
        seen.add((figure.png(), figure.caption))
    assert len(seen) == 1


@pytest.mark.parametrize("sampling", SAMPLING)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_runs_are_where_theory_says_for_every_setting(sampling, schedule):
    for batch_size in BATCH_SIZES:
        cloud = compute_cloud(0.6, batch_size, sampling, schedule)
        t = NUM_STEPS - 5  # not at the end of an epoch, where single-sample epochs leave next to nothing
        assert cloud.measured[t] == pytest.approx(cloud.predicted[t], rel=0.2, abs=1e-9)
        assert 0.8 < share_inside(cloud.thetas[t], cloud.means[t], cloud.covariances[t]) <= 1


def test_an_epoch_deals_out_every_sample_once():
    for batch_size in BATCH_SIZES[1:-1]:
        per_epoch = 32 // batch_size
        epochs = batch_means(batch_size, "epochs")[: NUM_STEPS // per_epoch * per_epoch]
        of_epoch = epochs.reshape(-1, per_epoch, *epochs.shape[1:]).mean(axis=1)
        np.testing.assert_allclose(of_epoch, 0, atol=1e-5)  # the mean of all samples


def test_the_full_batch_without_replacement_is_a_point_and_with_it_a_cloud():
    assert np.ptp(compute_cloud(0.5, 32, "without replacement").thetas[-1], axis=0).max() < 1e-6
    assert np.ptp(compute_cloud(0.5, 32, "with replacement").thetas[-1], axis=0).max() > 0.1


def test_the_expected_distance_is_the_ball_for_a_constant_rate_and_1_over_k_falls_below_it():
    distances = expected_distances(explored(KINDS, 0.5, 0.005, 1000), 1.0)
    assert distances["constant"][-1] == pytest.approx(0.5 / 1.5)
    assert distances["1/k"][-1] < distances["1/√k"][-1] < distances["constant"][-1]
    rates = explored(KINDS, 0.5, 0.005, 200)
    assert all(rate[0] == pytest.approx(0.5) for rate in rates.values())


@pytest.mark.parametrize("surface", SURFACES)
def test_a_search_on_every_surface_ends_below_the_line(surface):
    figure = line_search(surface, trial=60)
    assert "decreases enough" in figure.caption or "nothing to search" in figure.caption


def test_trials_are_shown_one_by_one_until_one_is_accepted():
    figure = line_search(trial=1)
    said = []
    for trial in (1, 2, 3, 4, 5):
        figure.trial = trial
        said.append(figure.caption)
    assert ["too long" in text for text in said] == [True, True, True, False, False]
    assert "0.00125 is the first of 4" in said[3]


def test_a_start_picked_by_hand_is_searched_and_a_surface_brings_its_own():
    figure = line_search()
    figure.start = [0.5, 0.5]
    assert "(0.5, 0.5)" in figure.caption
    figure.surface = "beale"
    assert figure.start == [float(x) for x in SURFACES["beale"].start]
