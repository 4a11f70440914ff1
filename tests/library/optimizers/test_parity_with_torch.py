"""The same hyperparameters, the same gradients: our path is PyTorch's to 1e-12 over 200 steps in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.objective import Objective, with_l2_penalty
from course_lib.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, AMSGrad, Nadam, PolyakAverage, RMSprop
from course_lib.run import descend
from course_lib.schedules import inverse_time

torch = pytest.importorskip("torch")

NUM_STEPS = 200
learning_rates = st.floats(1e-4, 0.3)
epsilons = st.sampled_from([1e-10, 1e-8, 1e-4, 1.0, 10.0])
decays = st.sampled_from([0.0, 0.5, 0.9, 0.99])
seeds = st.integers(0, 2**32 - 1)
betas = st.tuples(st.floats(0, 0.99), st.floats(0.1, 0.9999))


@pytest.fixture(scope="module", autouse=True)
def double_precision():
    """NAdam's momentum product and ASGD's weight 1/t are tensors of the default type, float32 unless told otherwise."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


class NoisyQuadratic:
    """A quadratic whose gradient carries noise that depends on the step only: both sides see the same.

    ``curvature`` is 0 where hyperparameters are drawn at random: then the gradients do not depend on
    theta, and a difference is one of the formulas. With curvature a method that swings across the
    valley, as sign-like methods do at a large learning rate, magnifies the rounding errors of both sides.
    """

    def __init__(self, seed, curvature=0.0):
        rng = np.random.default_rng(seed)
        root = rng.normal(size=(4, 4))
        self.matrix = curvature * root @ root.T
        self.noise = rng.normal(size=(NUM_STEPS, 4)) * 10.0 ** rng.uniform(-3, 2, size=4)
        self.start = rng.normal(size=4)

    def objective(self):
        """Asked for one gradient a step, in order."""
        noise = iter(self.noise)
        return Objective(lambda theta: 0 * theta[..., 0], lambda theta: theta @ self.matrix + next(noise))

    def torch_path(self, make_optimizer, read=lambda parameter, optimizer: parameter):
        parameter = torch.tensor(self.start, requires_grad=True)
        optimizer = make_optimizer([parameter])
        matrix, path = torch.tensor(self.matrix), [self.start]
        for noise in torch.tensor(self.noise):
            parameter.grad = (parameter.detach() @ matrix) + noise
            optimizer.step()
            path.append(read(parameter, optimizer).detach().numpy().copy())
        return np.array(path)


def assert_same_path(seed, ours, make_torch, l2_penalty=0.0, schedule=None, curvature=0.0):
    problem = NoisyQuadratic(seed, curvature)
    objective = with_l2_penalty(problem.objective(), l2_penalty)
    mine = descend(objective, ours, problem.start, NUM_STEPS, schedule=schedule).thetas
    theirs = problem.torch_path(make_torch)
    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12 * np.max(np.abs(theirs)))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, learning_rates, epsilons, st.sampled_from([0.0, 0.1, 2.0]), st.sampled_from([0.0, 0.01]))
def test_adagrad(seed, learning_rate, eps, initial_sum, l2_penalty):
    assert_same_path(
        seed,
        Adagrad(learning_rate, eps, initial_sum),
        lambda p: torch.optim.Adagrad(
            p, learning_rate, eps=eps, initial_accumulator_value=initial_sum, weight_decay=l2_penalty
        ),
        l2_penalty,
    )


@settings(max_examples=5, deadline=None, derandomize=True)
@given(seeds, learning_rates, st.floats(0.01, 1.0))
def test_adagrad_with_lr_decay_is_adagrad_with_the_schedule_inverse_time(seed, learning_rate, lr_decay):
    assert_same_path(
        seed,
        Adagrad(),
        lambda p: torch.optim.Adagrad(p, learning_rate, lr_decay=lr_decay),
        schedule=inverse_time(learning_rate / lr_decay, 1 / lr_decay - 1),
    )


