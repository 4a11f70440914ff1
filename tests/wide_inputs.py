"""Random inputs from the whole domain of an exercise's statement: ``WIDE[id](rng)`` gives the arguments of one call."""

import numpy as np

from course_lib.checks.calls import Spy


def size(rng, low=1, high=8):
    """A whole number, the lowest as often as all others together."""
    return low if rng.random() < 0.3 else int(rng.integers(low, high + 1))


def any_numbers(rng, *shape):
    """Of either sign, of one of five magnitudes; zeros and ties among them, and sometimes nothing else."""
    numbers = rng.normal(size=shape) * 10.0 ** rng.choice([-6, -2, 0, 0, 2])
    kind = rng.random()
    if kind < 0.15:
        return np.round(numbers)
    return numbers * (rng.random(shape) > (1.0 if kind < 0.2 else 0.2))


def positive(rng, *shape):
    return np.abs(any_numbers(rng, *shape)) + 10.0 ** rng.uniform(-8, 0)


def share(rng):
    """A number between 0 and 1, near either end as often as in the middle."""
    return float(rng.choice([rng.uniform(0.001, 0.999), 10.0 ** rng.uniform(-6, -2), 1 - 10.0 ** rng.uniform(-6, -2)]))


def field(rng, n):
    """A gradient that is curved everywhere, as a function that remembers where it was asked."""
    tilt, shift = rng.normal(size=(n, n)), any_numbers(rng, n)
    return Spy(lambda theta: shift + tilt @ np.sin(theta))


def _linear(rng):
    batch, fan_in, fan_out = size(rng), size(rng), size(rng)
    shapes = (batch, fan_in), (fan_out, fan_in), (fan_out,), (batch, fan_out)
    return tuple(any_numbers(rng, *shape) for shape in shapes)


def _scores(rng):
    batch, classes = size(rng), size(rng)
    return any_numbers(rng, batch, classes) * rng.choice([1, 1000]), rng.dirichlet(np.ones(classes), batch)


def _dual(rng):
    a, b = rng.normal(size=2)
    function, slope = Spy(lambda s: a * np.sin(s) + b * s), Spy(lambda s: a * np.cos(s) + b)
    return any_numbers(rng, 2), any_numbers(rng, 2), function, slope


def _numerical(rng):
    n = size(rng)
    tilt = rng.normal(size=(n, n))
    function = Spy(lambda theta: float(theta @ tilt @ theta + np.sum(np.cos(theta))))
    return any_numbers(rng, n), function, 10.0 ** rng.uniform(-3, 0)


def _epoch(rng):
    number = size(rng, 1, 20)
    orders = np.random.default_rng(int(rng.integers(2**32)))
    return any_numbers(rng, number, size(rng)), size(rng, 1, number), Spy(orders.permutation)


def _walk(rng):
    n = size(rng)
    rates = rng.uniform(0, 1, 100)
    return any_numbers(rng, n), field(rng, n), Spy(lambda t: rates[int(t) % 100]), size(rng, 0, 30)


def _pair(rng):
    smallest = 10.0 ** rng.uniform(-6, 6)
    return smallest, smallest * 10.0 ** rng.choice([0.0, rng.uniform(0, 8)])


def _secant(rng):
    n = size(rng)
    root = rng.normal(size=(n, n))
    return root @ root.T + np.eye(n), any_numbers(rng, n), any_numbers(rng, n)


def _neuron(rng):
    samples, n = size(rng), size(rng)
    return any_numbers(rng, n), any_numbers(rng, n), any_numbers(rng, samples, n), any_numbers(rng, samples)


def _adam(rng, *more):
    n = size(rng)
    t = int(10.0 ** rng.uniform(0, 5))
    moments = any_numbers(rng, n), any_numbers(rng, n), np.abs(any_numbers(rng, n))
    eps = 10.0 ** rng.uniform(-10, 0)
    return *moments, t, field(rng, n), rng.uniform(0, 1), share(rng), share(rng), eps, *more


def _variances(rng):
    depth = size(rng, 1, 30)
    return rng.uniform(0, 2, depth), rng.integers(1, 300, depth + 1), str(rng.choice(["linear", "relu"]))


def _norm_backward(rng):
    batch, n = size(rng), size(rng)
    return any_numbers(rng, batch, n), any_numbers(rng, batch, n), positive(rng, n), any_numbers(rng, n)


