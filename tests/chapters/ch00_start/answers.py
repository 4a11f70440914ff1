"""Right answers to the exercises of chapter 0, written differently."""


def gradient_step(theta, gradient, learning_rate):
    return theta - learning_rate * gradient(theta)


def gradient_step_looped(theta, gradient, learning_rate):
    g = gradient(theta)
    return [theta[i] - learning_rate * g[i] for i in range(len(theta))]


def gradient_step_in_a_copy(theta, gradient, learning_rate):
    new = theta.copy()
    new -= learning_rate * gradient(new)
    return new


ANSWERS = {
    "00-1": (gradient_step, gradient_step_looped, gradient_step_in_a_copy),
}
