"""Chapter 5's claims and errata: the numbers meet the theory, and could have said the opposite."""

import math

import numpy as np
import pytest

from course_lib.chapters.ch05_adaptive.claims import adam as ch05_adam
from course_lib.chapters.ch05_adaptive.claims import races as ch05_races
from course_lib.chapters.ch05_adaptive.claims.digits import (
    METHODS,
    RATES,
    SEEDS,
    TUNING_SEEDS,
    microseconds_an_update,
    steps_to_target,
    stored,
    training_curve,
)
from course_lib.chapters.ch05_adaptive.claims.rates import spread_of_units, tied_network
from course_lib.chapters.ch05_adaptive.errata import ERRATA, printed_adadelta
from course_lib.claims import CLAIMS
from course_lib.optimizers import SGD, Adam, Momentum, RMSprop

# --- The stored run on the digits -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SGD", "Nesterov", "Adam", "Adadelta"])
def test_a_stored_training_on_the_digits_comes_out_again(name):
    about = stored()[name]
    again = steps_to_target(training_curve(name, about["learning_rate"], SEEDS[3], num_steps=200))
    assert abs(again - about["steps"][3]) <= 2  # another sum of products may end a hair above the target


def test_every_method_had_the_same_tuning_and_the_stored_rate_is_its_best():
    assert set(stored()) == set(METHODS) and len(SEEDS) == 20 and not set(SEEDS) & set(TUNING_SEEDS)
    for about in stored().values():
        assert [row[0] for row in about["tuning"]] == list(RATES)
        assert about["learning_rate"] == min(about["tuning"], key=lambda row: row[1:])[0]
        assert RATES[0] < about["learning_rate"] < RATES[-1]  # not at the end of the grid
        assert len(about["steps"]) == len(SEEDS)


def test_an_update_of_adam_takes_longer_than_one_of_sgd():
    times = microseconds_an_update(num_updates=20, repeats=5)
    assert set(times) == set(METHODS) and times["Adam"] > times["SGD"] > 0


def test_steps_to_target_counts_updates():
    assert steps_to_target(np.array([1.0, 0.5, 0.09, 0.2])) == 2
    assert steps_to_target(np.array([1.0, np.nan, 0.5])) == 3


# --- An experiment that is given another method says something else ------------------------------------


def test_if_adam_were_sgd_the_scale_would_matter(monkeypatch):
    monkeypatch.setattr(ch05_adam, "Adam", lambda learning_rate, eps=0.0: SGD(1e-4))
    assert CLAIMS["C-05-4"].run().verdict.kind == "fails"


def test_if_rmsprop_were_descent_the_corridor_would_gain_nothing(monkeypatch):
    monkeypatch.setitem(ch05_races.METHODS, "RMSprop", SGD)
    assert CLAIMS["C-05-15"].run().verdict.kind == "fails"


def test_if_adagrad_forgot_it_would_follow_a_moving_minimum(monkeypatch):
    monkeypatch.setattr(ch05_races, "Adagrad", RMSprop)
    assert CLAIMS["C-05-17"].run().verdict.kind == "not shown"


def test_if_adam_were_momentum_one_rate_would_serve_no_better(monkeypatch):
    monkeypatch.setattr(ch05_races, "Adam", type("Adam", (Momentum,), {}))
    assert CLAIMS["C-05-18"].run().verdict.kind == "not shown"


def test_tied_units_are_tied_and_free_ones_are_not():
    loss, theta = tied_network(1)
    assert spread_of_units(loss, theta) == 0
    assert spread_of_units(*tied_network(1, spread=0.1)) > 0.01


# --- Errata ------------------------------------------------------------------------------------------------


ROWS = {erratum.id: erratum.compare() for erratum in ERRATA}


def test_the_printed_adadelta_climbs_on_both_sides_and_at_once():
    assert printed_adadelta(1, 1) > 1 and printed_adadelta(-1, 1) < -1
    assert printed_adadelta(1, 1) == pytest.approx(1 + 1 / np.sqrt(0.1), rel=1e-5)


def test_no_rate_of_adagrad_rises():
    rising, left = ROWS["E34"]
    assert rising.printed == 0 and 0 < left.printed < 1


def test_without_either_hat_the_first_step_is_3_learning_rates():
    assert ROWS["E40"][0].printed == pytest.approx(1 / math.sqrt(0.001))
    assert -ch05_adam.descend(
        ch05_adam.scaled(ch05_adam.quadratic([1.0]), 1.0), Adam(1.0, bias_correction=False), [5.0], 1
    ).thetas[1, 0] + 5 == pytest.approx(0.1 / math.sqrt(0.001), rel=1e-6)
