"""Chapter 7's live figures without a browser: every control from end to end, what they say, what they must survive."""

import itertools

import numpy as np
import pytest

from course_lib.chapters.ch07_batchnorm.figures.unit_histograms import KINDS, MODES, compute_unit, heights, pool
from course_lib.chapters.ch07_batchnorm.widgets import (
    activation_explorer,
    batch_size_race,
    loss_ahead,
)
from course_lib.chapters.ch07_batchnorm.widgets import (
    training as ch07_training,
)

pytestmark = pytest.mark.filterwarnings("error")
FIGURES = {"unit": activation_explorer, "ahead": loss_ahead, "race": batch_size_race}


@pytest.fixture(autouse=True, scope="module")
def short_runs():
    """The same work, fewer steps: what is tested here does not depend on the number."""
    patch = pytest.MonkeyPatch()
    patch.setattr(ch07_training, "LANDSCAPE_STEPS", 16)
    patch.setattr(ch07_training, "RACE_STEPS", 20)
    yield
    patch.undo()
    ch07_training.LossAhead._kept.clear()
    ch07_training.BatchSizeRace._kept.clear()


def made(name, **values):
    if name == "ahead":
        values = {"step": 8, "depth": 2, **values}
    figure = FIGURES[name](**values)
    return done(figure)


def done(figure):
    if hasattr(figure, "join"):
        assert figure.join(60)
    return figure


WRONG = [
    ("unit", {"batch_size": 0}),
    ("unit", {"batch_size": 5000}),
    ("unit", {"spread": 0.0}),
    ("unit", {"mean": float("nan")}),
    ("unit", {"gamma": float("inf")}),
    ("unit", {"mode": "both"}),
    ("unit", {"kind": "cauchy"}),
    ("unit", {"activation": "swish"}),
    ("ahead", {"step": 100}),
    ("ahead", {"learning_rate": 3.0}),
    ("ahead", {"depth": 3}),
    ("race", {"batch_size": 0}),
    ("race", {"batch_size": 2000}),
    ("race", {"learning_rate": 0.0}),
    ("race", {"seed": -1}),
]


@pytest.mark.parametrize(("name", "values"), WRONG, ids=str)
def test_a_wrong_value_is_named_and_the_picture_stays(name, values):
    figure = made(name)
    before = figure.png(), figure.caption
    figure.set(**values)
    assert figure.problem
    assert (figure.png(), figure.caption) == before


def test_the_order_in_which_values_are_set_does_not_matter():
    values = {"mean": -2.0, "batch_size": 4, "gamma": -1.5, "activation": "tanh"}
    seen = set()
    for order in list(itertools.permutations(values.items()))[::5]:
        figure = activation_explorer()
        for name, value in order:
            setattr(figure, name, value)
        seen.add((figure.png(), figure.caption))
    assert len(seen) == 1


def test_a_result_is_kept_and_shown_at_once_when_its_setting_comes_back():
    figure = made("race", batch_size=8)
    said = figure.caption
    figure.batch_size = 16
    done(figure)
    assert figure.caption != said
    figure.batch_size = 8
    assert not figure.running and figure.caption == said


def test_moving_the_step_trains_nothing_again():
    figure = made("ahead")
    run = figure._run
    figure.step = 12
    assert figure._run is run and "at step 12" in figure.caption


def test_a_batch_of_one_is_said_to_leave_nothing():
    assert "standardised to zero" in made("race", batch_size=1).caption
    assert "of the input nothing is left" in activation_explorer(batch_size=1, beta=1.5).caption


@pytest.mark.parametrize("kind", KINDS)
def test_in_training_neither_mean_nor_spread_of_the_input_is_seen(kind):
    one = compute_unit(5.0, 3.0, 64, 1.5, -1.0, kind=kind)
    other = compute_unit(-2.0, 0.5, 64, 1.5, -1.0, kind=kind)
    np.testing.assert_allclose(one.y, other.y, atol=1e-3)
    assert one.y.mean() == pytest.approx(-1.0) and one.y.std() == pytest.approx(1.5, rel=1e-3)


def test_in_pairs_only_the_order_survives():
    unit = compute_unit(1.0, 2.0, 2, 1.0, 0.0)
    assert np.mean(np.abs(np.abs(unit.y) - 1) < 0.01) > 0.98
    pairs, out = unit.x.reshape(-1, 2), unit.y.reshape(-1, 2)
    np.testing.assert_array_equal(pairs[:, 0] > pairs[:, 1], out[:, 0] > out[:, 1])


def test_a_net_that_never_trained_its_statistics_passes_the_input_on():
    unit = compute_unit(3.0, 2.0, 8, 1.0, 0.0, mode=MODES[2])
    np.testing.assert_allclose(unit.y, unit.x, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_pool_has_mean_0_and_spread_1(kind):
    assert pool(kind).mean() == pytest.approx(0, abs=1e-12) and pool(kind).std() == pytest.approx(1)


def test_a_histogram_leaves_out_what_lies_outside_and_piles_nothing_up_at_its_ends():
    np.testing.assert_array_equal(heights(np.array([-9.0, 0.5, 9.0, 9.0]), np.array([0.0, 1.0, 2.0])), [1.0, 0.0])
