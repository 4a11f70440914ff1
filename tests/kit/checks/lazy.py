"""Answers that let the library, or another package, do what an exercise asks for: right, and not one's own.

``LAZY`` has at least one for every exercise in NumPy whose answer the library holds. Each imports inside its body.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from tests.kit.checks.answers import of_all


def of(value=None, gradient=None, hessian=None):
    """Something that an optimizer takes for an objective."""
    return SimpleNamespace(value=value, gradient=gradient, hessian=hessian, has_hessian=hessian is not None)


class Dealt(np.random.Generator):
    """A generator that deals what it is told to, by the functions that take its methods' places."""

    def __new__(cls, **methods):
        return super().__new__(cls, np.random.PCG64(0))

    def __init__(self, **methods):
        super().__init__(np.random.PCG64(0))
        self.__dict__.update(methods)


# --- Steps ------------------------------------------------------------------------------------------------------


def sgd_step(theta, gradient, learning_rate):
    from course_lib.optimizers import SGD

    method = SGD(learning_rate)
    return method.step(of(gradient=gradient), theta, method.init(theta))[0]


def proximal_step(theta, gradient, learning_rate):
    from course_lib.chapters.ch08_dropout.experiments.shrinkage import proximal_descent

    return proximal_descent(of(gradient=gradient), 0.0, learning_rate, theta, 1)[-1]


def torch_step(theta, gradient, learning_rate):
    import torch

    parameter = torch.nn.Parameter(torch.tensor(theta))
    parameter.grad = torch.tensor(gradient(theta))
    torch.optim.SGD([parameter], lr=learning_rate).step()
    return parameter.detach().numpy()


def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    from course_lib.optimizers.descent import Momentum, MomentumState

    new, state = Momentum(learning_rate, momentum).step(of(gradient=gradient), theta, MomentumState(velocity))
    return new, state.velocity


def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    import course_lib.optimizers.descent as descent

    method = descent.Nesterov(learning_rate, momentum)
    new, state = method.step(of(gradient=gradient), theta, descent.MomentumState(velocity))
    return new, state.velocity


