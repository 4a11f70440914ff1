"""A network's parameters are one vector, and its loss is an objective like any other."""

import numpy as np
import pytest

from course_lib import layers
from course_lib.network import Network, NetworkLoss
from course_lib.objective import hvp_by_differences
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend, train


def mlp(rng, dtype=float):
    return Network(layers.Linear(4, 6, rng), layers.Tanh(), layers.Linear(6, 3, rng), dtype=dtype)


@pytest.fixture
def loss():
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(20, 4)), rng.integers(3, size=20)
    return NetworkLoss(mlp(rng), x, y, layers.CrossEntropy(), batch_size=6)


def test_theta_holds_every_parameter_once():
    network = mlp(np.random.default_rng(0))
    assert network.theta.shape == (4 * 6 + 6 + 6 * 3 + 3,)
    parts = [p.ravel() for layer in network.layers for p in layer.params.values()]
    np.testing.assert_array_equal(network.theta, np.concatenate(parts))


def test_a_layers_parameters_are_views_into_theta():
    network = mlp(np.random.default_rng(0))
    network.theta = np.arange(51.0)
    np.testing.assert_array_equal(network.layers[0].params["weight"], np.arange(24.0).reshape(6, 4))
    network.layers[2].params["bias"][-1] = -1
    assert network.theta[-1] == -1


def test_a_network_without_parameters_has_an_empty_theta():
    assert Network(layers.ReLU()).theta.shape == (0,)


def test_gradient_is_the_derivative_of_value(loss):
    rng = np.random.default_rng(3)
    theta, v = rng.normal(size=(2, 51))
    h = 1e-6
    slope = (loss.value(theta + h * v) - loss.value(theta - h * v)) / (2 * h)
    assert loss.gradient(theta) @ v == pytest.approx(slope, rel=1e-7)


def test_gradient_agrees_with_pytorch(loss):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3)).double()
    theta = np.random.default_rng(5).normal(size=51)
    torch.nn.utils.vector_to_parameters(torch.tensor(theta), model.parameters())
    value = torch.nn.functional.cross_entropy(model(torch.tensor(loss.x)), torch.tensor(loss.y))
    value.backward()
    assert loss.value(theta) == pytest.approx(value.item(), rel=1e-12)
    theirs = torch.cat([p.grad.ravel() for p in model.parameters()]).numpy()
    np.testing.assert_allclose(loss.gradient(theta), theirs, rtol=1e-10, atol=1e-12)


def test_a_small_cnn_agrees_with_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(6)
    network = Network(
        layers.Conv2d(1, 3, 3, rng, padding=1),
        layers.BatchNorm(3),
        layers.ReLU(),
        layers.MaxPool2d(2),
        layers.Flatten(),
        layers.Linear(48, 5, rng),
    )
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3, padding=1),
        torch.nn.BatchNorm2d(3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(48, 5),
    ).double()
    torch.nn.utils.vector_to_parameters(torch.tensor(network.theta), model.parameters())
    x, y = rng.normal(size=(4, 1, 8, 8)), rng.integers(5, size=4)
    torch.nn.functional.cross_entropy(model(torch.tensor(x)), torch.tensor(y)).backward()
    theirs = torch.cat([p.grad.ravel() for p in model.parameters()]).numpy()
    ours = NetworkLoss(network, x, y, layers.CrossEntropy()).gradient(network.theta)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def test_the_mean_over_batches_of_one_size_is_the_whole(loss):
    theta = loss.network.theta.copy()
    batches = np.arange(20).reshape(5, 4)
    mean = np.mean([loss.on(batch).gradient(theta) for batch in batches], axis=0)
    np.testing.assert_allclose(mean, loss.gradient(theta), rtol=1e-12, atol=1e-15)


def test_a_stack_of_parameters_is_evaluated_one_by_one(loss):
    thetas = np.random.default_rng(7).normal(size=(2, 3, 51))
    assert loss.value(thetas).shape == (2, 3)
    np.testing.assert_array_equal(loss.gradient(thetas)[1, 2], loss.gradient(thetas[1, 2]))


def test_hvp_is_the_slope_of_the_gradient(loss):
    theta, v = np.random.default_rng(8).normal(size=(2, 51))
    np.testing.assert_allclose(loss.hvp(theta, v), hvp_by_differences(loss.gradient, theta, v))
    np.testing.assert_allclose(loss.hvp(theta, 3 * v), 3 * loss.hvp(theta, v), rtol=1e-5, atol=1e-8)


def test_descend_runs_a_network_like_any_objective(loss):
    run = descend(loss, SGD(0.5), loss.network.theta.copy(), 30)
    assert run.values[-1] < 0.7 * run.values[0]


