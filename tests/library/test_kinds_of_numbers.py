"""Whole numbers, lists, float32 and images of bytes mean what they mean in NumPy; nonsense is refused by name."""

import numpy as np
import pytest

from course_lib import initializers, layers, schedules
from course_lib.benchmark_functions import BENCHMARK_FUNCTIONS
from course_lib.chapters.ch04_newton_saddles.experiments import newton_census
from course_lib.chapters.ch06_initialisation.experiments.signals import mean_square, weight_variance
from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import dropout_moments
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import OPTIMIZERS, SGD, Momentum, soft_threshold
from course_lib.run import descend
from course_lib.stochastic import draw_batch
from course_lib.surfaces import SURFACES
from tests.library.calls import LAYERS, made


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", [name for name, (_, x) in LAYERS.items() if x is not None])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.int8, bool])
@pytest.mark.parametrize("training", [True, False])
def test_a_layer_takes_images_of_bytes_as_the_numbers_that_they_are(name, dtype, training):
    x = rng().integers(0, 120, size=LAYERS[name][1].shape).astype(dtype)
    bytes_layer, float_layer = made(name), made(name)
    for layer in (bytes_layer, float_layer):
        for _ in range(3):  # running statistics that are no whole numbers
            layer.forward(np.cos(LAYERS[name][1]), training=True)
    y = bytes_layer.forward(x, training=training)
    np.testing.assert_array_equal(y, float_layer.forward(x.astype(float), training=training))
    d_y = rng().integers(-3, 3, size=y.shape)
    np.testing.assert_array_equal(bytes_layer.backward(d_y), float_layer.backward(d_y.astype(float)))


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("part", ["value", "gradient", "hessian"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
def test_a_surface_does_not_overflow_in_whole_numbers(name, part, dtype):
    theta = np.array([[2, 1], [100, 120], [np.iinfo(dtype).max, 1]], dtype=dtype)
    function = getattr(SURFACES[name], part)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(theta), function(theta.astype(float)))
        np.testing.assert_array_equal(function(theta.tolist()), function(theta.astype(float)))


@pytest.mark.parametrize("name", BENCHMARK_FUNCTIONS)
@pytest.mark.parametrize("part", ["value", "gradient"])
def test_a_benchmark_function_does_not_overflow_in_whole_numbers(name, part):
    theta, function = np.array([100000, 0, 7]), getattr(BENCHMARK_FUNCTIONS[name], part)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(function(theta), function(theta.astype(float)))


def test_squares_of_bytes_do_not_overflow():
    x = np.array([200, 16], dtype=np.uint8)
    assert mean_square(x) == np.mean(x.astype(float) ** 2)
    np.testing.assert_array_equal(dropout_moments(x, 0.5)[1], x.astype(float) ** 2)
    assert layers.LeastSquares().forward(x[None], x[None, ::-1]) == 2 * 184.0**2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_start_in_whole_numbers_or_a_list_is_the_start_in_floats(optimizer):
    whole = descend(SURFACES["booth"], optimizer(), np.array([2, 1], dtype=np.uint8), 5)
    floats = descend(SURFACES["booth"], optimizer(), np.array([2.0, 1.0]), 5)
    np.testing.assert_array_equal(whole.thetas, floats.thetas)
    np.testing.assert_array_equal(descend(SURFACES["booth"], optimizer(), [2, 1], 5).thetas, floats.thetas)


def test_a_hyperparameter_may_be_a_list_or_a_whole_number():
    array = Momentum(learning_rate=np.array([[0.1], [0.2]]), momentum=np.uint8(0))
    several = Momentum(learning_rate=[[0.1], [0.2]], momentum=0)
    runs = [descend(SURFACES["booth"], one, [0.0, 0.0], 5).thetas for one in (array, several)]
    np.testing.assert_array_equal(*runs)


@pytest.mark.parametrize("widths", [(6, 8, 3), (20, 30, 3)])
def test_a_hessian_vector_product_of_a_float32_network_is_right_to_its_precision_and_stays_float32(widths):
    losses = []
    for dtype in (np.float32, float):
        generator = rng()
        net = Network(
            layers.Linear(widths[0], widths[1], generator),
            layers.Tanh(),
            layers.Linear(widths[1], widths[2], generator),
            dtype=dtype,
        )
        x, y = rng().normal(size=(32, widths[0])), rng().integers(3, size=32)
        losses.append(NetworkLoss(net, x.astype(dtype), y, layers.CrossEntropy()))
    theta = losses[1].network.theta.copy()
    v = rng().normal(size=theta.shape)
    single, double = (loss.hvp(theta, v) for loss in losses)
    assert single.dtype == np.float32 and double.dtype == float
    assert np.linalg.norm(single - double) < 2e-3 * np.linalg.norm(double)


def test_a_census_from_float32_starts_is_that_of_the_same_starts_in_float64():
    starts = rng().uniform(-4, 4, size=(50, 2)).astype(np.float32)
    single = newton_census(SURFACES["himmelblau"], starts)
    double = newton_census(SURFACES["himmelblau"], starts.astype(float))
    assert single.kinds.tolist() == double.kinds.tolist() and "minimum" in single.kinds


def test_a_layer_that_stands_in_a_network_twice_is_refused():
    shared, relu = layers.Linear(3, 3, rng()), layers.ReLU()
    for twice in ((shared, layers.Tanh(), shared), (relu, shared, relu)):
        with pytest.raises(ValueError, match="layer 2 is in this Network twice"):
            Network(*twice)


NONSENSE = {
    "fan_in": [lambda: initializers.he_normal(-1, 4, rng()), lambda: layers.Linear(-1, 3, rng())],
    "fan_out": [lambda: layers.Linear(3, 0, rng()), lambda: initializers.xavier_uniform(3, 2.5, rng())],
    "truncate": [lambda: layers.RNN(3, 2, rng(), truncate=-1), lambda: layers.RNN(3, 2, rng(), truncate=2.5)],
    "stride": [lambda: layers.output_size(7, 3, -1), lambda: layers.output_size(7, 3, 0)],
    "batch_size": [lambda: draw_batch(3, 4, rng())],
    "threshold": [lambda: soft_threshold(np.ones(2), -1)],
    "start": [lambda: descend(SURFACES["booth"], SGD(), None, 3), lambda: descend(SURFACES["booth"], SGD(), 2.0, 3)],
    "optimizer": [lambda: descend(SURFACES["booth"], SGD, [1.0, 1.0], 3)],
    "rng": [lambda: layers.Dropout(0.5, None), lambda: layers.Linear(2, 2, 3), lambda: draw_batch(3, 2, None)],
    "d_y": [lambda: forwarded().backward(np.ones((4, 7)))],
    "theta": [lambda: SURFACES["booth"].value("here"), lambda: SURFACES["booth"].gradient(None)],
    "num_steps": [lambda: descend(SURFACES["booth"], SGD(), [1.0, 1.0], 10**30), lambda: schedules.cosine(1, 0, 1)],
}
NONSENSE |= {"fan_in of a formula": [lambda: weight_variance("He", -1, 4)]}


def forwarded():
    layer = layers.Linear(3, 2, rng())
    layer.forward(np.ones((4, 3)))
    return layer


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused_by_the_name_the_caller_gave_it(name):
    for call in NONSENSE[name]:
        with pytest.raises((ValueError, TypeError), match=name.split()[0]):
            call()


def test_backward_before_forward_gets_a_sentence():
    for thing, arguments in ((layers.LeastSquares(), ()), (layers.Linear(2, 2, rng()), (np.ones((1, 2)),))):
        with pytest.raises(RuntimeError, match=r"forward\(.*\) before backward"):
            thing.backward(*arguments)
