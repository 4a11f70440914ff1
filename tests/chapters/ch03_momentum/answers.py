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


ANSWERS = {
    "03-1": (momentum_step, momentum_step_looped, momentum_step_from_the_outside_form),
    "03-2": (nesterov_step, nesterov_step_two_sequences, nesterov_step_by_coordinates),
    "03-3": (same_path_step, same_path_step_through_the_outside, same_path_step_by_the_step),
    "03-4": (best_pair, best_pair_by_condition_number, best_pair_by_critical_damping),
}
