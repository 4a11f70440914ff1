"""Chapter 3's claims: the numbers meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch03_momentum.claims import (
    nesterov as ch03_nesterov,
)
from course_lib.chapters.ch03_momentum.claims import (
    paths as ch03_paths,
)
from course_lib.chapters.ch03_momentum.claims import (
    rates as ch03_rates,
)
from course_lib.chapters.ch03_momentum.claims.forms import velocities
from course_lib.chapters.ch03_momentum.claims.measured import measured
from course_lib.chapters.ch03_momentum.claims.momentum import BUDGET, measured_rate
from course_lib.chapters.ch03_momentum.claims.nesterov import stationary_variance
from course_lib.chapters.ch03_momentum.claims.questions import conserved
from course_lib.chapters.ch03_momentum.claims.rates import bowls, steps_to
from course_lib.chapters.ch03_momentum.experiments import momentum_rate
from course_lib.chapters.ch03_momentum.experiments.deep import MOMENTA, NUM_STEPS, RATES, training_curve
from course_lib.claims import CLAIMS
from course_lib.claims.runs import distance_to_minima, endpoint, visualiser_stops
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend, iterate
from course_lib.schedules import nesterov_momentum, rising_momentum
from course_lib.surfaces import SURFACES


def test_switching_points_of_c_03_8_enclose_the_theory(results):
    n = results["C-03-8"].numbers
    assert n["faster_below"].low < n["limit"].value < n["faster_below"].high
    assert n["overshoots_from"].low < n["critical"].value < n["overshoots_from"].high
    np.testing.assert_allclose([n["agree"].value, n["disagree"].value], [1 / 0.1, 1 / 1.9], rtol=1e-7)


def test_half_a_swing_at_decay_1_takes_as_long_as_theory_says(results):
    n = results["C-03-5"].numbers
    assert abs(n["period"].value / n["theory"].value - 1) < 1e-3
    assert n["rate"].value == pytest.approx(1, abs=1e-12)


def test_speed_up_without_tuning_ends_at_its_bound(results):
    n = results["C-03-1"].numbers
    assert 0.8 * 19 < n["fixed"].value < 1.2 * 19  # (1 + 0.9) / (1 - 0.9)
    assert n["fixed_low"].upper < 1


def test_steps_are_those_of_the_exact_rate_and_a_double_root_costs_more(results):
    n = results["C-03-1"].numbers
    assert 0.85 < n["theory_descent"].low < n["theory_descent"].high < 1
    assert 1 < n["theory"].low < n["theory"].high < 1.5


def test_noise_floors_agree_between_methods_to_the_order_of_the_learning_rate(results):
    n = results["C-03-9"].numbers
    assert 0.9 < n["floor"].value < 1.05 and 0.9 < n["floor_momentum"].value < 1.05


# --- An experiment that is given another method says something else ------------------------------------


def test_if_nesterov_were_gradient_descent_the_square_would_be_lost(monkeypatch):
    monkeypatch.setattr(ch03_rates, "Nesterov", lambda learning_rate, momentum=0.9: Momentum(learning_rate, 0.0))
    monkeypatch.setattr(ch03_rates, "nesterov_momentum", lambda t: 0.0)
    assert CLAIMS["C-03-3"].run().verdict.kind == "fails"


def test_if_nesterov_were_descent_it_would_not_beat_momentum(monkeypatch):
    monkeypatch.setattr(
        ch03_nesterov, "Nesterov", lambda learning_rate, momentum: Momentum(learning_rate, 0 * momentum)
    )
    assert CLAIMS["C-03-2"].run().verdict.kind == "fails"


def test_a_method_that_treats_coordinates_apart_is_noticed(monkeypatch):
    class SignDescent(Momentum):
        def step(self, objective, theta, state):
            return theta - self.learning_rate * np.sign(objective.gradient(theta)), state

    monkeypatch.setattr(ch03_paths, "Momentum", SignDescent)
    assert CLAIMS["C-03-6"].run().verdict.kind == "fails"


def test_if_momentum_were_descent_nothing_would_escape(monkeypatch):
    monkeypatch.setattr(ch03_paths, "Momentum", lambda learning_rate, momentum: Momentum(learning_rate, 0.0))
    assert CLAIMS["C-03-7"].run().verdict.kind == "fails"


# --- Helpers of the experiments -----------------------------------------------------------------------


def test_steps_to_waits_for_a_run_that_comes_back():
    # Lightly damped: inside the goal many times while still swinging out of it again.
    objective, method, start = bowls(np.ones(1)), Momentum(0.01, 0.95), np.ones((1, 1))
    path = np.abs(descend(objective, method, start, 2000).thetas[:, 0, 0])
    assert steps_to(objective, method, start, 1e-3, 2000)[0] == np.flatnonzero(path > 1e-3)[-1] + 1
    assert np.argmax(path <= 1e-3) < np.flatnonzero(path > 1e-3)[-1]


def test_measured_rate_is_the_spectral_radius_with_real_roots_too():
    rates, momenta = np.array([0.1, 0.001, 3.7, 4.0]), np.array([0.81, 0.81, 0.9, 0.9])
    exact = momentum_rate(rates, momenta, 1.0)
    np.testing.assert_allclose(measured_rate(Momentum(rates, momenta), 1.0), exact, rtol=1e-3)
    assert exact[0] == pytest.approx(0.9) and exact[1] > 0.99 and exact[3] > 1


def test_prescribed_gradients_arrive_in_order():
    np.testing.assert_allclose(velocities([[1.0], [0.0], [2.0]], 0.5)[:, 0], [-1, -0.5, -2.25])


def test_ar2_variance_is_that_of_ar1_without_memory():
    assert stationary_variance(0.6, 0.0, 2.0) == pytest.approx(4 / (1 - 0.36))


def test_energy_is_conserved_at_decay_1_and_lost_below():
    for decay, kept in ((1.0, True), (0.9, False)):
        run = iterate(bowls(np.ones(1)), Momentum(0.3, decay), np.array([2.0]), 50)
        energy = np.array([conserved(theta, state.velocity, 0.3) for theta, state in run])
        assert np.allclose(energy, energy[0], rtol=1e-12) == kept


def test_the_visualisers_rule_halts_at_a_saddle():
    surface = SURFACES["saddle_point"]
    thetas = np.array([[[1.0, 0.0]], [[np.pi / 2, 0.0]], [[3.0, 0.0]]])
    assert visualiser_stops(surface, thetas)[0] == 1
    assert distance_to_minima(surface, thetas[1]) == pytest.approx(np.pi)
    assert visualiser_stops(surface, thetas[:1])[0] == -1


def test_endpoint_is_where_descend_ends():
    surface, schedule = SURFACES["beale"], {"momentum": nesterov_momentum}
    path = descend(surface, Nesterov(0.001), np.array([1.0, 1.0]), 20, schedule).thetas
    np.testing.assert_array_equal(endpoint(surface, Nesterov(0.001), np.array([1.0, 1.0]), 20, schedule), path[-1])
    np.testing.assert_array_equal(endpoint(surface, SGD(0.1), np.array([1.0, 1.0]), 0), [1.0, 1.0])


def test_both_rising_schedules_pass_what_a_constant_09_offers_within_the_budget():
    assert nesterov_momentum(BUDGET) > 0.99
    assert rising_momentum(largest=0.999, every=BUDGET // 50)(BUDGET) > 0.99


@pytest.mark.parametrize("name", MOMENTA)
def test_the_stored_runs_of_the_deep_network_begin_as_a_new_one_does(name):
    stored = measured("deep")[name]
    curve = training_curve(name, stored["rate"], seed=0, num_steps=NUM_STEPS // 10)
    np.testing.assert_allclose([curve[0], curve[-1]], stored["curves"][0][:2], rtol=1e-3)


@pytest.mark.parametrize("name", MOMENTA)
def test_the_best_learning_rate_of_the_deep_network_is_no_end_of_the_grid(name):
    stored = measured("deep")[name]
    losses = dict(stored["tuning"])
    assert RATES[0] < min(losses, key=losses.get) < RATES[-1] * 0.99
    assert stored["rate"] == min(losses, key=losses.get)
