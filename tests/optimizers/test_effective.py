"""The effective learning rate: what a step divided by its gradient says."""

import numpy as np
import pytest

from course_lib.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, AMSGrad, Momentum, Nadam, RMSprop
from course_lib.optimizers.effective import effective_rate
from course_lib.run import iterate
from course_lib.surfaces import SURFACES, ravine


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1),
        Adagrad(0.1, eps=0.1),
        Adagrad(0.1, eps=0.1, eps_inside_root=True),
        RMSprop(0.1, eps=0.1),
        Adadelta(eps=0.01),
        Adam(0.1, beta1=0.0, eps=0.1),
        Adam(0.1, beta1=0.0, eps=0.1, bias_correction=False),
        AMSGrad(0.1, beta1=0.0, beta2=0.5),
        Adamax(0.1, beta1=0.0),
        Nadam(0.1, beta1=0.0, eps=0.1),
    ],
    ids=repr,
)
def test_effective_rate_is_the_step_over_the_gradient_where_nothing_is_averaged(optimizer):
    surface, before, previous = ravine(30.0), None, None
    for theta, state in iterate(surface, optimizer, [-1.8, 1.0], 12):
        if before is not None:
            step = before - theta
            if isinstance(optimizer, Adadelta):  # the mean of updates has taken this one in already
                scale = np.sqrt(previous.mean_square_update + 0.01) / np.sqrt(state.mean_square_update + 0.01)
                step = step / scale
            np.testing.assert_allclose(effective_rate(optimizer, theta, state), step / surface.gradient(before))
        before, previous = theta, state


def test_effective_rate_of_adagrad_never_rises_and_adams_does():
    rises = {}
    for optimizer in (Adagrad(0.5), Adam(0.5, beta2=0.9), AMSGrad(0.5, beta2=0.9, bias_correction=False)):
        run = list(iterate(SURFACES["beale"], optimizer, [-1.0, 1.5], 60))[1:]
        rates = np.array([effective_rate(optimizer, theta, state) for theta, state in run])
        rises[type(optimizer).__name__] = bool(np.any(np.diff(rates, axis=0) > 1e-15))
    assert rises == {"Adagrad": False, "Adam": True, "AMSGrad": False}


def test_effective_rate_is_nan_before_the_first_gradient_and_constant_for_momentum():
    theta = np.ones(2)
    assert np.isnan(effective_rate(Adam(), theta, Adam().init(theta))).all()
    np.testing.assert_array_equal(effective_rate(Momentum(0.3), theta, Momentum().init(theta)), [0.3, 0.3])


def test_effective_rate_of_an_ensemble_has_one_for_each_run():
    rates = np.array([0.1, 0.2])[:, None]
    *_, (theta, state) = iterate(ravine(10.0), Adagrad(rates), [1.0, 1.0], 3)
    assert effective_rate(Adagrad(rates), theta, state).shape == (2, 2)
