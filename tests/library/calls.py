"""One right call of everything public in the library, ``{label: () -> (function, arguments)}``, each made afresh.

``test_hostile_input.py`` puts other values in the place of every argument; a new public name gets a row here.
"""

from inspect import signature
from types import SimpleNamespace

import numpy as np

from course_lib import (
    autodiff,
    data,
    finite_differences,
    gradcheck,
    initializers,
    layers,
    network,
    objective,
    optimizers,
    run,
    schedules,
    stochastic,
    surfaces,
)
from course_lib.benchmark_functions import BENCHMARK_FUNCTIONS
from course_lib.chapters.ch02_sgd_noise import experiments as noise_ball
from course_lib.chapters.ch03_momentum import experiments as convergence
from course_lib.chapters.ch04_newton_saddles import experiments as landscape
from course_lib.chapters.ch04_newton_saddles.experiments.newton_census import newton_census
from course_lib.chapters.ch06_initialisation.experiments import signals as signal_propagation
from course_lib.chapters.ch08_dropout.experiments import dropout_ensemble, shrinkage
from course_lib.optimizers.conjugate_gradient import solve_linear
from course_lib.optimizers.effective import effective_rate
from course_lib.surfaces import SURFACES

ROSENBROCK = SURFACES["rosenbrock"]
CALLS = {}


def rng():
    return np.random.default_rng(3)


def numbers(*shape):
    return rng().normal(size=shape)


def call(label, function, /, **arguments):
    """Note a call; a function that is named ``make`` builds what is called, so that no call sees another's state."""
    assert label not in CALLS, label
    CALLS[label] = lambda: (function, fresh(arguments))


def method(label, make, name, /, **arguments):
    assert label not in CALLS, label
    CALLS[label] = lambda: (getattr(make(), name), fresh(arguments))


def fresh(arguments):
    """Copies of arrays; generators that start again."""
    return {
        name: value.copy()
        if isinstance(value, np.ndarray)
        else rng()
        if isinstance(value, np.random.Generator)
        else value
        for name, value in arguments.items()
    }


# --- objective, surfaces, benchmark functions -----------------------------------------------------------

BOWL = objective.Objective(
    lambda theta: np.sum(np.square(theta), axis=-1) / 2, lambda theta: np.asarray(theta, dtype=float)
)
THETA = np.array([0.5, -0.25])

call("objective.Objective", objective.Objective, value=BOWL.value, gradient=BOWL.gradient)
method("objective.Objective.hvp", lambda: BOWL, "hvp", theta=THETA, v=np.array([1.0, 2.0]))
method("objective.Objective.hvp by Hessian", lambda: ROSENBROCK, "hvp", theta=THETA, v=np.array([1.0, 2.0]))
call(
    "objective.hvp_by_differences",
    objective.hvp_by_differences,
    gradient=BOWL.gradient,
    theta=THETA,
    v=np.array([1.0, 2.0]),
)
call("objective.with_l2_penalty", objective.with_l2_penalty, objective=BOWL, l2_penalty=0.1)
call("objective.with_l1_penalty", objective.with_l1_penalty, objective=BOWL, l1_penalty=0.1)

for derived in (objective.with_l2_penalty, objective.with_l1_penalty):
    for name in ("value", "gradient", "hessian"):
        method(f"objective.{derived.__name__}(...).{name}", lambda d=derived: d(ROSENBROCK, 0.1), name, theta=THETA)

OBJECTIVES = {f"surfaces.{name}": SURFACES[name] for name in SURFACES} | {
    "surfaces.rotated(...)": surfaces.rotated(ROSENBROCK, 30.0),
    "surfaces.quadratic(...)": surfaces.quadratic(np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 0.0])),
    "surfaces.worst_case(...)": surfaces.worst_case(2),
    "landscape.deep_linear(...)": landscape.deep_linear(1.5),
}
for label, one in OBJECTIVES.items():
    for name in ("value", "gradient", "hessian"):
        method(f"{label}.{name}", lambda one=one: one, name, theta=THETA)

call("surfaces.ravine", surfaces.ravine, condition_number=5.0)
call("surfaces.rotated", surfaces.rotated, surface=ROSENBROCK, degrees=30.0)
call("surfaces.quadratic", surfaces.quadratic, hessian=np.array([[2.0, 1.0], [1.0, 3.0]]), linear=np.array([1.0, 0.0]))
call("surfaces.worst_case", surfaces.worst_case, n=3, lipschitz=2.0)

