"""Right answers to the exercises of chapter 4, written differently."""

import numpy as np
from scipy import linalg


def newton_step(theta, gradient, hessian, damping):
    return theta - np.linalg.solve(hessian(theta) + damping * np.eye(len(theta)), gradient(theta))


def newton_step_by_the_inverse(theta, gradient, hessian, damping):
    matrix = hessian(theta)
    for i in range(len(theta)):
        matrix[i, i] += damping
    return np.linalg.inv(matrix).dot(-gradient(theta)) + theta


def newton_step_by_eigenvectors(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    g, new = gradient(theta), theta.copy()
    for value, vector in zip(eigenvalues, q.T, strict=True):
        new -= vector * (vector @ g) / (value + damping)
    return list(new)


def directions(hessian, tolerance):
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = tolerance * np.max(np.abs(eigenvalues))
    up, down = np.mean(eigenvalues > zero), np.mean(eigenvalues < -zero)
    return up, 1 - up - down, down


def directions_counted(hessian, tolerance):
    eigenvalues = sorted(np.linalg.eigvals(hessian).real)
    largest = max(abs(value) for value in eigenvalues)
    flat = sum(abs(value) <= tolerance * largest for value in eigenvalues)
    up = sum(value > tolerance * largest for value in eigenvalues)
    n = len(eigenvalues)
    return np.array([up / n, flat / n, (n - up - flat) / n])


def directions_by_sign(hessian, tolerance):
    eigenvalues = linalg.eigvalsh(hessian)
    eigenvalues[np.abs(eigenvalues) <= tolerance * np.linalg.norm(eigenvalues, np.inf)] = 0
    return [float(np.sum(np.sign(eigenvalues) == sign)) / len(eigenvalues) for sign in (1, 0, -1)]


def hessian_vector(theta, v, gradient, h):
    return (gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)


def hessian_vector_looped(theta, v, gradient, h):
    behind, ahead = (gradient(np.array([t + side * h * p for t, p in zip(theta, v, strict=True)])) for side in (-1, 1))
    return [(a - b) / h / 2 for a, b in zip(ahead, behind, strict=True)]


def hessian_vector_in_a_copy(theta, v, gradient, h):
    point = theta.copy()
    point += h * v
    ahead = gradient(point)
    point -= 2 * h * v
    return 0.5 / h * (ahead - gradient(point))


def saddle_free_step(theta, gradient, hessian, damping):
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    return theta - q @ (q.T @ gradient(theta) / (np.abs(eigenvalues) + damping))


def saddle_free_step_by_the_root(theta, gradient, hessian, damping):
    matrix = hessian(theta)
    size = linalg.sqrtm(matrix @ matrix).real
    return theta - np.linalg.solve(size + damping * np.eye(len(theta)), gradient(theta))


def saddle_free_step_by_svd(theta, gradient, hessian, damping):
    _, sizes, v = np.linalg.svd(hessian(theta))
    components = [row @ gradient(theta) / (size + damping) for row, size in zip(v, sizes, strict=True)]
    return theta - np.einsum("ij,i->j", v, components)


def bfgs_update(inverse_hessian, s, y):
    if y @ s <= 0:
        return inverse_hessian.copy()
    rho = 1 / (y @ s)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ inverse_hessian @ left.T + rho * np.outer(s, s)


def bfgs_update_expanded(inverse_hessian, s, y):
    bend = np.dot(s, y)
    if not bend > 0:
        return inverse_hessian
    by = inverse_hessian @ y
    grown = (bend + y @ by) / bend**2 * s[:, None] * s[None, :]
    return inverse_hessian + grown - (np.outer(by, s) + np.outer(s, by)) / bend


def bfgs_update_through_the_hessian(inverse_hessian, s, y):
    if s @ y <= 0:
        return np.array(inverse_hessian)
    hessian = np.linalg.inv(inverse_hessian)
    hs = hessian @ s
    return np.linalg.inv(hessian + np.outer(y, y) / (y @ s) - np.outer(hs, hs) / (s @ hs))


def exact_hessian_vector(w, v, x, y):
    a = np.tanh(x @ w)
    slope = 1 - a**2
    da = slope * (x @ v)
    return x.T @ (da * slope + (a - y) * (-2 * a * da)) / len(x)


def exact_hessian_vector_sample_by_sample(w, v, x, y):
    total = np.zeros(len(w))
    for row, target in zip(x, y, strict=True):
        a = np.tanh(row @ w)
        bend = (1 - a**2) ** 2 - 2 * a * (a - target) * (1 - a**2)
        total += bend * (row @ v) * row / len(x)
    return total


def exact_hessian_vector_by_the_matrix(w, v, x, y):
    a = np.tanh(np.einsum("ij,j->i", x, w))
    bends = (1 - a**2) * (1 - 3 * a**2 + 2 * a * y)
    return np.mean(bends[:, None, None] * x[:, :, None] * x[:, None, :], axis=0) @ v


def flat_minimum(power, learning_rate):
    return 1 - learning_rate / (power - 1), power - 1


def flat_minimum_as_a_fraction(power, learning_rate):
    way = power - 1
    return np.array([(way - learning_rate) / way, way])


def flat_minimum_by_one_step(power, learning_rate):
    """The step itself, at x = 2, with derivatives of the power rule."""
    x = 2.0
    step = (power * x ** (power - 1)) / (power * (power - 1) * x ** (power - 2))
    return [(x - learning_rate * step) / x, x / step]


def saddle_free_run(theta, gradient, hessian, damping, num_steps):
    for _ in range(num_steps):
        eigenvalues, q = np.linalg.eigh(hessian(theta))
        theta = theta - q @ (q.T @ gradient(theta) / (np.abs(eigenvalues) + damping))
    return theta


def saddle_free_run_by_svd(theta, gradient, hessian, damping, num_steps):
    theta = np.array(theta)
    for _ in range(num_steps):
        matrix = hessian(theta)
        u, sizes, _ = np.linalg.svd(matrix)
        theta -= u @ np.diag(1 / (sizes + damping)) @ u.T @ gradient(theta)
    return theta


def saddle_free_run_by_recursion(theta, gradient, hessian, damping, num_steps):
    if num_steps == 0:
        return theta.copy()
    eigenvalues, q = np.linalg.eigh(hessian(theta))
    size = (q * abs(eigenvalues)) @ q.T + damping * np.eye(len(theta))
    new = theta - np.linalg.solve(size, gradient(theta))
    return saddle_free_run_by_recursion(new, gradient, hessian, damping, num_steps - 1)


def steps_to_escape(start, learning_rate, curvature, momentum, distance):
    half = (1 + momentum + learning_rate * curvature) / 2
    factor = half + np.sqrt(half**2 - momentum)
    return max(0.0, np.log(distance / abs(start)) / np.log(factor))


def steps_to_escape_by_eigenvalues(start, learning_rate, curvature, momentum, distance):
    """The matrix that takes (y, velocity) on, and its largest eigenvalue; rounded up."""
    rise = learning_rate * curvature
    largest = np.linalg.eigvals(np.array([[1 + rise, momentum], [rise, momentum]])).real.max()
    return max(0, int(np.ceil((np.log(distance) - np.log(abs(start))) / np.log(largest))))


def steps_to_escape_by_walking(start, learning_rate, curvature, momentum, distance):
    y, before, steps = abs(start), abs(start), 0
    while y < distance:
        y, before = y + learning_rate * curvature * y + momentum * (y - before), y
        steps += 1
    return steps


ANSWERS = {
    "04-1": (newton_step, newton_step_by_the_inverse, newton_step_by_eigenvectors),
    "04-2": (directions, directions_counted, directions_by_sign),
    "04-3": (hessian_vector, hessian_vector_looped, hessian_vector_in_a_copy),
    "04-4": (saddle_free_step, saddle_free_step_by_the_root, saddle_free_step_by_svd),
    "04-5": (bfgs_update, bfgs_update_expanded, bfgs_update_through_the_hessian),
    "04-6": (exact_hessian_vector, exact_hessian_vector_sample_by_sample, exact_hessian_vector_by_the_matrix),
    "04-7": (flat_minimum, flat_minimum_as_a_fraction, flat_minimum_by_one_step),
    "04-8": (saddle_free_run, saddle_free_run_by_svd, saddle_free_run_by_recursion),
    "04-9": (steps_to_escape, steps_to_escape_by_eigenvalues, steps_to_escape_by_walking),
}
