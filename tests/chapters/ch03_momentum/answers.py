"""Right answers to the exercises of chapter 3, each written differently."""

import math

import numpy as np


def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity


def momentum_step_looped(theta, velocity, gradient, learning_rate, momentum):
    new_theta, new_velocity = np.empty_like(theta), np.empty_like(velocity)
    for i in range(len(theta)):
        new_velocity[i] = momentum * velocity[i] - learning_rate * gradient(theta)[i]
        new_theta[i] = theta[i] + new_velocity[i]
    return [new_theta, new_velocity]


def momentum_step_from_the_outside_form(theta, velocity, gradient, learning_rate, momentum):
    outside = momentum * (-velocity / learning_rate) + gradient(theta)
    return theta - learning_rate * outside, -learning_rate * outside


def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    look_ahead = theta + momentum * velocity
    velocity = momentum * velocity - learning_rate * gradient(look_ahead)
    return theta + velocity, velocity


def nesterov_step_two_sequences(theta, velocity, gradient, learning_rate, momentum):
    previous = theta - velocity
    y = theta + momentum * (theta - previous)
    new = y - learning_rate * gradient(y)
    return new, new - theta


def nesterov_step_by_coordinates(theta, velocity, gradient, learning_rate, momentum):
    ahead = np.array([t + momentum * v for t, v in zip(theta, velocity, strict=True)])
    new = [momentum * v - learning_rate * g for v, g in zip(velocity, gradient(ahead), strict=True)]
    return np.add(theta, new), np.array(new)


def same_path_step(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return theta + velocity, velocity


def same_path_step_through_the_outside(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    outside = -velocity / previous_learning_rate
    outside = momentum * outside + gradient(theta)
    return theta - learning_rate * outside, -learning_rate * outside


def same_path_step_by_the_step(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    ratio = np.divide(learning_rate, previous_learning_rate)
    new = theta + ratio * momentum * velocity - learning_rate * gradient(theta)
    return new, new - theta


def best_pair(smallest, largest):
    root_small, root_large = np.sqrt(smallest), np.sqrt(largest)
    return (2 / (root_large + root_small)) ** 2, ((root_large - root_small) / (root_large + root_small)) ** 2


def best_pair_by_condition_number(smallest, largest):
    kappa = largest / smallest
    learning_rate = 4 / (smallest * (1 + math.sqrt(kappa)) ** 2)
    return learning_rate, ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** 2


def best_pair_by_critical_damping(smallest, largest):
    learning_rate = 4 / (largest + smallest + 2 * np.sqrt(largest * smallest))
    return np.array([learning_rate]).item(), (1 - np.sqrt(learning_rate * smallest)) ** 2


def coasting(velocity, momentum, num_steps):
    if momentum == 1:
        return num_steps * velocity
    return momentum * (1 - momentum**num_steps) / (1 - momentum) * velocity


def coasting_by_what_is_missing(velocity, momentum, num_steps):
    if momentum == 1.0:
        return velocity * float(num_steps)
    at_rest = velocity * momentum / (1 - momentum)
    return at_rest - momentum**num_steps * at_rest


def coasting_by_a_sum(velocity, momentum, num_steps):
    if np.isinf(num_steps):
        return velocity / (1 / momentum - 1)
    return velocity * sum(momentum**k for k in range(1, num_steps + 1))


def train_with_momentum(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = np.zeros(theta.shape)
    for _ in range(num_epochs):
        for _ in range(num_steps):
            velocity = momentum * velocity - learning_rate * gradient(theta)
            theta = theta + velocity
    return theta


def train_with_momentum_in_one_loop(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = 0.0
    for _ in range(num_epochs * num_steps):
        velocity = momentum * velocity - learning_rate * gradient(theta)
        theta = theta + velocity
    return np.array(theta)


def train_with_momentum_by_two_points(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    before = now = theta
    for _ in range(num_epochs):
        for _ in range(num_steps):
            before, now = now, now + momentum * (now - before) - learning_rate * gradient(now)
    return now.copy()


def steps_needed(learning_rate, momentum, curvature):
    half = (1 + momentum - learning_rate * curvature) / 2
    swings = half**2 < momentum
    factor = np.sqrt(momentum) if swings else abs(half) + np.sqrt(half**2 - momentum)
    return np.log(0.01) / np.log(factor)


def steps_needed_by_eigenvalues(learning_rate, momentum, curvature):
    bend = learning_rate * curvature
    step = np.array([[1 - bend, momentum], [-bend, momentum]])
    return float(np.log(0.01) / np.log(max(abs(np.linalg.eigvals(step)))))


def steps_needed_by_a_run(learning_rate, momentum, curvature):
    theta, velocity, energies = 1.0, 0.0, []
    for _ in range(2000):
        velocity = momentum * velocity - learning_rate * curvature * theta
        theta = theta + velocity
        energies.append(abs(theta))
    return 1 + max(k for k, size in enumerate(energies, start=1) if size > 0.01)


ANSWERS = {
    "03-1": (momentum_step, momentum_step_looped, momentum_step_from_the_outside_form),
    "03-2": (nesterov_step, nesterov_step_two_sequences, nesterov_step_by_coordinates),
    "03-3": (same_path_step, same_path_step_through_the_outside, same_path_step_by_the_step),
    "03-4": (best_pair, best_pair_by_condition_number, best_pair_by_critical_damping),
    "03-5": (coasting, coasting_by_what_is_missing, coasting_by_a_sum),
    "03-6": (train_with_momentum, train_with_momentum_in_one_loop, train_with_momentum_by_two_points),
    "03-7": (steps_needed, steps_needed_by_eigenvalues, steps_needed_by_a_run),
}