def _norm_step(rng):
    batch, n = size(rng, 2, 9), size(rng)
    state = any_numbers(rng, n), any_numbers(rng, n), any_numbers(rng, n), positive(rng, n)
    return any_numbers(rng, batch, n), *state, share(rng), 10.0 ** rng.uniform(-8, 0), bool(rng.integers(2))


def _groups(rng):
    groups = size(rng)
    channels = groups * size(rng, 1, 4)
    x = any_numbers(rng, size(rng, 1, 4), channels, size(rng, 1, 5), size(rng, 1, 5))
    return x, groups, any_numbers(rng, channels), any_numbers(rng, channels), 10.0 ** rng.uniform(-8, 0)


def _images(rng):
    channels = size(rng)
    x = any_numbers(rng, size(rng), channels, size(rng, 1, 5), size(rng, 1, 5))
    return x, any_numbers(rng, channels), any_numbers(rng, channels), 10.0 ** rng.uniform(-8, 0)


def _dropout(rng):
    shape = size(rng), size(rng)
    draws = np.random.default_rng(int(rng.integers(2**32)))
    rate = float(rng.choice([0.0, share(rng)]))
    return any_numbers(rng, *shape), any_numbers(rng, *shape), rate, draws.random, bool(rng.integers(2))


def _stopping(rng):
    """Some losses are not numbers, but one at least is: for none at all the statement names no best epoch."""
    most = size(rng, 1, 20)
    losses = np.where(rng.random(most + 1) < 0.2, np.nan, np.round(rng.normal(size=most + 1), 1))
    losses[0] = np.nan if rng.random() < 0.2 and most > 1 else 1.0
    patience = size(rng, 1, 25)
    if np.isnan(losses[: patience + 1]).all():
        losses[0] = 1.0
    start = any_numbers(rng, size(rng))
    epoch = Spy(lambda theta: theta + 1.0)
    return start, epoch, Spy(lambda theta: losses[round(float(theta[0] - start[0]))]), patience, most


def _masks(rng):
    masks, batch, n, classes = (size(rng) for _ in range(4))
    weights = any_numbers(rng, classes, n), any_numbers(rng, classes)
    rate = float(rng.choice([0.0, share(rng)]))
    return any_numbers(rng, batch, n), *weights, rate, rng.random((masks, batch, n))