for name, one in BENCHMARK_FUNCTIONS.items():
    for part in ("value", "gradient"):
        method(f"benchmark_functions.{name}.{part}", lambda one=one: one, part, theta=np.array([0.5, -0.25, 1.5]))
method("benchmark_functions.minima", lambda: BENCHMARK_FUNCTIONS["quintic"], "minima", n=2)

# --- noise ------------------------------------------------------------------------------------------------

X, Y = numbers(5, 2), numbers(5)


def mean_of_terms(theta, batch):
    return np.sum(np.square(theta), axis=-1) * np.mean(batch)


def its_gradient(theta, batch):
    return 2 * np.asarray(theta) * np.mean(batch)


def a_sum():
    return stochastic.least_squares(X, Y, batch_size=2)


call("stochastic.with_gradient_noise", stochastic.with_gradient_noise, objective=BOWL, noise_scale=0.5)
method("stochastic.NoisyObjective.sample", lambda: stochastic.with_gradient_noise(BOWL, 0.5), "sample", rng=rng())
call("stochastic.draw_batch", stochastic.draw_batch, size=5, batch_size=2, rng=rng(), replacement=False, runs=())
call("stochastic.deal_batches", stochastic.deal_batches, size=5, batch_size=2, rng=rng())
call(
    "stochastic.finite_sum",
    stochastic.finite_sum,
    value=mean_of_terms,
    gradient=its_gradient,
    size=5,
    batch_size=2,
    replacement=False,
    runs=(),
    hessian=None,
)
for make in (stochastic.least_squares, stochastic.logistic_loss):
    y = Y if make is stochastic.least_squares else np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    call(f"stochastic.{make.__name__}", make, x=X, y=y, batch_size=2, replacement=False, runs=())
    for name in ("value", "gradient", "hessian"):
        method(f"stochastic.{make.__name__}(...).{name}", lambda make=make, y=y: make(X, y), name, theta=THETA)
method("stochastic.FiniteSum.on", a_sum, "on", batch=np.array([0, 3]))
method("stochastic.FiniteSum.sample", a_sum, "sample", rng=rng())
CALLS["stochastic.FiniteSum.epoch"] = lambda: (lambda rng: list(a_sum().epoch(rng)), {"rng": rng()})

call("noise_ball.bowls", noise_ball.bowls, centres=numbers(4, 2), curvatures=np.array([1.0, 2.0]), batch_size=2)
for name in ("value", "gradient"):
    method(
        f"noise_ball.bowls(...).{name}",
        lambda: noise_ball.bowls(numbers(4, 2), np.array([1.0, 2.0])),
        name,
        theta=THETA,
    )
call("noise_ball.variance_factor", noise_ball.variance_factor, size=10, batch_size=2, sampling="without replacement")
call("noise_ball.ball_variance", noise_ball.ball_variance, learning_rate=0.5, curvature=1.5, noise=2.0)
call(
    "noise_ball.expected_square",
    noise_ball.expected_square,
    t=np.array([0.0, 1.0, 5.0]),
    away=THETA,
    variances=np.array([1.0, 2.0]),
    curvatures=np.array([1.0, 0.5]),
    learning_rate=0.5,
    factor=0.5,
)
call(
    "noise_ball.expected_path",
    noise_ball.expected_path,
    away=THETA,
    covariance=np.array([[1.0, 0.2], [0.2, 2.0]]),
    curvatures=np.array([1.0, 0.5]),
    rates=np.array([0.5, 0.25]),
    size=6,
    batch_size=2,
    sampling="epochs",
)
call(
    "noise_ball.diminishing_bound",
    noise_ball.diminishing_bound,
    t=3,
    beta=1.0,
    gamma=1.0,
    mu=1.0,
    moment=2.0,
    first=1.0,
)

# --- convergence, schedules -------------------------------------------------------------------------------

call("convergence.larger_root", convergence.larger_root, b=1.5, c=0.5)
for rate in (convergence.momentum_rate, convergence.nesterov_rate):
    call(f"convergence.{rate.__name__}", rate, learning_rate=0.1, momentum=0.5, eigenvalue=2.0)
call(
    "convergence.slowest_rate",
    convergence.slowest_rate,
    rate=convergence.momentum_rate,
    learning_rate=0.1,
    momentum=0.5,
    eigenvalues=np.array([1.0, 2.0]),
)
for best in (convergence.optimal_gradient_descent, convergence.optimal_momentum, convergence.optimal_nesterov):
    call(f"convergence.{best.__name__}", best, smallest=0.5, largest=2.0)

