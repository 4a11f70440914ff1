"""Schedules: first value, last value, between, PyTorch's."""

import numpy as np
import pytest

from course_lib.optimizers import SGD, Momentum
from course_lib.run import descend
from course_lib.schedules import (
    constant,
    cosine,
    cosine_restarts,
    exponential_decay,
    inverse_square_root,
    inverse_time,
    linear_blend,
    nesterov_momentum,
    rising_momentum,
    step_decay,
    warm_up,
)
from course_lib.surfaces import SURFACES

T = np.arange(1, 301)
EVERY = {
    "constant": constant(0.3),
    "inverse_time": inverse_time(0.3, offset=2),
    "inverse_square_root": inverse_square_root(0.3),
    "linear_blend": linear_blend(0.3, 0.1, 40),
    "step_decay": step_decay(0.3, 0.5, 40),
    "exponential_decay": exponential_decay(0.3, 0.97),
    "cosine": cosine(0.3, 0.1, 40),
    "cosine_restarts": cosine_restarts(0.3, 0.1, 10),
    "cosine_restarts_that_grow": cosine_restarts(0.3, 0.1, 10, 2),
    "cosine_restarts_of_pytorch": cosine_restarts(0.3, 0.1, 10, 2, reach_lowest=False),
}
MOMENTA = {"nesterov_momentum": nesterov_momentum, "rising_momentum": rising_momentum()}
every = pytest.mark.parametrize("schedule", [*EVERY.values(), *MOMENTA.values()], ids=[*EVERY, *MOMENTA])


@every
def test_one_number_gives_a_float_and_an_array_the_same_values(schedule):
    values = schedule(T)
    assert isinstance(schedule(1), float) and isinstance(schedule(np.int64(7)), float)
    np.testing.assert_array_equal(values, [schedule(int(t)) for t in T])
    assert values.shape == T.shape


@every
@pytest.mark.parametrize("t", [0, -1, float("nan"), np.array([3, 0])])
def test_t_before_the_first_update_is_refused(schedule, t):
    with pytest.raises(ValueError, match=r"count updates from t = 1, but t is .*: use t \+ 1"):
        schedule(t)


@pytest.mark.parametrize("schedule", EVERY.values(), ids=EVERY)
def test_the_first_update_uses_the_first_value(schedule):
    assert schedule(1) == pytest.approx(0.1 if schedule is EVERY["inverse_time"] else 0.3, rel=1e-15)


@pytest.mark.parametrize("name", [name for name in EVERY if "restarts" not in name])
def test_without_restarts_it_never_rises(name):
    assert np.all(np.diff(EVERY[name](T)) <= 0)


@pytest.mark.parametrize("momentum", MOMENTA.values(), ids=MOMENTA)
def test_momentum_never_falls_and_stays_below_1(momentum):
    values = momentum(np.arange(1, 100_001))
    assert np.all(np.diff(values) >= 0) and np.all(values >= 0) and np.all(values < 1)


@pytest.mark.parametrize("make, ends", [(linear_blend, 41), (cosine, 40)])
def test_the_last_value_is_reached_exactly_and_kept(make, ends):
    values = make(0.3, 0.1, 40)(T)
    assert np.all(values[ends - 1 :] == pytest.approx(0.1, rel=1e-15))
    assert np.all(values[: ends - 1] > 0.1)


def test_linear_blend_is_a_straight_line():
    np.testing.assert_allclose(np.diff(linear_blend(0.3, 0.1, 40)(T[:41])), -0.2 / 40, rtol=1e-10)


def test_linear_blend_may_also_rise():
    np.testing.assert_allclose(linear_blend(0.0, 1.0, 4)(T[:6]), [0, 0.25, 0.5, 0.75, 1, 1])


def test_inverse_time_has_an_infinite_sum_and_a_finite_sum_of_squares():
    t = np.arange(1, 10**6 + 1)
    values = inverse_time(1.0)(t)
    assert np.sum(values) > np.log(10**6)
    assert np.sum(values**2) < np.pi**2 / 6
    squares = np.cumsum(inverse_square_root(1.0)(t) ** 2)
    np.testing.assert_allclose(squares[-1] - squares[10**3 - 1], np.log(10**3), rtol=1e-3)  # without end (E12)


def test_the_theorem_of_the_lecture_is_inverse_time_with_an_offset():
    beta, gamma = 0.7, 3.5
    np.testing.assert_allclose(inverse_time(beta, gamma)(T), beta / (T + gamma), rtol=1e-15)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_every_period_of_restarts_goes_from_highest_to_lowest(factor):
    values, start, length = cosine_restarts(0.1, 0.01, period=10, period_factor=factor)(T), 0, 10
    while start + length <= len(T):
        period = values[start : start + length]
        assert period[0] == pytest.approx(0.1) and period[-1] == pytest.approx(0.01)
        assert np.all(np.diff(period) < 0)
        start, length = start + length, length * factor


def test_the_program_of_the_lecture_never_reaches_its_minimum():
    values = cosine_restarts(0.1, 0.01, period=10, period_factor=2, reach_lowest=False)(np.arange(1, 71))
    np.testing.assert_allclose(values.min(), 0.010138720, atol=5e-10)  # E16, in epochs 0 to 69
    assert cosine_restarts(0.1, 0.01, period=10, period_factor=2)(np.arange(1, 71)).min() == pytest.approx(0.01)


