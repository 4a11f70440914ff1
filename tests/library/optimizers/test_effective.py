"""The effective learning rate: what a step divided by its gradient says."""

from dataclasses import dataclass, fields

import numpy as np
import pytest

from course_lib.optimizers import OPTIMIZERS, Adagrad, Adam, AMSGrad, Momentum, PolyakAverage, RMSprop
from course_lib.optimizers.adaptive import root
from course_lib.optimizers.effective import effective_rate
from course_lib.run import iterate
from course_lib.surfaces import SURFACES, ravine

NOTHING_AVERAGED = {"beta1": 0.0, "momentum": 0.0, "weight_decay": 0.0}  # then a step is the rate times the gradient
SWITCHES = (
    {},
    {"eps": 0.1},
    {"eps_inside_root": True},
    {"bias_correction": False},
    {"centered": True},
    {"rho": 0.5},
    {"eps": 0.1, "eps_before_correction": True},
)


def of(optimizer, settings):
    names = {field.name for field in fields(optimizer)}
    return optimizer(**{k: v for k, v in (NOTHING_AVERAGED | settings).items() if k in names})


def step_is_rate_times_gradient(method, num_steps=12):
    surface, before = ravine(30.0), None
    for theta, state in iterate(surface, method, [-1.8, 1.0], num_steps):
        if before is not None:
            rate = effective_rate(method, theta, state)
            assert rate.shape == theta.shape
            np.testing.assert_allclose(rate * surface.gradient(before), before - theta, rtol=1e-6, atol=1e-14)
        before = theta


HAVE_ONE = [optimizer for optimizer in OPTIMIZERS if hasattr(optimizer, "effective_rate")]


@pytest.mark.parametrize("settings", SWITCHES, ids=str)
@pytest.mark.parametrize("optimizer", HAVE_ONE)
def test_effective_rate_is_the_step_over_the_gradient_where_nothing_is_averaged(optimizer, settings):
    step_is_rate_times_gradient(of(optimizer, settings))


def test_all_that_scale_each_coordinate_have_one_and_the_others_say_that_they_have_none():
    names = "SGD Momentum Nesterov Adagrad RMSprop Adadelta Adam AdamW Nadam Adamax AMSGrad"
    assert {optimizer.__name__ for optimizer in HAVE_ONE} >= set(names.split())
    for optimizer in set(OPTIMIZERS) - set(HAVE_ONE):
        with pytest.raises(TypeError, match=f"{optimizer.__name__} has no effective rate: its step is not"):
            effective_rate(optimizer(), np.ones(2), optimizer().init(np.ones(2)))


def test_a_new_method_that_only_inherits_a_rate_is_caught():
    @dataclass(frozen=True)
    class Cube(RMSprop):
        def step(self, objective, theta, state):
            gradient = objective.gradient(theta)
            state = state._replace(mean_square=gradient**2)
            return theta - self.learning_rate * gradient / root(np.abs(gradient) ** 3, self.eps, False), state

    with pytest.raises(AssertionError):
        step_is_rate_times_gradient(Cube())


def test_an_average_of_points_has_the_rate_of_what_it_averages():
    method, before = PolyakAverage(Adagrad(0.3)), None
    surface = ravine(30.0)
    for theta, state in iterate(surface, method, [-1.8, 1.0], 5):
        if before is not None:
            step = before - state.iterate
            np.testing.assert_allclose(effective_rate(method, theta, state) * surface.gradient(before), step)
        before = state.iterate


def test_effective_rate_of_adagrad_never_rises_and_adams_does():
    rises = {}
    for optimizer in (Adagrad(0.5), Adam(0.5, beta2=0.9), AMSGrad(0.5, beta2=0.9, bias_correction=False)):
        run = list(iterate(SURFACES["beale"], optimizer, [-1.0, 1.5], 60))[1:]
        rates = np.array([effective_rate(optimizer, theta, state) for theta, state in run])
        rises[type(optimizer).__name__] = bool(np.any(np.diff(rates, axis=0) > 1e-15))
    assert rises == {"Adagrad": False, "Adam": True, "AMSGrad": False}


def test_effective_rate_is_nan_before_the_first_gradient_and_constant_for_momentum():
    theta = np.ones(2)
    for optimizer in HAVE_ONE:
        rate = effective_rate(optimizer(), theta, optimizer().init(theta))
        assert np.isnan(rate).all() or np.array_equal(rate, [optimizer().learning_rate] * 2)
        assert np.isnan(rate).all() == (optimizer.__name__ not in ("SGD", "Momentum", "Nesterov"))
    np.testing.assert_array_equal(effective_rate(Momentum(0.3), theta, Momentum().init(theta)), [0.3, 0.3])


def test_effective_rate_of_an_ensemble_has_one_for_each_run():
    rates = np.array([0.1, 0.2])[:, None]
    *_, (theta, state) = iterate(ravine(10.0), Adagrad(rates), [1.0, 1.0], 3)
    assert effective_rate(Adagrad(rates), theta, state).shape == (2, 2)