SCHEDULES = {
    "constant": dict(learning_rate=0.1),
    "inverse_time": dict(numerator=0.5, offset=1.0),
    "inverse_square_root": dict(numerator=0.5, offset=1.0),
    "linear_blend": dict(first=1.0, last=0.2, num_steps=4),
    "step_decay": dict(learning_rate=0.8, factor=0.5, every=10),
    "exponential_decay": dict(learning_rate=0.8, factor=0.5),
    "cosine": dict(highest=0.1, lowest=0.01, num_steps=5),
    "cosine_restarts": dict(highest=0.1, lowest=0.01, period=3, period_factor=2, reach_lowest=True),
    "warm_up": dict(schedule=schedules.cosine(0.4, 0.0, num_steps=100), num_steps=4),
    "rising_momentum": dict(largest=0.99, every=250),
}
for name, arguments in SCHEDULES.items():
    make = getattr(schedules, name)
    call(f"schedules.{name}", make, **arguments)
    CALLS[f"schedules.{name}(...)"] = lambda make=make, arguments=arguments: (
        lambda t: make(**arguments)(t),
        {"t": np.array([1.0, 2.0, 7.0])},
    )
call("schedules.nesterov_momentum", schedules.nesterov_momentum, t=7)

# --- derivatives ------------------------------------------------------------------------------------------


def cube(theta):
    return np.sum(np.asarray(theta) ** 3)


for difference in (
    finite_differences.forward_difference,
    finite_differences.central_difference,
    finite_differences.complex_step,
):
    call(f"finite_differences.{difference.__name__}", difference, function=cube, theta=THETA, h=1e-4)
call(
    "finite_differences.step_curve",
    finite_differences.step_curve,
    function=cube,
    exact=3 * THETA**2,
    theta=THETA,
    steps=np.array([1e-2, 1e-4]),
    methods=("forward", "central"),
)
for name in ("predicted_error", "predicted_best_step"):
    arguments = dict(method="central", h=1e-3, value=1.0, second=2.0, third=3.0, eps=1e-16)
    wanted = signature(getattr(finite_differences, name)).parameters
    call(
        f"finite_differences.{name}",
        getattr(finite_differences, name),
        **{key: value for key, value in arguments.items() if key in wanted},
    )
call(
    "gradcheck.check_gradient",
    gradcheck.check_gradient,
    function=cube,
    gradient=lambda theta: 3 * theta**2,
    theta=THETA,
    tolerance=1e-6,
)
for name in ("taylor_remainders", "taylor_slope"):
    call(
        f"gradcheck.{name}",
        getattr(gradcheck, name),
        function=cube,
        gradient=lambda theta: 3 * theta**2,
        theta=THETA,
        direction=np.array([1.0, 1.0]),
        steps=np.array([0.02, 0.01, 0.005]),
    )


def traced_cube(theta):
    return np.sum(theta**3)


def derived(make):
    """A derivative of a cube, and where to take it: its arguments are x or theta, and v."""
    function = make(traced_cube)
    given = {"theta": THETA.copy(), "x": THETA.copy(), "v": np.array([1.0, 2.0])}
    return function, {name: value for name, value in given.items() if name in signature(function).parameters}


call("autodiff.Dual", autodiff.Dual, primal=THETA, tangent=np.array([1.0, 0.0]))
call("autodiff.Node", autodiff.Node, value=THETA)
for name in ("gradient", "value_and_gradient", "jacobian", "hessian", "derivative"):
    make = getattr(autodiff, name)
    call(f"autodiff.{name}", make, function=traced_cube)
    CALLS[f"autodiff.{name}(...)"] = lambda make=make: derived(make)
call("autodiff.jacobian by mode", autodiff.jacobian, function=traced_cube, mode="forward")
call("autodiff.objective", autodiff.objective, value=lambda theta: np.sum(theta**2, axis=-1))
for name in ("value", "gradient", "hessian"):
    method(
        f"autodiff.objective(...).{name}",
        lambda: autodiff.objective(lambda theta: np.sum(theta**2, axis=-1)),
        name,
        theta=THETA,
    )
for name in ("jvp", "hvp"):
    make = getattr(autodiff, name)
    call(f"autodiff.{name}", make, function=traced_cube)
    CALLS[f"autodiff.{name}(...)"] = lambda make=make: derived(make)