def same_path_step(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    from course_lib.optimizers.descent import Momentum, MomentumState

    method = Momentum(learning_rate, momentum, learning_rate_outside=True)
    new, _ = method.step(of(gradient=gradient), theta, MomentumState(-velocity / previous_learning_rate))
    return new, new - theta


def best_pair(smallest, largest):
    from course_lib.chapters.ch03_momentum.experiments import optimal_momentum

    return optimal_momentum(smallest, largest)[:2]


def sgd_path(theta, gradient, schedule, num_steps):
    from course_lib.optimizers import SGD
    from course_lib.run import descend

    return descend(of(lambda t: 0.0, gradient), SGD(0.1), theta, num_steps, schedule=schedule).thetas


def own_method_run(theta, gradient, schedule, num_steps):
    from course_lib.run import descend

    @dataclass(frozen=True)
    class Own:
        learning_rate: float

        def init(self, theta):
            return None

        def step(self, objective, theta, state):
            return theta - self.learning_rate * objective.gradient(theta), state

    return descend(of(lambda theta: 0.0, gradient), Own(0.1), theta, num_steps, schedule=schedule).thetas


def armijo(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    from course_lib.optimizers.line_search import armijo as search

    found = search(
        of(value, lambda theta: gradient),
        theta,
        search_direction,
        gradient,
        first_step=first_step,
        shrink=shrink,
        sufficient_decrease=sufficient_decrease,
    )
    return found.step_size


def cosine_restarts(t, highest, lowest, period, period_factor):
    from course_lib.schedules import cosine_restarts as restarts

    return restarts(highest, lowest, period, period_factor)(t)


def averaged_step(theta, average, t, gradient, learning_rate, skip):
    from course_lib.optimizers import SGD

    theta = SGD(learning_rate).step(of(gradient=gradient), theta, None)[0]
    return theta, theta if t <= skip else average + (theta - average) / (t - skip)


def newton_step(theta, gradient, hessian, damping):
    from course_lib.optimizers import Newton

    method = Newton(damping=damping)
    return method.step(of(gradient=gradient, hessian=hessian), theta, method.init(theta))[0]


def saddle_free_step(theta, gradient, hessian, damping):
    from course_lib.optimizers import SaddleFreeNewton

    method = SaddleFreeNewton(damping=damping)
    return method.step(of(gradient=gradient, hessian=hessian), theta, method.init(theta))[0]


def directions(hessian, tolerance):
    from course_lib.optimizers.second_order import eigen

    eigenvalues = eigen(hessian)[0]
    flat = np.abs(eigenvalues) <= tolerance * np.abs(eigenvalues).max()
    return tuple(np.mean(part) for part in ((eigenvalues > 0) & ~flat, flat, (eigenvalues < 0) & ~flat))


def hessian_vector(theta, v, gradient, h):
    from course_lib.objective import hvp_by_differences

    return hvp_by_differences(gradient, theta, v)


def bfgs_update(inverse_hessian, s, y):
    from scipy.optimize import BFGS

    rule = BFGS(init_scale=1.0)
    rule.initialize(len(s), "inv_hess")
    rule.H[...] = inverse_hessian
    rule.first_iteration = False
    rule.update(s, y)
    return rule.get_matrix()


def exact_hessian_vector(w, v, x, y):
    from course_lib.autodiff import hvp

    return hvp(lambda w: np.mean((np.tanh(x @ w) - y) ** 2) / 2)(w, v)


# --- Adaptive ----------------------------------------------------------------------------------------------------


def adagrad_step(theta, sum_of_squares, gradient, learning_rate, eps):
    from course_lib.optimizers.adaptive import Adagrad, AdagradState

    method = Adagrad(learning_rate, eps=eps)
    new, state = method.step(of(gradient=gradient), theta, AdagradState(sum_of_squares))
    return new, state.sum_of_squares


def rmsprop_step(theta, mean_square, gradient, learning_rate, rho, eps):
    from course_lib.optimizers import RMSprop

    method = RMSprop(learning_rate, rho=rho, eps=eps)
    state = method.init(theta)._replace(mean_square=mean_square)
    new, state = method.step(of(gradient=gradient), theta, state)
    return new, state.mean_square


def adadelta_step(theta, mean_square, mean_square_update, gradient, rho, eps):
    from course_lib.optimizers import Adadelta

    method = Adadelta(rho=rho, eps=eps)
    state = method.init(theta)._replace(mean_square=mean_square, mean_square_update=mean_square_update)
    new, state = method.step(of(gradient=gradient), theta, state)
    return new, state.mean_square, state.mean_square_update


def adam_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    from course_lib.optimizers import Adam

    method = Adam(learning_rate, beta1=beta1, beta2=beta2, eps=eps)
    state = method.init(theta)._replace(first_moment=first_moment, second_moment=second_moment, t=t - 1)
    new, state = method.step(of(gradient=gradient), theta, state)
    return new, state.first_moment, state.second_moment


def adamw_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    from course_lib.optimizers import AdamW

    method = AdamW(learning_rate, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)
    state = method.init(theta)._replace(first_moment=first_moment, second_moment=second_moment, t=t - 1)
    new, state = method.step(of(gradient=gradient), theta, state)
    return new, state.first_moment, state.second_moment


# --- Layers -------------------------------------------------------------------------------------------------------


def linear(x, weight, bias, d_y):
    from course_lib.layers import Linear

    layer = Linear(weight.shape[1], weight.shape[0], np.random.default_rng(0))
    layer.params["weight"][...], layer.params["bias"][...] = weight, bias
    y = layer.forward(x, training=True)
    d_x = layer.backward(d_y)
    return y, d_x, layer.grads["weight"], layer.grads["bias"]


def linear_traced(x, weight, bias, d_y):
    import course_lib.autodiff as ad

    def loss(x, weight, bias):
        return np.sum((x @ weight.T + bias) * d_y)

    slopes = [
        ad.gradient(lambda x: loss(x, weight, bias))(x),
        ad.gradient(lambda weight: loss(x, weight, bias))(weight),
        ad.gradient(lambda bias: loss(x, weight, bias))(bias),
    ]
    return x @ weight.T + bias, *slopes


def softmax_cross_entropy(scores, target):
    from course_lib.layers import CrossEntropy

    loss = CrossEntropy()
    return loss.forward(scores, target), loss.backward()


def softmax_from_the_ensemble(scores, target):
    from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import softmax

    p = softmax(scores)
    return -np.sum(target * np.log(p)) / len(scores), (p - target) / len(scores)


def softmax_from_scipy(scores, target):
    from scipy.special import log_softmax

    log_p = log_softmax(scores, axis=-1)
    return -np.sum(target * log_p) / len(scores), (np.exp(log_p) - target) / len(scores)


def two_layer_deltas(x, weight1, weight2, target):
    from course_lib.objective import hvp_by_differences

    def top(f1, weight2):
        return np.tanh(f1 @ weight2.T)

    f1 = np.tanh(x @ weight1.T)
    f2 = top(f1, weight2)
    slope = hvp_by_differences(np.tanh, (f1 @ weight2.T)[..., None], np.ones((*f2.shape, 1)))[..., 0]
    delta2 = (f2 - target) * slope
    delta1 = (delta2 @ weight2) * (1 - f1**2)
    return delta1, delta2, delta1.T @ x, delta2.T @ f1


def dual_of_product(x, y, function, slope):
    from course_lib.autodiff import Dual

    product = Dual(x[0], x[1]) * Dual(y[0], y[1])
    return np.array([function(product.primal), slope(product.primal) * product.tangent])


def numerical_gradient(theta, function, h):
    from course_lib.finite_differences import central_difference

    return central_difference(function, theta, h)


def batch_norm_of(layers, x, gamma, beta, eps):
    layer = layers.BatchNorm(x.shape[1], eps=eps)
    layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
    return layer


def batch_norm(x, gamma, beta, eps):
    import course_lib.layers as layers

    return batch_norm_of(layers, x, gamma, beta, eps).forward(x, training=True)


def batch_norm_backward(d_y, x_hat, std, gamma):
    from course_lib.layers.normalization import standardize_backward

    return standardize_backward(d_y * gamma, x_hat, std, (0,)), (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def batch_norm_backward_traced(d_y, x_hat, std, gamma):
    from course_lib import autodiff as ad

    eps = std**2 - (x_hat * std).var(axis=0)

    def forward(x):
        mean = np.mean(x, axis=0)
        return np.sum(d_y * gamma * (x - mean) / np.sqrt(np.mean((x - mean) ** 2, axis=0) + eps))

    return ad.gradient(forward)(x_hat * std), (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def batch_norm_backward_by_differences(d_y, x_hat, std, gamma):
    from course_lib.objective import hvp_by_differences

    x, eps = x_hat * std, std**2 - (x_hat * std).var(axis=0)

    def forward(flat):
        x = flat.reshape(x_hat.shape)
        return np.ravel((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) * gamma)

    jacobian = [hvp_by_differences(forward, x.ravel(), direction) for direction in np.eye(x.size)]
    return (np.array(jacobian) @ d_y.ravel()).reshape(x.shape), (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def batch_norm_backward_in_torch(d_y, x_hat, std, gamma):
    import torch

    x = torch.tensor(x_hat * std, requires_grad=True)
    eps = torch.tensor(std**2 - (x_hat * std).var(axis=0))
    y = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + eps) * torch.tensor(gamma)
    y.backward(torch.tensor(d_y))
    return x.grad.numpy(), (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def batch_norm_step(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    from course_lib.layers import BatchNorm

    layer = BatchNorm(x.shape[1], eps=eps, running_decay=running_decay)
    layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
    layer.running_mean, layer.running_var = running_mean.copy(), running_var.copy()
    y = layer.forward(x, training=training)
    return y, layer.running_mean, layer.running_var


def group_norm(x, num_groups, gamma, beta, eps):
    from course_lib.layers import GroupNorm

    layer = GroupNorm(num_groups, x.shape[1], eps=eps)
    layer.params["gamma"][...], layer.params["beta"][...] = gamma, beta
    return layer.forward(x, training=True)


def dropout(x, d_y, drop_rate, draw, training):
    from course_lib.layers import Dropout

    layer = Dropout(drop_rate, Dealt(random=draw, uniform=lambda low=0, high=1, size=None: draw(size)))
    return layer.forward(x, training=training), layer.backward(d_y)


def penalty(weight, bias, l1_penalty, l2_penalty):
    from course_lib.objective import with_l1_penalty, with_l2_penalty

    nothing = SimpleNamespace(value=lambda w: 0.0, gradient=lambda w: 0.0 * w, hessian=None, has_hessian=False)
    both = with_l1_penalty(with_l2_penalty(nothing, l2_penalty), l1_penalty)
    return both.value(weight.ravel()), both.gradient(weight.ravel()).reshape(weight.shape), np.zeros_like(bias)


def monte_carlo_prediction(hidden, weight, bias, drop_rate, uniform):
    from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import softmax

    keep = 1 - drop_rate
    p = np.array([softmax((hidden * (u < keep) / keep) @ weight.T + bias) for u in uniform])
    return p.mean(axis=0), p.std(axis=0)


def early_stopping(theta, epoch, validation_loss, patience, max_epochs):
    from course_lib.chapters.ch08_dropout.experiments.overfitting import stops_at

    thetas, losses = [theta], [validation_loss(theta)]
    for _ in range(max_epochs):
        thetas.append(epoch(thetas[-1]))
        losses.append(validation_loss(thetas[-1]))
        if (
            stops_at(losses, patience)[0] < len(losses) - 1
            or len(losses) - 1 - stops_at(losses, patience)[1] >= patience
        ):
            break
    last, best = stops_at(losses, patience)
    return thetas[best], best, last


def conv_forward(x, w, b, stride, padding):
    from course_lib.layers import conv2d

    return conv2d(x, w, b, stride, padding)


def conv_forward_by_scipy(x, w, b, stride, padding):
    from scipy.signal import correlate

    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    maps = [[correlate(image, kernel, "valid")[0] for kernel in w] for image in x]
    return np.array(maps)[:, :, ::stride, ::stride] + b[:, None, None]


def conv_backward(x, w, d_y, stride, padding):
    from course_lib.layers import Conv2d

    layer = Conv2d(w.shape[1], w.shape[0], w.shape[2:], np.random.default_rng(0), stride=stride, padding=padding)
    layer.params["weight"] = w
    layer.forward(x, training=True)
    d_x = layer.backward(d_y)
    return d_x, layer.grads["weight"], layer.grads["bias"]


def max_pool_backward(x, d_y, size, stride):
    from course_lib.layers import MaxPool2d

    layer = MaxPool2d(size, stride)
    layer.forward(x, training=True)
    return layer.backward(d_y)


def layer_sizes(shape, filters, kernel, stride, padding):
    from course_lib.layers.geometry import Window, conv_parameters, dense_parameters

    window = Window(kernel, stride, padding)
    rows, columns = (window.output_size(side) for side in shape[1:])
    number = conv_parameters(shape[0], filters, kernel)
    return rows, columns, number, number / dense_parameters(np.prod(shape), rows * columns * filters)


# --- Draws --------------------------------------------------------------------------------------------------------


def xavier(fan_in, fan_out, rng, distribution):
    from course_lib import initializers

    return getattr(initializers, f"xavier_{distribution}")(fan_in, fan_out, rng)


def he(fan_in, fan_out, rng, slope):
    from course_lib.initializers import he_normal

    return he_normal(fan_in, fan_out, rng) / np.sqrt(1 + slope**2)


def predict_second_moments(weight_variances, widths, activation):
    from course_lib.chapters.ch06_initialisation.experiments.signals import predict

    found = predict(widths, weight_variances, activation)
    return found.z, found.d_x[:-1]


def mini_batches(samples, batch_size, permutation):
    from course_lib.stochastic import deal_batches

    rng = Dealt(permutation=lambda n: permutation(n).astype(int), permuted=lambda a: permutation(len(a)))
    return [samples[batch] for batch in deal_batches(len(samples), batch_size, rng)]


LAZY = of_all("LAZY") | {
    "00-1": (sgd_step, proximal_step, torch_step),
    "01-1": (linear, linear_traced),
    "01-2": (softmax_cross_entropy, softmax_from_the_ensemble, softmax_from_scipy),
    "01-3": (two_layer_deltas,),
    "01-4": (dual_of_product,),
    "01-5": (numerical_gradient,),
    "02-1": (mini_batches,),
    "02-2": (sgd_path, own_method_run),
    "02-3": (armijo,),
    "02-4": (cosine_restarts,),
    "02-5": (averaged_step,),
    "03-1": (momentum_step,),
    "03-2": (nesterov_step,),
    "03-3": (same_path_step,),
    "03-4": (best_pair,),
    "04-1": (newton_step,),
    "04-2": (directions,),
    "04-3": (hessian_vector,),
    "04-4": (saddle_free_step,),
    "04-5": (bfgs_update,),
    "04-6": (exact_hessian_vector,),
    "05-1": (adagrad_step,),
    "05-2": (rmsprop_step,),
    "05-3": (adadelta_step,),
    "05-4": (adam_step,),
    "05-5": (adamw_step,),
    "06-1": (predict_second_moments,),
    "06-2": (xavier,),
    "06-3": (he,),
    "07-1": (batch_norm,),
    "07-2": (
        batch_norm_backward,
        batch_norm_backward_traced,
        batch_norm_backward_by_differences,
        batch_norm_backward_in_torch,
    ),
    "07-3": (batch_norm_step,),
    "07-4": (group_norm,),
    "08-1": (dropout,),
    "08-2": (early_stopping,),
    "08-3": (penalty,),
    "08-4": (monte_carlo_prediction,),
    "09-1": (conv_forward, conv_forward_by_scipy),
    "09-2": (conv_backward,),
    "09-3": (max_pool_backward,),
    "09-4": (layer_sizes,),
}
