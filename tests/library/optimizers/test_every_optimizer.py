"""What every optimizer owes its users, whichever it is: one matrix of tests over the list."""

import doctest
import importlib
import pkgutil
import re
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest

import course_lib.optimizers
from course_lib.layers import LeastSquares, Linear, Tanh
from course_lib.network import Network, NetworkLoss
from course_lib.objective import Objective
from course_lib.optimizers import (
    BFGS,
    BY_HESSIAN,
    FTRL,
    LBFGS,
    OPTIMIZERS,
    SGD,
    WITHOUT_LEARNING_RATE,
    ConjugateGradient,
    CoordinateDescent,
    HessianFree,
    KrylovSubspaceDescent,
    Momentum,
    NaturalGradient,
    Nesterov,
    NesterovPyTorch,
    NesterovTwoSequence,
    PolyakAverage,
    ProximalAdagrad,
    armijo,
)
from course_lib.run import descend
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import SURFACES

ALL = (*OPTIMIZERS, NesterovPyTorch, NesterovTwoSequence, NaturalGradient, PolyakAverage, ProximalAdagrad, FTRL)
MODULES = [name for _, name, _ in pkgutil.iter_modules(course_lib.optimizers.__path__, "course_lib.optimizers.")]


def parts(objective, *names):
    return {name: getattr(objective, name) for name in ("value", "gradient", "hessian", "hvp", *names)}


def with_fisher(surface):
    """The surface with a Fisher information, I, so that NaturalGradient can join."""

    def fisher(theta):
        return np.eye(2, dtype=theta.dtype) + 0 * theta[..., None]

    return SimpleNamespace(**parts(surface), fisher=fisher)


def frozen(*arrays):
    for array in arrays:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
        elif isinstance(array, tuple):
            frozen(*array)


def read_only(surface):
    """Every array that the objective hands out is read-only, and theta must come in unchanged."""

    def guarded(function):
        def call(*arguments):
            result = np.array(function(*arguments))
            result.flags.writeable = False
            return result

        return call

    return SimpleNamespace(**{name: guarded(part) for name, part in parts(surface, "fisher").items()})


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", SURFACES)
def test_runs_on_every_surface_with_its_defaults(optimizer, name):
    surface = SURFACES[name]
    run = descend(surface, optimizer(), surface.start, num_steps=25)
    assert run.thetas.shape == (26, 2)
    assert not np.array_equal(run.thetas[1], run.thetas[0])
    assert np.isfinite(run.thetas[1]).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_goes_down_on_a_bowl(optimizer):
    rate = {"Adagrad": 0.5, "Subgradient": 0.1, "Adadelta": 3.0}.get(optimizer.__name__, 0.05)
    settings = {} if optimizer in (*WITHOUT_LEARNING_RATE, *BY_HESSIAN) else {"learning_rate": rate}
    run = descend(SURFACES["global_minimum"], optimizer(**settings), [1.5, -1.0], num_steps=200)
    assert run.values[-1] < 0.02 * run.values[0]


@pytest.mark.parametrize("optimizer", ALL)
def test_step_changes_nothing_that_it_was_given(optimizer):
    surface = read_only(with_fisher(SURFACES["rosenbrock"]))
    method, theta = optimizer(), np.array([-1.2, 1.0])
    frozen(theta)
    state = method.init(theta)
    for _ in range(4):
        frozen(state)
        before = theta.copy()
        new_theta, state = method.step(surface, theta, state)
        np.testing.assert_array_equal(theta, before)
        assert not np.shares_memory(new_theta, theta) or np.array_equal(new_theta, theta)
        theta = new_theta
        frozen(theta)


@pytest.mark.parametrize("optimizer", ALL)
def test_the_same_step_twice_is_the_same(optimizer):
    surface, method = with_fisher(SURFACES["rosenbrock"]), optimizer()
    theta = np.array([-1.2, 1.0])
    theta, state = method.step(surface, theta, method.init(theta))
    once, twice = method.step(surface, theta, state)[0], method.step(surface, theta, state)[0]
    np.testing.assert_array_equal(once, twice)


@pytest.mark.parametrize("optimizer", ALL)
@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "hills"])
def test_an_ensemble_of_starts_is_a_loop_over_starts(optimizer, name):
    surface = with_fisher(SURFACES[name])
    starts = np.random.default_rng(0).uniform(-1.5, 1.5, size=(2, 3, 2))
    together = descend(surface, optimizer(), starts, num_steps=8).thetas
    for index in np.ndindex(2, 3):
        alone = descend(surface, optimizer(), starts[index], num_steps=8).thetas
        np.testing.assert_allclose(together[(slice(None), *index)], alone, rtol=1e-9, atol=1e-9)


ARRAYS = {"learning_rate", "momentum", "eps", "rho", "beta1", "beta2", "weight_decay", "damping", "initial_damping"}