for name in ("log_softmax", "logsumexp", "relu", "sigmoid", "softmax", "softplus", "stop_gradient"):
    call(f"autodiff.{name}", getattr(autodiff, name), x=numbers(2, 3))

# --- initialisers, shrinkage, dropout ---------------------------------------------------------------------

call("initializers.gain", initializers.gain, activation="leaky_relu", slope=0.1)
INITIALIZERS = {
    "constant": dict(value=0.5),
    "uniform": dict(limit=0.05),
    "normal": dict(std=0.01),
    "lecun_normal": {},
    "lecun_uniform": {},
    "xavier_normal": dict(gain=1.0),
    "xavier_uniform": dict(gain=1.0),
    "he_normal": dict(gain=1.0),
    "he_uniform": dict(gain=1.0),
    "orthogonal": dict(gain=1.0),
}
for name, arguments in INITIALIZERS.items():
    call(f"initializers.{name}", getattr(initializers, name), fan_in=4, fan_out=3, rng=rng(), shape=(3, 4), **arguments)

call("shrinkage.bowl", shrinkage.bowl, eigenvalues=np.array([1.0, 2.0]), minimum=THETA)
for name in ("value", "gradient", "hessian"):
    method(f"shrinkage.bowl(...).{name}", lambda: shrinkage.bowl(np.array([1.0, 2.0]), THETA), name, theta=THETA)
call("shrinkage.l2_factor", shrinkage.l2_factor, eigenvalue=2.0, l2_penalty=0.5)
call(
    "shrinkage.proximal_descent",
    shrinkage.proximal_descent,
    objective=BOWL,
    l1_penalty=0.1,
    learning_rate=0.1,
    start=THETA,
    num_steps=3,
)
for name in ("early_stopping_factor", "matching_l2_penalty"):
    call(f"shrinkage.{name}", getattr(shrinkage, name), eigenvalue=2.0, learning_rate=0.1, num_steps=5)
call("shrinkage.dropout_penalty", shrinkage.dropout_penalty, x=X, drop_rate=0.5)
call("shrinkage.noise_penalty", shrinkage.noise_penalty, noise=0.5)
call("shrinkage.penalised_solution", shrinkage.penalised_solution, x=X, y=Y, penalty=0.1)


def net(x):
    return 1 / (1 + np.exp(-x @ np.array([[1.0, 2.0], [0.5, -1.0]])))


call("dropout_ensemble.dropout_moments", dropout_ensemble.dropout_moments, x=THETA, drop_rate=0.5)
call("dropout_ensemble.all_masks", dropout_ensemble.all_masks, n=3)
MASKS = dropout_ensemble.all_masks(2)
call("dropout_ensemble.mask_probabilities", dropout_ensemble.mask_probabilities, masks=MASKS, drop_rate=0.25)
call("dropout_ensemble.thinned", dropout_ensemble.thinned, net=net, x=THETA, masks=MASKS, drop_rate=0.25)
for name in ("exact_average", "geometric_average"):
    call(f"dropout_ensemble.{name}", getattr(dropout_ensemble, name), net=net, x=THETA, drop_rate=0.25)
call(
    "dropout_ensemble.monte_carlo_average",
    dropout_ensemble.monte_carlo_average,
    net=net,
    x=THETA,
    drop_rate=0.25,
    num_masks=5,
    rng=rng(),
)
call("dropout_ensemble.weight_scaling", dropout_ensemble.weight_scaling, net=net, x=THETA)
call("dropout_ensemble.softmax", dropout_ensemble.softmax, scores=numbers(2, 3))
call("dropout_ensemble.small_net", dropout_ensemble.small_net, sizes=(2, 4, 3), rng=rng(), output="softmax")

# --- layers -----------------------------------------------------------------------------------------------

