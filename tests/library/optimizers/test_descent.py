"""Gradient descent, momentum and Nesterov: two steps by hand, limits, invariances, purity, and parity with torch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.objective import Objective, with_l2_penalty
from course_lib.optimizers import OPTIMIZERS, SGD, Momentum, Nesterov, NesterovPyTorch, NesterovTwoSequence
from course_lib.run import descend, iterate
from course_lib.surfaces import SURFACES, quadratic

FORMS = (
    SGD(0.05),
    Momentum(0.05, 0.8),
    Momentum(0.05, 0.8, learning_rate_outside=True),
    Nesterov(0.05, 0.8),
    NesterovTwoSequence(0.05, 0.8),
    NesterovPyTorch(0.05, 0.8),
)
MOMENTUM_FORMS = FORMS[1:]
GRADIENT = np.array([10.0, -4.0])  # a constant slope: the sums can be done in the head
SLOPE = Objective(value=lambda theta: theta @ GRADIENT, gradient=lambda theta: np.broadcast_to(GRADIENT, theta.shape))


def is_form(form):
    outside = getattr(form, "learning_rate_outside", False)
    return type(form).__name__ + ("-outside" if outside else "")


forms = pytest.mark.parametrize("form", FORMS, ids=is_form)
momentum_forms = pytest.mark.parametrize("form", MOMENTUM_FORMS, ids=is_form)


# --- By hand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "thetas"),
    [
        # f = theta^2, gradient 2 theta, from theta = 1, learning rate 0.1, momentum 0.5
        (SGD(0.1), [0.8, 0.64]),
        (Momentum(0.1, 0.5), [0.8, 0.54]),  # v: -0.2, 0.5 * -0.2 - 0.16 = -0.26
        (Momentum(0.1, 0.5, learning_rate_outside=True), [0.8, 0.54]),  # v: 2, 0.5 * 2 + 1.6 = 2.6
        (Nesterov(0.1, 0.5), [0.8, 0.56]),  # looks at 0.7: v = -0.1 - 0.14 = -0.24
        (NesterovTwoSequence(0.1, 0.5), [0.8, 0.56]),  # y = 0.8 + 0.5 * -0.2 = 0.7, then 0.7 - 0.14
        (NesterovPyTorch(0.1, 0.5), [0.7, 0.44]),  # the look-ahead points 0.8 - 0.1 and 0.56 - 0.12
    ],
    ids=lambda value: is_form(value) if not isinstance(value, list) else "",
)
def test_two_steps_by_hand(optimizer, thetas):
    assert np.allclose(descend(SURFACES["global_minimum"], optimizer, [1.0, 0.0], 2).thetas[1:, 0], thetas, rtol=1e-15)


def test_the_velocity_after_t_steps_is_the_unrolled_sum():
    """v_t = -learning_rate * sum over k of momentum^(t - k) gradient_k: weights that sum to (1 - m^t) / (1 - m)."""
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(12, 3))
    seen = iter(gradients)
    objective = Objective(value=lambda theta: 0.0, gradient=lambda theta: next(seen))
    *_, (_, state) = iterate(objective, Momentum(0.1, 0.7), np.zeros(3), 12)
    assert np.allclose(state.velocity, -0.1 * 0.7 ** np.arange(11, -1, -1) @ gradients)


@pytest.mark.parametrize("form", MOMENTUM_FORMS[:4], ids=is_form)
def test_on_a_constant_slope_the_step_grows_to_one_over_one_minus_momentum(form):
    thetas = descend(SLOPE, form, [0.0, 0.0], 100).thetas
    steps = np.diff(thetas, axis=0)
    t = np.arange(1, 101)[:, None]
    assert np.allclose(steps, -0.05 * GRADIENT * (1 - 0.8**t) / (1 - 0.8))


def test_nesterov_asks_for_the_gradient_where_the_velocity_leads():
    asked = []

    def gradient(theta):
        asked.append(theta)
        return 2 * theta

    optimizer = Nesterov(0.1, 0.5)
    theta, state = np.array([1.0]), optimizer.init(np.array([1.0]))
    theta, state = optimizer.step(Objective(np.sum, gradient), theta, state)
    optimizer.step(Objective(np.sum, gradient), theta, state)
    assert np.array_equal(asked[0], [1.0])
    assert np.array_equal(asked[1], theta + 0.5 * state.velocity)
    assert len(asked) == 2, "one gradient a step"


# --- Limits and equal forms ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", MOMENTUM_FORMS, ids=is_form)
def test_zero_momentum_is_gradient_descent(form):
    for name in ("rosenbrock", "beale", "himmelblau"):
        surface = SURFACES[name]
        plain = descend(surface, SGD(1e-3), surface.start, 50).thetas
        assert np.allclose(
            descend(surface, replace(form, learning_rate=1e-3, momentum=0.0), surface.start, 50).thetas, plain
        )


@momentum_forms
def test_zero_learning_rate_stays_at_the_start(form):
    thetas = descend(SURFACES["beale"], replace(form, learning_rate=0.0), [1.0, 1.5], 10).thetas
    assert np.array_equal(thetas, np.tile([1.0, 1.5], (11, 1)))


@forms
def test_a_critical_point_is_not_left(form):
    thetas = descend(SURFACES["booth"], form, [1.0, 3.0], 10).thetas
    assert np.array_equal(thetas, np.tile([1.0, 3.0], (11, 1)))


def test_momentum_one_on_a_quadratic_never_comes_to_rest():
    values = descend(SURFACES["global_minimum"], Momentum(0.01, 1.0), [1.0, 0.0], 5000).values
    assert values[-1000:].max() == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("name", SURFACES)
def test_nesterovs_three_forms_walk_one_path(name):
    surface = SURFACES[name]
    rate, momentum = 0.2 / np.abs(np.linalg.eigvalsh(surface.hessian(surface.start))).max(), 0.7
    look_ahead = Nesterov(rate, momentum)
    points, velocities = zip(
        *((t, s.velocity) for t, s in iterate(surface, look_ahead, surface.start, 25)), strict=True
    )
    two = descend(surface, NesterovTwoSequence(rate, momentum), surface.start, 25).thetas
    torch_form = descend(surface, NesterovPyTorch(rate, momentum), surface.start, 25).thetas
    assert np.allclose(two, points, rtol=1e-9, atol=1e-9)
    assert np.allclose(torch_form, np.add(points, momentum * np.array(velocities)), rtol=1e-9, atol=1e-9)


def test_inside_and_outside_walk_one_path_while_the_learning_rate_is_constant():
    surface = SURFACES["beale"]
    inside = list(iterate(surface, Momentum(0.002, 0.9), surface.start, 100))
    outside = list(iterate(surface, Momentum(0.002, 0.9, learning_rate_outside=True), surface.start, 100))
    for (theta_in, state_in), (theta_out, state_out) in zip(inside, outside, strict=True):
        assert np.allclose(theta_in, theta_out, rtol=1e-11)
        assert np.allclose(state_in.velocity, -0.002 * state_out.velocity, rtol=1e-9, atol=1e-14)


def test_inside_and_outside_part_when_the_learning_rate_changes():
    """E20. f = theta^2 / 2 from 1, momentum 0.5, rates 0.1 then 0.05.

    Inside: v = -0.1, then -0.05 - 0.045 = -0.095. Outside: v = 1, then 0.5 + 0.9 = 1.4, times 0.05 = 0.07.
    """

    def schedule(t):
        return 0.1 / t

    inside = descend(quadratic([1.0]), Momentum(0.1, 0.5), [1.0], 2, schedule).thetas[-1]
    outside = descend(quadratic([1.0]), Momentum(0.1, 0.5, True), [1.0], 2, schedule).thetas[-1]
    assert np.allclose(inside, 0.9 - 0.095)
    assert np.allclose(outside, 0.9 - 0.07)


# --- Invariances -----------------------------------------------------------------------------------------


def moved(objective, rotation, shift):
    """The same landscape, turned and shifted: value(theta) = objective.value(rotation^T (theta - shift))."""

    def back(theta):
        return (theta - shift) @ rotation

    return Objective(
        lambda theta: objective.value(back(theta)), lambda theta: objective.gradient(back(theta)) @ rotation.T
    )


@forms
@pytest.mark.parametrize("name", ["rosenbrock", "beale", "hills"])
def test_turning_and_shifting_the_landscape_turns_and_shifts_the_path(form, name):
    surface = SURFACES[name]
    form = replace(form, learning_rate=1e-3)
    rotation = np.array([[0.6, -0.8], [0.8, 0.6]])
    shift = np.array([3.0, -7.0])
    path = descend(surface, form, surface.start, 40)
    turned = descend(moved(surface, rotation, shift), form, rotation @ surface.start + shift, 40)
    assert np.allclose(turned.thetas, path.thetas @ rotation.T + shift, rtol=1e-8, atol=1e-8)
    assert np.allclose(turned.values, path.values, rtol=1e-7, atol=1e-8)


@forms
def test_a_landscape_twice_as_high_with_half_the_learning_rate_is_the_same_path(form):
    surface = SURFACES["beale"]
    twice = Objective(lambda theta: 2 * surface.value(theta), lambda theta: 2 * surface.gradient(theta))
    path = descend(surface, replace(form, learning_rate=2e-3), surface.start, 60).thetas
    assert np.allclose(descend(twice, replace(form, learning_rate=1e-3), surface.start, 60).thetas, path, rtol=1e-12)


@forms
def test_a_landscape_twice_as_wide_needs_four_times_the_learning_rate(form):
    surface = SURFACES["beale"]
    wide = Objective(lambda theta: surface.value(theta / 2), lambda theta: surface.gradient(theta / 2) / 2)
    path = descend(surface, replace(form, learning_rate=1e-3), surface.start, 60).thetas
    wide_path = descend(wide, replace(form, learning_rate=4e-3), 2 * np.array(surface.start), 60).thetas
    assert np.allclose(wide_path, 2 * path, rtol=1e-12)


# --- Purity and the whole matrix -------------------------------------------------------------------------


def read_only(value):
    value.setflags(write=False)
    return value


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, NesterovTwoSequence, NesterovPyTorch])
def test_every_optimizer_on_every_surface_is_pure_and_repeatable(optimizer, name):
    surface, optimizer = SURFACES[name], optimizer()
    theta = read_only(np.array([surface.start, np.add(surface.start, 0.1)]))
    guarded = Objective(surface.value, lambda theta: read_only(surface.gradient(theta)), surface.hessian)
    state = optimizer.init(theta)
    for _ in range(3):
        for part in state:
            if isinstance(part, np.ndarray):
                assert not np.shares_memory(part, theta) or not part.flags.writeable
                read_only(part)
        with np.errstate(over="ignore", invalid="ignore"):  # as in iterate: a diverging run is no warning
            new_theta, new_state = optimizer.step(guarded, theta, state)
            again, _ = optimizer.step(guarded, theta, state)
        assert np.array_equal(new_theta, again, equal_nan=True)
        assert new_theta.shape == theta.shape
        assert new_theta.dtype == theta.dtype
        assert type(new_state) is type(state)
        theta, state = read_only(new_theta), new_state


@pytest.mark.parametrize("name", SURFACES)
@forms
def test_a_short_step_goes_down_on_every_surface(form, name):
    """Learning rate well under 1 / (steepest curvature met) and little momentum."""
    surface = SURFACES[name]
    start = np.array(surface.start)
    steepest = np.abs(
        np.linalg.eigvalsh(surface.hessian(start + np.random.default_rng(0).normal(0, 0.1, (99, 2))))
    ).max()
    changes = {"learning_rate": 0.1 / steepest} | ({"momentum": 0.3} if hasattr(form, "momentum") else {})
    values = descend(surface, replace(form, **changes), start, 5).values
    assert np.all(np.diff(values) < 0)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_says_its_source_and_how_pytorch_differs(optimizer):
    assert "Source:" in optimizer.__doc__
    assert "torch" in optimizer.__doc__.lower()


# --- Bad hyperparameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [np.nan, -0.1, np.inf, "fast", None, [0.1, -0.1]])
@pytest.mark.parametrize("name", ["learning_rate", "momentum"])
@forms
def test_a_hyperparameter_that_is_none_is_refused(form, name, wrong):
    if not hasattr(form, name):
        return
    with pytest.raises(ValueError, match=f"{name} must be a finite number that is 0 or larger, but it is"):
        replace(form, **{name: wrong})


# --- Parity with torch.optim.SGD -------------------------------------------------------------------------

MATRIX = np.array([[2.0, 0.4, 0.0], [0.4, 1.0, -0.3], [0.0, -0.3, 0.1]])
LINEAR = np.array([1.0, -2.0, 0.5])
START = np.array([1.0, -1.0, 2.0])

rates = st.floats(1e-5, 1.5)
momenta = st.floats(0.0, 1.0)
penalties = st.floats(0.0, 1.0)


def torch_path(gradient, num_steps=200, schedule=None, **options):
    """What ``torch.optim.SGD`` makes of the same gradients in double precision."""
    torch = pytest.importorskip("torch")
    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], **options)
    path = [START]
    for t in range(1, num_steps + 1):
        if schedule is not None:
            optimizer.param_groups[0]["lr"] = schedule(t)
        theta.grad = torch.from_numpy(gradient(theta.detach().numpy()))
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def assert_same(ours, theirs, tolerance=1e-12):
    """Largest difference so far, measured by the largest coordinate so far: fair to growing runs as well."""
    size = np.maximum(1, np.maximum.accumulate(np.abs(theirs).max(axis=-1)))
    assert np.max(np.abs(ours - theirs).max(axis=-1) / size) < tolerance


@settings(max_examples=25, deadline=None)
@given(rates, momenta, st.booleans())
def test_parity_with_torch_momentum(learning_rate, momentum, outside):
    objective = quadratic(MATRIX, LINEAR)
    ours = descend(objective, Momentum(learning_rate, momentum, outside), START, 200).thetas
    assert_same(ours, torch_path(objective.gradient, lr=learning_rate, momentum=momentum))


@settings(max_examples=25, deadline=None)
@given(rates, momenta.filter(lambda momentum: momentum > 0))
def test_parity_with_torch_nesterov(learning_rate, momentum):
    """torch refuses nesterov=True with momentum 0."""
    objective = quadratic(MATRIX, LINEAR)
    theirs = torch_path(objective.gradient, lr=learning_rate, momentum=momentum, nesterov=True)
    assert_same(descend(objective, NesterovPyTorch(learning_rate, momentum), START, 200).thetas, theirs)
    run = iterate(objective, Nesterov(learning_rate, momentum), START, 200)
    assert_same(np.array([theta + momentum * state.velocity for theta, state in run]), theirs)


@settings(max_examples=25, deadline=None)
@given(rates, momenta, penalties)
def test_parity_with_torch_weight_decay_as_an_l2_penalty(learning_rate, momentum, l2_penalty):
    objective = quadratic(MATRIX, LINEAR)
    theirs = torch_path(objective.gradient, lr=learning_rate, momentum=momentum, weight_decay=l2_penalty)
    ours = descend(with_l2_penalty(objective, l2_penalty), Momentum(learning_rate, momentum, True), START, 200)
    assert_same(ours.thetas, theirs)


@settings(max_examples=25, deadline=None)
@given(rates, momenta, st.floats(0.0, 1.0), st.booleans())
def test_parity_with_torch_under_a_schedule(learning_rate, momentum, power, nesterov):
    objective = quadratic(MATRIX, LINEAR)

    def schedule(t):
        return learning_rate / t**power

    nesterov = nesterov and momentum > 0
    theirs = torch_path(objective.gradient, 200, schedule, lr=1.0, momentum=momentum, nesterov=nesterov)
    ours = NesterovPyTorch(1.0, momentum) if nesterov else Momentum(1.0, momentum, learning_rate_outside=True)
    assert_same(descend(objective, ours, START, 200, schedule).thetas, theirs)


def test_under_a_schedule_the_inside_form_is_not_torchs():
    objective = quadratic(MATRIX, LINEAR)

    def schedule(t):
        return 0.1 / t

    theirs = torch_path(objective.gradient, 200, schedule, lr=1.0, momentum=0.9)
    ours = descend(objective, Momentum(1.0, 0.9), START, 200, schedule).thetas
    assert np.abs(ours - theirs).max() > 0.1


@settings(max_examples=10, deadline=None)
@given(st.floats(1e-5, 2e-3), st.floats(0.0, 0.9))
def test_parity_with_torch_on_a_surface_that_is_not_quadratic(learning_rate, momentum):
    surface = SURFACES["himmelblau"]

    def gradient(theta):
        return np.append(surface.gradient(theta[:2]), 0.0)

    theirs = torch_path(gradient, lr=learning_rate, momentum=momentum)[:, :2]
    assert_same(descend(surface, Momentum(learning_rate, momentum, True), START[:2], 200).thetas, theirs, 1e-10)