@pytest.mark.parametrize("optimizer", ALL)
def test_a_grid_of_hyperparameters_is_a_loop_over_them(optimizer):
    surface = with_fisher(SURFACES["rosenbrock"])
    names = [field.name for field in fields(optimizer) if field.name in ARRAYS]
    for name in names:
        values = np.array([0.5, 0.25, 0.125]) * (0.01 if name == "learning_rate" else 1)
        together = descend(surface, optimizer(**{name: values[:, None]}), [-1.2, 1.0], num_steps=6).thetas
        alone = [descend(surface, optimizer(**{name: value}), [-1.2, 1.0], num_steps=6).thetas for value in values]
        np.testing.assert_allclose(together, np.stack(alone, axis=1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("optimizer", ALL)
def test_a_gradient_that_is_exactly_0_leaves_theta_where_it_is(optimizer):
    settings = {"weight_decay": 0.0} if optimizer.__name__ == "AdamW" else {}
    minimum = np.array([1.0, 3.0])
    run = descend(with_fisher(SURFACES["booth"]), optimizer(**settings), minimum, num_steps=5)
    np.testing.assert_array_equal(run.thetas, np.broadcast_to(minimum, (6, 2)))


@pytest.mark.parametrize("optimizer", ALL)
def test_one_coordinate_whose_gradient_is_0_stays_while_the_other_moves(optimizer):
    settings = {"weight_decay": 0.0} if optimizer.__name__ == "AdamW" else {}
    run = descend(with_fisher(SURFACES["global_minimum"]), optimizer(**settings), [1.0, 0.0], num_steps=5)
    np.testing.assert_allclose(run.thetas[:, 1], 0.0, atol=1e-12)
    assert np.all(run.thetas[1:, 0] < 1.0)


@pytest.mark.parametrize("optimizer", ALL)
def test_float32_stays_float32(optimizer):
    surface, method = with_fisher(SURFACES["global_minimum"]), optimizer()
    theta = np.array([1.0, -0.5], dtype=np.float32)
    theta, state = method.step(surface, theta, method.init(theta))
    assert method.step(surface, theta, state)[0].dtype == np.float32


@pytest.mark.parametrize("optimizer", ALL)
def test_one_coordinate_is_enough(optimizer):
    bowl = SimpleNamespace(
        value=lambda theta: np.sum(theta**2, axis=-1),
        gradient=lambda theta: 2 * theta,
        hessian=lambda theta: 2 + 0 * theta[..., None],
        fisher=lambda theta: 2 + 0 * theta[..., None],
        hvp=lambda theta, v: 2 * v,
    )
    run = descend(bowl, optimizer(), [3.0], num_steps=4)
    assert run.thetas.shape == (5, 1)
    assert run.values[1] < run.values[0]


@pytest.mark.parametrize("optimizer", ALL)
@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf, "fast", None])
def test_a_bad_hyperparameter_is_named_in_one_sentence(optimizer, bad):
    for field in fields(optimizer):
        if field.name in ARRAYS | {"momentum_decay", "initial_sum", "floor", "tolerance"}:
            with pytest.raises(ValueError, match=rf"^{field.name} must be .*, but it is {bad!r}"):
                optimizer(**{field.name: bad})


@pytest.mark.parametrize("optimizer", ALL)
def test_a_bad_whole_number_is_named_in_one_sentence(optimizer):
    names = {"memory", "dimension", "inner_steps", "num_cg_steps", "restart_every", "num_last", "skip", "seed"}
    for field in fields(optimizer):
        if field.name in names:
            for bad in (-1, 2.5, "many"):
                with pytest.raises(ValueError, match=rf"^{field.name} must be a whole number"):
                    optimizer(**{field.name: bad})


@pytest.mark.parametrize("optimizer", ALL)
def test_a_coefficient_of_an_average_is_less_than_1(optimizer):
    for field in fields(optimizer):
        if field.name in ("rho", "beta1", "beta2"):
            with pytest.raises(ValueError, match=f"{field.name} must be at least 0 and less than 1"):
                optimizer(**{field.name: 1.0})


@pytest.mark.parametrize("optimizer", [optimizer for optimizer in OPTIMIZERS if optimizer not in WITHOUT_LEARNING_RATE])
def test_constructs_with_a_learning_rate_and_obeys_it(optimizer):
    surface = SURFACES["himmelblau"]
    still, moved = (descend(surface, optimizer(learning_rate=rate), surface.start, 3).thetas[-1] for rate in (0, 0.01))
    np.testing.assert_array_equal(still, surface.start)
    assert not np.array_equal(moved, surface.start)


def test_those_without_a_learning_rate_have_none():
    with_one = [optimizer for optimizer in OPTIMIZERS if "learning_rate" in [field.name for field in fields(optimizer)]]
    assert set(with_one) == set(OPTIMIZERS) - set(WITHOUT_LEARNING_RATE)