IMAGES, ROWS = numbers(4, 2, 6, 6), numbers(4, 3)
LAYERS = {
    "Identity": ({}, ROWS),
    "Sigmoid": ({}, ROWS),
    "Tanh": ({}, ROWS),
    "ReLU": ({}, ROWS),
    "LeakyReLU": (dict(slope=0.1), ROWS),
    "SELU": ({}, ROWS),
    "SiLU": ({}, ROWS),
    "GELU": ({}, ROWS),
    "PReLU": (dict(slope=0.1), ROWS),
    "Softmax": ({}, ROWS),
    "Linear": (dict(fan_in=3, fan_out=2, rng=rng(), initializer=initializers.he_normal, bias=True), ROWS),
    "Flatten": ({}, IMAGES),
    "Dropout": (dict(drop_rate=0.5, rng=rng()), ROWS),
    "BatchNorm": (dict(num_features=3, eps=1e-5, running_decay=0.9, unbiased_running_var=True), ROWS),
    "LayerNorm": (dict(shape=3, eps=1e-5), ROWS),
    "RMSNorm": (dict(num_features=3, eps=1e-5), ROWS),
    "GroupNorm": (dict(num_groups=1, num_channels=2, eps=1e-5), IMAGES),
    "Conv2d": (
        dict(
            in_channels=2,
            out_channels=3,
            kernel=3,
            rng=rng(),
            stride=1,
            padding=1,
            initializer=initializers.he_normal,
            bias=True,
        ),
        IMAGES,
    ),
    "Conv1d": (
        dict(in_channels=2, out_channels=4, kernel=3, rng=rng(), stride=2, padding=1, dilation=1, groups=2),
        numbers(4, 2, 7),
    ),
    "ConvTranspose2d": (
        dict(in_channels=2, out_channels=3, kernel=3, rng=rng(), stride=2, padding=1, output_padding=1),
        IMAGES,
    ),
    "MaxPool2d": (dict(kernel=2, stride=2, padding=1, dilation=1), IMAGES),
    "AvgPool2d": (dict(kernel=2, stride=2, padding=1, count_include_pad=False), IMAGES),
    "RNN": (dict(fan_in=3, hidden=2, rng=rng(), truncate=2), numbers(2, 5, 3)),
    "LSTM": (dict(fan_in=3, hidden=2, rng=rng(), truncate=2, forget_bias=0.5), numbers(2, 5, 3)),
    "GRU": (dict(fan_in=3, hidden=2, rng=rng(), truncate=2, update_bias=0.5), numbers(2, 5, 3)),
    "LastStep": (dict(), numbers(2, 5, 3)),
}


def made(name):
    return getattr(layers, name)(**fresh(LAYERS[name][0]))


def after_forward(name):
    layer = made(name)
    layer.forward(LAYERS[name][1].copy(), training=True)
    return layer


for name, (arguments, x) in LAYERS.items():
    call(f"layers.{name}", getattr(layers, name), **arguments)
    modes = {"training": True} if name in ("Dropout", "BatchNorm") else {}  # the others do not look at it
    method(f"layers.{name}.forward", lambda name=name: made(name), "forward", x=x, **modes)
    method(f"layers.{name}.forward at inference", lambda name=name: made(name), "forward", x=x)
    y = after_forward(name).forward(x.copy(), training=True)
    method(f"layers.{name}.backward", lambda name=name: after_forward(name), "backward", d_y=np.ones(y.shape))

LOSSES = {
    "LeastAbsoluteDeviation": numbers(4, 3)[::-1],
    "LeastSquares": numbers(4, 3)[::-1],
    "Hinge": np.sign(ROWS),
    "CrossEntropy": np.array([0, 2, 1, 0]),
}
for name, target in LOSSES.items():
    method(f"layers.{name}.forward", getattr(layers, name), "forward", prediction=ROWS, target=target)
call(
    "layers.conv2d",
    layers.conv2d,
    x=IMAGES,
    w=numbers(3, 2, 3, 3),
    b=np.zeros(3),
    stride=1,
    padding=1,
)
call("layers.conv1d", layers.conv1d, x=numbers(4, 2, 7), w=numbers(3, 2, 3), b=np.zeros(3), stride=2, padding=1)
call(
    "layers.conv_transpose2d",
    layers.conv_transpose2d,
    x=IMAGES,
    w=numbers(2, 3, 3, 3),
    b=np.zeros(3),
    stride=2,
    padding=1,
    dilation=1,
    groups=1,
    output_padding=1,
)
call("layers.conv_parameters", layers.conv_parameters, in_channels=3, out_channels=4, kernel=3, bias=True)
call("layers.dense_parameters", layers.dense_parameters, inputs=3, units=4, bias=True)
call("layers.output_size", layers.output_size, size=7, kernel=3, stride=2, padding=1)
CALLS["layers.Window"] = lambda: (  # a plain record, looked at when it is used
    lambda kernel, stride, padding, dilation: layers.Window(kernel, stride, padding, dilation).output_size(9),
    {"kernel": 3, "stride": 1, "padding": 1, "dilation": 1},
)
for name in ("output_size", "unseen"):
    method(f"layers.Window.{name}", lambda: layers.Window(3, 2), name, size=8)