def test_an_epoch_covers_every_sample_once(loss):
    batches = list(loss.epoch(np.random.default_rng(0)))
    assert [batch.size for batch in batches] == [6, 6, 6, 2]
    seen = np.concatenate([batch.x for batch in batches])
    np.testing.assert_array_equal(seen[np.lexsort(seen.T)], loss.x[np.lexsort(loss.x.T)])


def test_a_finite_sum_is_trained_as_a_network_is():
    from course_lib.objective import with_l2_penalty
    from course_lib.stochastic import least_squares

    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(40, 3))
    data = least_squares(inputs, inputs @ [1.0, -2.0, 0.5], batch_size=8)
    history = train(data, SGD(0.1), np.zeros(3), 60, rng)
    np.testing.assert_allclose(history.theta, [1.0, -2.0, 0.5], atol=1e-6)
    assert history.losses.shape == (60 * 5,)
    held = train(with_l2_penalty(data, 1.0), SGD(0.1), np.zeros(3), 60, rng).theta
    assert np.linalg.norm(held) < np.linalg.norm(history.theta)


def test_training_with_the_whole_set_as_batch_is_gradient_descent(loss):
    start = loss.network.theta.copy()
    whole = NetworkLoss(loss.network, loss.x, loss.y, loss.loss, batch_size=20)
    history = train(whole, Momentum(0.1, 0.9), start, 10, np.random.default_rng(0))
    run = descend(whole, Momentum(0.1, 0.9), start, 10)
    np.testing.assert_allclose(history.theta, run.thetas[-1], rtol=1e-10)
    np.testing.assert_allclose(history.losses, run.values[:-1], rtol=1e-10)


@pytest.mark.parametrize("optimizer", [SGD(0.1), Nesterov(0.1, 0.9)])
def test_an_update_passes_its_batch_through_the_network_once(optimizer):
    rng = np.random.default_rng(5)
    norm = layers.BatchNorm(3, unbiased_running_var=False)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    whole = NetworkLoss(Network(norm, layers.Linear(3, 2, rng)), x, y, layers.LeastSquares(), batch_size=20)
    train(whole, optimizer, whole.network.theta, 2, rng)
    np.testing.assert_allclose(norm.running_mean, (1 - 0.9**2) * x.mean(axis=0))


def test_training_is_reproducible_and_leaves_its_start_alone(loss):
    start = loss.network.theta.copy()
    start.flags.writeable = False
    first, second = (train(loss, SGD(0.1), start, 3, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first.theta, second.theta)
    assert first.losses.shape == (3 * 4,)


def test_evaluate_is_asked_each_epoch_and_can_stop(loss):
    def evaluate(epoch, theta):
        return {"epoch": epoch, "stop": epoch == 2}

    history = train(loss, SGD(0.1), loss.network.theta.copy(), 9, np.random.default_rng(0), evaluate=evaluate)
    assert [record["epoch"] for record in history.records] == [0, 1, 2]


def test_a_schedule_counts_updates(loss):
    seen = []
    train(
        loss,
        SGD(0.1),
        loss.network.theta.copy(),
        2,
        np.random.default_rng(0),
        schedule=lambda t: seen.append(t) or 0.1,
    )
    assert seen == list(range(1, 9))


def test_a_diverging_training_ends_without_warnings(loss):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(loss, SGD(1e9), loss.network.theta.copy(), 5, np.random.default_rng(0))


def test_mistakes_get_a_sentence(loss):
    with pytest.raises(ValueError, match="51 parameters, but theta has shape"):
        loss.value(np.zeros(50))
    with pytest.raises(ValueError, match="x has 20 inputs, but y 3 targets"):
        NetworkLoss(loss.network, loss.x, loss.y[:3], loss.loss)
    with pytest.raises(ValueError, match="batch_size must be a whole number"):
        NetworkLoss(loss.network, loss.x, loss.y, loss.loss, batch_size=0)


def test_training_with_a_penalty_and_clipped_gradients(loss):
    from course_lib.objective import with_l2_penalty
    from course_lib.optimizers.clipping import clip_by_norm, with_clipping

    start = loss.network.theta.copy()
    free = train(loss, SGD(0.5), start, 20, np.random.default_rng(0)).theta
    held = train(with_l2_penalty(loss, 1.0), SGD(0.5), start, 20, np.random.default_rng(0)).theta
    assert np.linalg.norm(held) < 0.5 * np.linalg.norm(free)
    short = train(with_clipping(loss, lambda g: clip_by_norm(g, 1e-3)), SGD(0.5), start, 2, np.random.default_rng(0))
    assert np.linalg.norm(short.theta - start) <= 8 * 0.5e-3 * (1 + 1e-12)


def test_newton_on_a_network_says_that_there_is_no_hessian(loss):
    from course_lib.optimizers import Newton

    with pytest.raises(NotImplementedError, match="has no Hessian"):
        descend(loss, Newton(), loss.network.theta.copy(), 1)