def test_the_list_starts_with_the_three_of_descent_and_repeats_nothing():
    assert OPTIMIZERS[:3] == (SGD, Momentum, Nesterov)
    assert len(set(OPTIMIZERS)) == len(OPTIMIZERS)


@pytest.mark.parametrize("optimizer", BY_HESSIAN)
def test_without_a_hessian_the_sentence_says_what_to_do(optimizer):
    bowl = Objective(lambda theta: np.sum(theta**2, axis=-1), lambda theta: 2 * theta)
    for objective in bowl, SimpleNamespace(value=bowl.value, gradient=bowl.gradient):
        with pytest.raises(NotImplementedError, match=r"has no Hessian\. Choose an optimizer"):
            descend(objective, optimizer(), [1.0], 1)


@pytest.mark.parametrize("optimizer", [o for o in OPTIMIZERS if o not in BY_HESSIAN])
def test_all_others_do_without_a_hessian(optimizer):
    bowl = Objective(lambda theta: np.sum(theta**2, axis=-1), lambda theta: 2 * theta)
    assert descend(bowl, optimizer(), [1.0, 2.0], 3).values[-1] < 5


@pytest.mark.parametrize("optimizer", [o for o in OPTIMIZERS if o not in BY_HESSIAN])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_trains_a_little(optimizer, dtype):
    rng = np.random.default_rng(0)
    network = Network(Linear(3, 8, rng), Tanh(), Linear(8, 1, rng), dtype=dtype)
    x = rng.normal(size=(64, 3)).astype(dtype)
    loss = NetworkLoss(network, x, np.sin(x.sum(axis=1, keepdims=True)), LeastSquares())
    run = descend(loss, optimizer(), network.theta.copy(), 10)
    assert run.thetas.dtype == dtype
    assert run.values[-1] < run.values[0]


@pytest.mark.filterwarnings(
    "ignore:The line search found no lower point:RuntimeWarning"
)  # the gradient is not that of the value
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_noise_on_the_gradient_stops_nobody(optimizer):
    noisy = with_gradient_noise(SURFACES["booth"], 0.5)
    run = descend(noisy, optimizer(), [-3.0, 0.0], 30, rng=np.random.default_rng(1))
    assert np.isfinite(run.thetas).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_that_diverged_goes_on_to_nan_without_an_error(optimizer):
    lost = np.array([[np.inf, 0.0], [np.nan, np.nan], [1e200, 1e200], [1.0, 1.0]])
    together = descend(SURFACES["rosenbrock"], optimizer(), lost, 3).thetas
    alone = descend(SURFACES["rosenbrock"], optimizer(), lost[-1], 3).thetas
    np.testing.assert_allclose(together[:, -1], alone, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("optimizer", [BFGS, LBFGS, ConjugateGradient, HessianFree, CoordinateDescent])
def test_any_line_search_can_be_given(optimizer):
    run = descend(SURFACES["booth"], optimizer(line_search=armijo), [-3.0, 0.0], 200)
    assert run.values[-1] < 1e-6
    assert np.all(np.diff(run.values) <= 0)


@pytest.mark.parametrize("optimizer", [BFGS, LBFGS, ConjugateGradient, HessianFree, KrylovSubspaceDescent])
@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "local_minimum", "ravine"])
def test_with_a_line_search_the_value_never_rises(optimizer, name):
    surface = SURFACES[name]
    values = descend(surface, optimizer(), surface.start, 40).values
    assert np.all(np.diff(values) <= 1e-14 * np.abs(values[:-1]))


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS, NaturalGradient, PolyakAverage])
def test_the_docstring_has_the_formula_the_source_and_how_pytorch_differs(optimizer):
    """A number, as in a chapter's text, is not asked for; ``docs/EQUATIONS.md`` holds those that have one to it."""
    assert "Source:" in optimizer.__doc__
    assert "PyTorch" in optimizer.__doc__
    assert re.search(r"[^=<>!]=\s|<-|\\leftarrow", optimizer.__doc__.partition(">>>")[0])


@pytest.mark.parametrize("name", [*MODULES, "course_lib.schedules"])
def test_the_examples_in_the_docstrings_print_what_they_say(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    holds_a_method = any(optimizer.__module__ == name for optimizer in ALL)
    assert result.attempted > 0 or not holds_a_method or name.endswith("descent")


@pytest.mark.parametrize("optimizer", ALL)
def test_hyperparameters_are_frozen_and_can_be_replaced(optimizer):
    method = optimizer()
    for field in fields(method):
        with pytest.raises(AttributeError):
            setattr(method, field.name, getattr(method, field.name))
    assert replace(method) == method


def test_each_has_a_number_of_its_own_that_says_how_it_is_drawn():
    numbers = [vars(optimizer).get("drawn") for optimizer in OPTIMIZERS]  # not one that it inherits
    assert len(set(numbers)) == len(numbers) and all(isinstance(number, int) for number in numbers)