for name in ("receptive_fields", "effective_widths"):
    call(f"layers.{name}", getattr(layers, name), windows=[layers.Window(3), layers.Window(2, 2)])
call("layers.lenet", layers.lenet, rng=rng(), num_classes=3)
call("layers.passages", layers.passages, named_layers=[("ReLU", layers.ReLU())], x=ROWS)
call("layers.weight_places", layers.weight_places, kernel=(2, 2), shape=(3, 4), stride=1, padding=0)
call("layers.convolution_matrix", layers.convolution_matrix, w=numbers(1, 2, 2, 2), shape=(3, 4), stride=1, padding=0)

# --- networks and runs ------------------------------------------------------------------------------------


def a_network():
    generator = rng()
    return network.Network(layers.Linear(3, 4, generator), layers.Tanh(), layers.Linear(4, 2, generator))


def a_loss():
    return network.NetworkLoss(a_network(), ROWS, np.array([0, 1, 1, 0]), layers.CrossEntropy(), batch_size=2)


CALLS["network.Network"] = lambda: (
    lambda layer, dtype: network.Network(layer, dtype=dtype),
    {"layer": layers.Linear(3, 2, rng()), "dtype": float},
)
method("network.Network.forward", a_network, "forward", x=ROWS, training=False)
call(
    "network.NetworkLoss",
    network.NetworkLoss,
    network=a_network(),
    x=ROWS,
    y=np.array([0, 1, 1, 0]),
    loss=layers.CrossEntropy(),
    training=True,
    batch_size=2,
)
WEIGHTS = a_network().theta.copy()
for name in ("value", "gradient", "value_and_gradient"):
    method(f"network.NetworkLoss.{name}", a_loss, name, theta=WEIGHTS)
method("network.NetworkLoss.hvp", a_loss, "hvp", theta=WEIGHTS, v=np.ones(len(WEIGHTS)))
method("network.NetworkLoss.on", a_loss, "on", batch=np.array([0, 2]))
method("network.NetworkLoss.sample", a_loss, "sample", rng=rng())
method("network.NetworkLoss.epoch", a_loss, "epoch", rng=rng())


def with_theta(theta):
    one = a_network()
    one.theta = theta
    return one.theta


call("network.Network.theta", with_theta, theta=WEIGHTS)
call(
    "run.descend",
    run.descend,
    objective=a_sum(),
    optimizer=optimizers.SGD(0.1),
    start=THETA,
    num_steps=3,
    schedule=schedules.constant(0.1),
    rng=rng(),
)
CALLS["run.iterate"] = lambda: (lambda **given: list(run.iterate(**given)), CALLS["run.descend"]()[1])
call(
    "run.train",
    run.train,
    objective=a_sum(),
    optimizer=optimizers.SGD(0.1),
    theta=THETA,
    num_epochs=2,
    rng=rng(),
    schedule=schedules.constant(0.1),
    evaluate=None,
)

# --- optimizers -------------------------------------------------------------------------------------------

LEARNERS = [*optimizers.OPTIMIZERS, optimizers.NesterovPyTorch, optimizers.NesterovTwoSequence]
LEARNERS += [optimizers.ProximalAdagrad, optimizers.FTRL]
FISHER = SimpleNamespace(gradient=lambda theta: np.asarray(theta) * 1.0, fisher=lambda theta: np.eye(2))


def stepped(make, start):
    optimizer = make()
    return optimizer.step(ROSENBROCK, start, optimizer.init(start))[0]


for make in [*LEARNERS, optimizers.NaturalGradient, optimizers.PolyakAverage]:
    label = f"optimizers.{make.__name__}"
    defaults = {name: p.default for name, p in signature(make).parameters.items()}
    if make is optimizers.PolyakAverage:
        defaults = dict(optimizer=optimizers.SGD(0.1), num_last=2, skip=0)
    call(label, make, **defaults)
    if any(np.ndim(part) for part in make().init(THETA)):  # a state that has something of theta
        method(f"{label}.init", make, "init", theta=THETA)
    objective = FISHER if make is optimizers.NaturalGradient else ROSENBROCK  # which ``descend`` looks at
    CALLS[f"{label}.step"] = lambda make=make, objective=objective: (
        lambda theta: make().step(objective, theta, make().init(theta))[0],
        {"theta": THETA.copy()},
    )