@settings(max_examples=16, deadline=None, derandomize=True)
@given(seeds, learning_rates, decays, epsilons, decays, st.booleans(), st.sampled_from([0.0, 0.01]))
def test_rmsprop(seed, learning_rate, rho, eps, momentum, centered, l2_penalty):
    if centered and rho == 0:
        return  # the variance of a single gradient is 0, up to rounding: 0/0 at both
    assert_same_path(
        seed,
        RMSprop(learning_rate, rho, eps, momentum, centered),
        lambda p: torch.optim.RMSprop(
            p, learning_rate, alpha=rho, eps=eps, momentum=momentum, centered=centered, weight_decay=l2_penalty
        ),
        l2_penalty,
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, st.floats(0.1, 2.0), decays, epsilons)
def test_adadelta(seed, learning_rate, rho, eps):
    assert_same_path(
        seed,
        Adadelta(learning_rate, rho, eps),
        lambda p: torch.optim.Adadelta(p, learning_rate, rho=rho, eps=eps),
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, learning_rates, betas, epsilons, st.sampled_from([0.0, 0.01]))
def test_adam(seed, learning_rate, beta, eps, l2_penalty):
    assert_same_path(
        seed,
        Adam(learning_rate, *beta, eps),
        lambda p: torch.optim.Adam(p, learning_rate, beta, eps, weight_decay=l2_penalty),
        l2_penalty,
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, learning_rates, betas, epsilons)
def test_amsgrad(seed, learning_rate, beta, eps):
    assert_same_path(
        seed,
        AMSGrad(learning_rate, *beta, eps),
        lambda p: torch.optim.Adam(p, learning_rate, beta, eps, amsgrad=True),
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, learning_rates, betas, epsilons, st.floats(0, 1))
def test_adamw(seed, learning_rate, beta, eps, weight_decay):
    assert_same_path(
        seed,
        AdamW(learning_rate, *beta, eps, weight_decay=weight_decay),
        lambda p: torch.optim.AdamW(p, learning_rate, beta, eps, weight_decay=weight_decay),
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, learning_rates, betas, epsilons)
def test_adamax(seed, learning_rate, beta, eps):
    assert_same_path(
        seed,
        Adamax(learning_rate, *beta, eps),
        lambda p: torch.optim.Adamax(p, learning_rate, beta, eps),
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seeds, learning_rates, betas, epsilons, st.sampled_from([0.0, 0.004, 0.1]))
def test_nadam_with_the_momentum_schedule(seed, learning_rate, beta, eps, momentum_decay):
    assert_same_path(
        seed,
        Nadam(learning_rate, *beta, eps, momentum_schedule=True, momentum_decay=momentum_decay),
        lambda p: torch.optim.NAdam(p, learning_rate, beta, eps, momentum_decay=momentum_decay),
    )


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (Adagrad(0.05), lambda p: torch.optim.Adagrad(p, 0.05)),
        (RMSprop(0.01, rho=0.9), lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9)),
        (RMSprop(0.01, centered=True, momentum=0.5), lambda p: torch.optim.RMSprop(p, 0.01, 0.9, 1e-8, 0, 0.5, True)),
        (Adadelta(), torch.optim.Adadelta),
        (Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
        (AdamW(0.01), lambda p: torch.optim.AdamW(p, 0.01)),
        (AMSGrad(0.01), lambda p: torch.optim.Adam(p, 0.01, amsgrad=True)),
        (Adamax(0.01), lambda p: torch.optim.Adamax(p, 0.01)),
        (Nadam(0.01, momentum_schedule=True), lambda p: torch.optim.NAdam(p, 0.01)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_on_a_noisy_quadratic_that_answers_to_theta(ours, theirs):
    assert_same_path(3, ours, theirs, curvature=0.25)


def test_nadam_without_the_momentum_schedule_takes_another_path_than_torch():
    problem = NoisyQuadratic(0)
    mine = descend(problem.objective(), Nadam(0.01), problem.start, NUM_STEPS).thetas
    theirs = problem.torch_path(lambda p: torch.optim.NAdam(p, 0.01))
    assert np.max(np.abs(mine - theirs)) > 1e-3


@pytest.mark.parametrize("ours, theirs", [(RMSprop, "RMSprop"), (Adam, "Adam"), (AdamW, "AdamW"), (Adamax, "Adamax")])
def test_the_defaults_that_the_docstrings_call_pytorchs_are(ours, theirs):
    defaults = getattr(torch.optim, theirs)([torch.zeros(1)]).defaults
    assert ours().eps == defaults["eps"]
    if ours is RMSprop:
        assert (defaults["lr"], defaults["alpha"]) == (0.01, 0.99)
    else:
        assert (ours().learning_rate, (ours().beta1, ours().beta2)) == (defaults["lr"], defaults["betas"])


def test_asgd_of_torch_averages_from_the_second_point_on():
    problem = NoisyQuadratic(1)
    ours = PolyakAverage(SGD(learning_rate=0.05), skip=1)
    mine = descend(problem.objective(), ours, problem.start, NUM_STEPS).thetas
    theirs = problem.torch_path(
        lambda p: torch.optim.ASGD(p, 0.05, lambd=0, alpha=0, t0=0),
        read=lambda parameter, optimizer: optimizer.state[parameter]["ax"],
    )
    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)