def test_warm_up_rises_in_a_line_and_then_hands_over_without_a_jump():
    main = cosine(0.4, 0.0, 50)
    values = warm_up(main, 8)(T)
    np.testing.assert_allclose(values[:8], 0.4 * np.arange(1, 9) / 8, rtol=1e-15)
    np.testing.assert_allclose(values[7:], main(T[: len(T) - 7]), rtol=1e-15)


def test_warm_up_of_one_update_is_the_schedule_itself():
    main = step_decay(0.4, 0.5, 3)
    np.testing.assert_array_equal(warm_up(main, 1)(T), main(T))


def test_schedules_compose_with_any_function_of_t():
    assert warm_up(lambda t: 0.5, 2)(1) == 0.25


def test_rising_momentum_is_sutskevers_formula():
    t = np.arange(1, 5001)
    printed = np.minimum(1 - 2 ** (-1 - np.log2(t // 250 + 1)), 0.999)
    np.testing.assert_allclose(rising_momentum(0.999)(t), printed, rtol=1e-14)


def test_the_lectures_nesterov_sequence_is_ours_three_steps_later():
    np.testing.assert_allclose(nesterov_momentum(T + 3), (T + 2) / (T + 5), rtol=1e-15)


def test_descend_uses_value_t_for_update_t():
    surface, schedule = SURFACES["booth"], step_decay(0.01, 0.5, 2)
    thetas = descend(surface, SGD(), [-3.0, 0.0], 6, schedule=schedule).thetas
    rates = np.diff(thetas, axis=0)[:, 0] / -surface.gradient(thetas[:-1])[:, 0]
    np.testing.assert_allclose(rates, [0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025], rtol=1e-10)


def test_momentum_can_be_scheduled_too():
    surface = SURFACES["booth"]
    thetas = descend(surface, Momentum(0.01), [-3.0, 0.0], 3, schedule={"momentum": nesterov_momentum}).thetas
    v1 = -0.01 * surface.gradient(thetas[0])
    v2 = 0.25 * v1 - 0.01 * surface.gradient(thetas[1])
    np.testing.assert_allclose(thetas[2], thetas[0] + v1 + v2, rtol=1e-14)


def test_learning_rates_may_be_a_grid():
    rates = np.array([[0.1], [0.2]])
    for schedule in (
        inverse_time(rates),
        cosine(rates, 0.0, 10),
        warm_up(constant(rates), 3),
        step_decay(rates, 0.5, 2),
    ):
        assert schedule(2).shape == (2, 1)
        np.testing.assert_allclose(schedule(2)[1], 2 * schedule(2)[0])


@pytest.mark.parametrize(
    "make",
    [
        lambda torch, o: (torch.StepLR(o, 7, 0.3), step_decay(0.1, 0.3, 7)),
        lambda torch, o: (torch.ExponentialLR(o, 0.9), exponential_decay(0.1, 0.9)),
        lambda torch, o: (torch.LinearLR(o, 1.0, 0.25, 20), linear_blend(0.1, 0.025, 20)),
        lambda torch, o: (
            torch.CosineAnnealingWarmRestarts(o, 10, 2, 0.01),
            cosine_restarts(0.1, 0.01, 10, 2, reach_lowest=False),
        ),
    ],
    ids=["StepLR", "ExponentialLR", "LinearLR", "CosineAnnealingWarmRestarts"],
)
def test_parity_with_torch(make):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    theirs, ours = make(torch.optim.lr_scheduler, optimizer)
    for t in range(1, 71):
        assert ours(t) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        optimizer.step()
        theirs.step()


def test_cosine_is_torchs_until_torch_rises_again():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=19, eta_min=0.01)
    ours, rates = cosine(0.1, 0.01, 20), []
    for _ in range(1, 31):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        theirs.step()
    np.testing.assert_allclose(ours(np.arange(1, 21)), rates[:20], rtol=1e-12)
    assert rates[25] > 0.02 and ours(26) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "make, names",
    [
        (lambda: constant(-0.1), "learning_rate"),
        (lambda: constant("fast"), "learning_rate"),
        (lambda: inverse_time(float("nan")), "numerator"),
        (lambda: inverse_time(1.0, offset=-1), "offset"),
        (lambda: inverse_square_root(1.0, offset=float("inf")), "offset"),
        (lambda: linear_blend(0.1, -0.1, 5), "last"),
        (lambda: linear_blend(0.1, 0.0, 0), "num_steps"),
        (lambda: step_decay(0.1, 1.5, 5), "factor"),
        (lambda: step_decay(0.1, 0.5, 2.5), "every"),
        (lambda: exponential_decay(0.1, -0.5), "factor"),
        (lambda: cosine(0.1, 0.0, 1), "num_steps"),
        (lambda: cosine_restarts(0.1, float("nan"), 10), "lowest"),
        (lambda: cosine_restarts(0.1, 0.0, 1), "period"),
        (lambda: cosine_restarts(0.1, 0.0, 10, 1.5), "period_factor"),
        (lambda: warm_up(constant(0.1), 0), "num_steps"),
        (lambda: warm_up(0.1, 5), "schedule"),
        (lambda: rising_momentum(1.0), "largest"),
        (lambda: rising_momentum(every=0), "every"),
    ],
)
def test_bad_settings_are_named_when_the_schedule_is_made(make, names):
    with pytest.raises((TypeError, ValueError), match=rf"^{names} must"):
        make()