def _layer(rng):
    """Every stride and padding, also a border wider than the stride and the kernel."""
    stride, padding = size(rng, 1, 4), size(rng, 0, 4)
    kernel = size(rng, 1, 4), size(rng, 1, 4)
    sides = [max(1, k - 2 * padding) + size(rng, 0, 6) for k in kernel]
    batch, channels, filters = size(rng, 1, 3), size(rng, 1, 3), size(rng, 1, 3)
    out = [(side + 2 * padding - k) // stride + 1 for side, k in zip(sides, kernel, strict=True)]
    x, w = any_numbers(rng, batch, channels, *sides), any_numbers(rng, filters, channels, *kernel)
    return x, w, stride, padding, (batch, filters, *out)


def _forward(rng):
    x, w, stride, padding, _ = _layer(rng)
    return x, w, any_numbers(rng, len(w)), stride, padding


def _backward(rng):
    x, w, stride, padding, out = _layer(rng)
    return x, w, any_numbers(rng, *out), stride, padding


def _sizes(rng):
    x, w, stride, padding, _ = _layer(rng)
    kernel = min(w.shape[2:])
    return x.shape[1:], len(w), kernel, stride, padding


def _two_layers(rng):
    channels, middle, filters = (size(rng, 1, 4) for _ in range(3))
    sides = [size(rng, 1, 4) for _ in range(4)]
    first = any_numbers(rng, middle, channels, *sides[:2]), any_numbers(rng, middle), size(rng, 1, 4)
    return *first, any_numbers(rng, filters, middle, *sides[2:]), any_numbers(rng, filters), size(rng, 1, 4)


def _residual(rng):
    import torch

    maps, stride = size(rng, 1, 4), size(rng, 1, 3)
    channels = maps if stride == 1 and rng.random() < 0.5 else size(rng, 1, 4)
    plain = stride == 1 and channels == maps and rng.random() < 0.7
    shapes = (size(rng, 1, 3), channels, size(rng, 1, 9), size(rng, 1, 9)), (maps, channels, 3, 3), (maps, maps, 3, 3)
    x, w1, w2 = (torch.from_numpy(any_numbers(rng, *shape)) for shape in shapes)
    return x, w1, w2, None if plain else torch.from_numpy(any_numbers(rng, maps, channels, 1, 1)), stride


def _recurrent(rng):
    batch, time, fan_in, hidden = (size(rng) for _ in range(4))
    states = np.tanh(any_numbers(rng, batch, time + 1, hidden))
    weights = rng.normal(size=(hidden, fan_in)), rng.normal(size=(hidden, hidden))
    return any_numbers(rng, batch, time, fan_in), states, any_numbers(rng, batch, time, hidden), *weights


def _gradients(rng):
    """Norms below, above and at the threshold; a threshold of inf; inf and nan among the entries."""
    hidden, fan_in = size(rng), size(rng)
    parts = [any_numbers(rng, *shape) for shape in ((hidden, fan_in), (hidden, hidden), (hidden,))]
    if rng.random() < 0.2:
        parts[int(rng.integers(3))].reshape(-1)[0] = rng.choice([np.inf, -np.inf, np.nan])
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    return *parts, float(rng.choice([10.0 ** rng.uniform(-6, 6), np.inf, norm if np.isfinite(norm) and norm else 1.0]))


def _curriculum(rng):
    shortest = size(rng, 1, 9)
    numbers = float(rng.choice([0.0, 1.0, share(rng)])), float(rng.choice([1.0, share(rng)]))
    return *numbers, shortest, shortest + size(rng, 0, 40), rng.random(size(rng)), size(rng, 1, 10**6)


def _scaled(rng):
    warm_up = size(rng, 0, 50)
    rates = positive(rng, 1).item(), size(rng, 1, 4096), size(rng, 1, 256)
    return rng.integers(1, 100, size(rng)), *rates, warm_up


def _network(rng, classes):
    """A model with batchnorm and some kind of optimizer, and a batch; made anew from the same numbers each time."""
    import torch

    torch.manual_seed(int(rng.integers(2**31)))
    fan_in, hidden = size(rng, 1, 5), size(rng, 2, 5)
    layers = torch.nn.Linear(fan_in, hidden), torch.nn.BatchNorm1d(hidden), torch.nn.Tanh()
    model = torch.nn.Sequential(*layers, torch.nn.Linear(hidden, classes)).double().train(bool(rng.integers(2)))
    kinds = torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop
    optimizer = kinds[int(rng.integers(3))](model.parameters(), lr=float(10.0 ** rng.uniform(-3, -0.5)))
    if rng.random() < 0.5:  # gradients are left over
        model(torch.from_numpy(rng.normal(size=(4, fan_in)))).sum().backward()
    return model, optimizer, fan_in


def _batch(rng, fan_in, classes, low=2):
    import torch

    number = size(rng, low, 9)
    y = rng.integers(classes, size=number)
    return torch.from_numpy(rng.normal(size=(number, fan_in))), torch.from_numpy(y)


def _training_step(rng):
    import torch

    model, optimizer, fan_in = _network(rng, 3)
    return model, optimizer, torch.nn.CrossEntropyLoss(), *_batch(rng, fan_in, 3)


def _evaluate(rng):
    import torch

    model, _, fan_in = _network(rng, 3)
    batches = [_batch(rng, fan_in, 3, low=1) for _ in range(size(rng, 1, 5))]
    return model, torch.nn.CrossEntropyLoss(), batches


def _range_test(rng):
    import torch

    model, optimizer, fan_in = _network(rng, 3)
    batches = [_batch(rng, fan_in, 3) for _ in range(size(rng, 2, 12))]
    return model.train(), optimizer, torch.nn.CrossEntropyLoss(), batches, 1e-4, float(10.0 ** rng.uniform(-2, 3))


WIDE = {
    "01-1": _linear,
    "01-2": _scores,
    "01-4": _dual,
    "01-5": _numerical,
    "02-1": _epoch,
    "02-2": _walk,
    "03-4": _pair,
    "04-5": _secant,
    "04-6": _neuron,
    "05-4": _adam,
    "05-5": lambda rng: _adam(rng, rng.uniform(0, 2)),
    "06-1": _variances,
    "07-2": _norm_backward,
    "07-3": _norm_step,
    "07-4": _groups,
    "07-7": _images,
    "08-1": _dropout,
    "08-2": _stopping,
    "08-4": _masks,
    "09-1": _forward,
    "09-2": _backward,
    "09-4": _sizes,
    "09-8": _two_layers,
    "10-1": _training_step,
    "10-2": _evaluate,
    "10-3": _range_test,
    "10-8": _residual,
    "11-1": _recurrent,
    "11-3": _gradients,
    "11-6": _curriculum,
    "12-3": _scaled,
}