GRADIENT = np.array([3.0, -4.0])
call("optimizers.clip_by_value", optimizers.clip_by_value, gradient=GRADIENT, high=1.0, low=-2.0)
call("optimizers.clip_by_norm", optimizers.clip_by_norm, gradient=GRADIENT, max_norm=1.0)
call("optimizers.clip_by_global_norm", optimizers.clip_by_global_norm, gradients=[GRADIENT, GRADIENT], max_norm=1.0)
call("optimizers.with_clipping", optimizers.with_clipping, objective=BOWL, clip=lambda g: optimizers.clip_by_norm(g, 1))
for make in (optimizers.SVRG, optimizers.SAGA):
    call(f"optimizers.{make.__name__}", make, **{name: p.default for name, p in signature(make).parameters.items()})
call("optimizers.soft_threshold", optimizers.soft_threshold, theta=THETA, threshold=0.1)
for search in (optimizers.armijo, optimizers.strong_wolfe, optimizers.exact_on_quadratic):
    arguments = dict(
        objective=BOWL,
        theta=THETA,
        search_direction=-THETA,
        gradient=THETA,
        first_step=1.0,
        shrink=0.5,
        sufficient_decrease=1e-4,
        curvature=0.9,
        max_trials=30,
    )
    wanted = signature(search).parameters
    call(f"optimizers.{search.__name__}", search, **{k: v for k, v in arguments.items() if k in wanted})
call("optimizers.solve_linear", solve_linear, product=lambda v: 2 * v, b=THETA, num_steps=2, tolerance=0.0)
call(
    "optimizers.effective_rate",
    lambda optimizer, theta: effective_rate(optimizer, theta, state=()),  # SGD keeps none
    optimizer=optimizers.SGD(0.1),
    theta=THETA,
)

# --- landscape --------------------------------------------------------------------------------------------

call(
    "landscape.classify",
    landscape.classify,
    objective=ROSENBROCK,
    theta=np.ones(2),
    gradient_tolerance=1e-6,
    tolerance=1e-8,
    radius=0.1,
    num_samples=20,
    rng=rng(),
)
for name in ("hessian_at", "hessian_eigenvalues", "saddle_index"):
    call(f"landscape.{name}", getattr(landscape, name), objective=ROSENBROCK, theta=THETA)
call("landscape.saddle_index by tolerance", landscape.saddle_index, objective=ROSENBROCK, theta=THETA, tolerance=1e-8)
call(
    "landscape.basins",
    landscape.basins,
    surface=ROSENBROCK,
    method="Newton",
    starts=np.array([[0.5, 0.5], [1.0, 2.0]]),
    damping=0.1,
    learning_rate=0.01,
    num_steps=5,
    stop=None,
)
call(
    "landscape.newton_census",
    newton_census,
    objective=SURFACES["booth"],
    starts=np.array([[0.5, 0.5], [1.0, 2.0]]),
    num_steps=5,
    tolerance=1e-8,
    same_within=1e-4,
)
call("landscape.deep_linear", landscape.deep_linear, target=1.5)
call("landscape.saxe_product", landscape.saxe_product, t=np.array([0.0, 1.0]), start=0.1, target=1.0)
call("landscape.saxe_time", landscape.saxe_time, start=0.1, share=0.5, target=1.0)
call("landscape.unstable_deviation", landscape.unstable_deviation, t=np.array([0.0, 3.0]), noise=0.1, learning_rate=0.1)
call("landscape.median_escape", landscape.median_escape, noise=0.1, learning_rate=0.1, distance=1.0)
call(
    "landscape.escape_steps",
    landscape.escape_steps,
    noise=0.1,
    learning_rate=0.5,
    rng=rng(),
    num_runs=5,
    distance=1.0,
    offset=0.0,
    limit=20,
)
call("landscape.goe", landscape.goe, n=3, rng=rng(), size=2)
call("landscape.sample_all_positive", landscape.sample_all_positive, n=2, rng=rng(), size=20)
for name in ("probability_all_positive", "coin_flip_probability", "log_probability_asymptotic"):
    call(f"landscape.{name}", getattr(landscape, name), n=3)
call("landscape.line", landscape.line, objective=ROSENBROCK, theta=THETA, direction=np.ones(2), a=np.array([0.0, 1.0]))
call(
    "landscape.between",
    landscape.between,
    objective=ROSENBROCK,
    start=THETA,
    end=np.ones(2),
    num=5,
    beyond=0.25,
)
call(
    "landscape.plane",
    landscape.plane,
    objective=ROSENBROCK,
    theta=THETA,
    first=np.array([1.0, 0.0]),
    second=np.array([0.0, 1.0]),
    a=np.array([0.0, 1.0]),
    b=np.array([0.0, 1.0, 2.0]),
)
call("landscape.random_directions", landscape.random_directions, n=3, rng=rng(), number=2)
call("landscape.critical_points", landscape.critical_points, n=4, rng=rng(), num_starts=5, num_steps=10)
call("landscape.index_of_loss", landscape.index_of_loss, loss=np.array([-1.0, 0.0]))

# --- signals ----------------------------------------------------------------------------------------------

MATRICES = [numbers(4, 3), numbers(2, 4)]
call("signal_propagation.weight_variance", signal_propagation.weight_variance, initializer="He", fan_in=3, fan_out=4)
call("signal_propagation.normal_mean", signal_propagation.normal_mean, function=np.tanh, second_moment=1.5)
for name in ("passed", "mean_square_slope"):
    call(f"signal_propagation.{name}", getattr(signal_propagation, name), activation="tanh", second_moment=1.5)
    call(f"signal_propagation.{name} of ReLU", getattr(signal_propagation, name), activation="relu", second_moment=1.5)
call(
    "signal_propagation.predict",
    signal_propagation.predict,
    widths=[3, 4, 2],
    weight_variances=[0.3, 0.25],
    activation="tanh",
    x_second_moment=1.0,
    d_second_moment=1.0,
)
call(
    "signal_propagation.measure",
    signal_propagation.measure,
    weights=MATRICES,
    activation="relu",
    x=ROWS,
    d_y=numbers(4, 2),
)
call("signal_propagation.mean_square", signal_propagation.mean_square, array=ROWS)
call("signal_propagation.jacobian", signal_propagation.jacobian, weights=MATRICES, activation="tanh", x=ROWS[0])
call("signal_propagation.fixed_point", signal_propagation.fixed_point, activation="tanh", n_variance=1.5, steps=20)
call("signal_propagation.is_dead", signal_propagation.is_dead, z=ROWS)
call(
    "signal_propagation.deep_network",
    signal_propagation.deep_network,
    widths=[3, 4, 2],
    activation="relu",
    rng=rng(),
    initializer=initializers.he_normal,
    scale=1.0,
)

# --- data -------------------------------------------------------------------------------------------------

LABELLED = data.Dataset(numbers(10, 2), np.arange(10) % 2, ("a", "b"))
PROCEDURAL = {
    "spirals": dict(num_classes=2, noise=0.1, turns=0.5),
    "moons": dict(noise=0.1),
    "circles": dict(noise=0.1, inner_radius=0.5),
    "adding_task": dict(length=6),
    "shapes": dict(size=8, noise=0.1),
    "linear_regression": dict(n=2, noise=0.1, condition_number=2.0),
    "logistic_regression": dict(n=2, steepness=2.0),
}
for name, arguments in PROCEDURAL.items():
    call(f"data.{name}", getattr(data, name), num=8, rng=rng(), **arguments)
call("data.split", data.split, dataset=LABELLED, rng=rng(), fractions=(0.6, 0.2, 0.2), stratified=True)
call("data.standardise", data.standardise, splits=data.split(LABELLED, rng()))
call("data.wrong_labels", data.wrong_labels, dataset=LABELLED, share=0.5, rng=rng())
method("data.Dataset.take", lambda: LABELLED, "take", indices=np.array([0, 3]))
IMAGES = numbers(3, 2, 5, 4)
call("data.shifted", data.shifted, x=IMAGES, down=np.array([0, 1, -2]), right=np.array([1, 0, 3]))
call("data.flipped", data.flipped, x=IMAGES, chosen=np.array([0, 2]))
call("data.random_shift", data.random_shift, x=IMAGES, rng=rng(), most=2)
call("data.random_flip", data.random_flip, x=IMAGES, rng=rng(), probability=0.5)
call("data.colour_shapes", data.colour_shapes, num=4, rng=rng(), size=16, noise=0.1, contrast=0.3)
call("data.picture", data.picture, name="two edges", colour=False)
