"""Right answers to the exercises of chapter 11, written differently."""

import math

import numpy as np


def rnn_backward(x, states, d_states, weight_x, weight_h):
    delta, coming = np.zeros_like(d_states), 0.0
    for t in range(d_states.shape[1] - 1, -1, -1):
        delta[:, t] = (d_states[:, t] + coming) * (1 - states[:, t + 1] ** 2)
        coming = delta[:, t] @ weight_h
    flat = delta.reshape(-1, delta.shape[-1])
    d_weight_x = flat.T @ x.reshape(-1, x.shape[-1])
    d_weight_h = flat.T @ states[:, :-1].reshape(-1, delta.shape[-1])
    return d_weight_x, d_weight_h, flat.sum(axis=0), delta @ weight_x


def rnn_backward_sample_by_sample(x, states, d_states, weight_x, weight_h):
    d_weight_x, d_weight_h, d_bias, d_x = np.zeros_like(weight_x), np.zeros_like(weight_h), np.zeros(len(weight_h)), []
    for inputs, h, d_h in zip(x, states, d_states, strict=True):
        coming, rows = np.zeros(len(weight_h)), []
        for t in reversed(range(len(d_h))):
            delta = (d_h[t] + coming) * (1 - h[t + 1]) * (1 + h[t + 1])
            d_weight_x += np.outer(delta, inputs[t])
            d_weight_h += np.outer(delta, h[t])
            d_bias += delta
            rows.append(weight_x.T @ delta)
            coming = weight_h.T @ delta
        d_x.append(rows[::-1])
    return [d_weight_x, d_weight_h, d_bias, d_x]


def rnn_backward_by_recursion(x, states, d_states, weight_x, weight_h):
    def delta_of(t):
        if t == d_states.shape[1]:
            return []
        later = delta_of(t + 1)
        from_later = np.einsum("nh,hk->nk", later[0], weight_h) if later else 0.0
        return [(d_states[:, t] + from_later) * (1 - np.square(states[:, t + 1])), *later]

    delta = np.stack(delta_of(0), axis=1)
    pairs = [np.einsum("nth,ntk->hk", delta, other) for other in (x, states[:, :-1])]
    return (*pairs, np.einsum("nth->h", delta), np.einsum("nth,hf->ntf", delta, weight_x))


def truncated_deltas(d_states, states, weight_h, chunk):
    delta, coming = np.zeros_like(d_states), np.zeros_like(d_states[:, 0])
    for t in reversed(range(d_states.shape[1])):
        delta[:, t] = (d_states[:, t] + coming) * (1 - states[:, t + 1] ** 2)
        coming = delta[:, t] @ weight_h if t % chunk else np.zeros_like(coming)
    return delta


def truncated_deltas_chunk_by_chunk(d_states, states, weight_h, chunk):
    found = []
    for begin in range(0, d_states.shape[1], chunk):
        own, after = d_states[:, begin : begin + chunk], states[:, begin + 1 : begin + chunk + 1]
        rows = [own[:, -1] * (1 - after[:, -1] ** 2)]
        for t in range(own.shape[1] - 2, -1, -1):
            rows.insert(0, (own[:, t] + rows[0] @ weight_h) * (1 - after[:, t] ** 2))
        found += rows
    return np.stack(found, axis=1)


def truncated_deltas_path_by_path(d_states, states, weight_h, chunk):
    slopes, delta = 1 - states[:, 1:] ** 2, np.zeros(d_states.shape)
    for end in range(d_states.shape[1]):
        share = d_states[:, end] * slopes[:, end]
        for t in range(end, end - end % chunk - 1, -1):
            delta[:, t] += share
            share = share @ weight_h * slopes[:, t - 1]
    return delta.tolist()


def clip_all(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = d_weight_x, d_weight_h, d_bias
    norm = np.sqrt(sum(np.sum(part**2) for part in parts))
    if not np.isfinite(norm):
        return *(np.zeros_like(part) for part in parts), norm
    factor = max_norm / norm if norm > max_norm else 1.0
    return *(factor * part for part in parts), norm


def clip_all_as_one_vector(d_weight_x, d_weight_h, d_bias, max_norm):
    parts = [d_weight_x, d_weight_h, d_bias]
    vector = np.concatenate([part.ravel() for part in parts])
    norm = float(np.linalg.norm(vector))
    if math.isnan(norm) or math.isinf(norm):
        vector = np.zeros(len(vector))
    elif norm > max_norm:
        vector = vector / norm * max_norm
    ends = np.cumsum([part.size for part in parts])[:-1]
    return [*(found.reshape(part.shape) for found, part in zip(np.split(vector, ends), parts, strict=True)), norm]


def clip_all_by_hypot(d_weight_x, d_weight_h, d_bias, max_norm):
    everything = [float(number) for part in (d_weight_x, d_weight_h, d_bias) for number in part.flat]
    norm = math.hypot(*everything)
    factor = min(1.0, max_norm / max(norm, 1e-300)) if norm < math.inf else None

    def shortened(part):
        return np.zeros(part.shape) if factor is None else part * factor

    return shortened(d_weight_x), shortened(d_weight_h).tolist(), shortened(d_bias), norm


def train_on_stream(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    h = np.zeros(len(weight_h))
    for begin in range(0, len(x), chunk):
        history = []
        for t in range(begin, min(begin + chunk, len(x))):
            before, h = h, np.tanh(weight_x * x[t] + weight_h @ h)
            history.append((before, h, readout @ h - y[t]))
        d_h, d_weight = np.zeros(len(h)), np.zeros(weight_h.shape)
        for before, after, error in reversed(history):
            delta = (error * readout + d_h) * (1 - after**2)
            d_weight = d_weight + np.outer(delta, before)
            d_h = weight_h.T @ delta
        weight_h = weight_h - learning_rate * d_weight
    return weight_h, h


def train_on_stream_clearing_at_the_end(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    h, history = np.zeros(len(weight_h)), []
    for t, (number, target) in enumerate(zip(x, y, strict=True), start=1):
        after = np.tanh(weight_x * number + weight_h @ h)
        history.append((h, after, after @ readout - target))
        h = after
        if t % chunk == 0 or t == len(x):
            d_h, update = 0.0, 0.0
            while history:
                before, later, error = history.pop()
                delta = (error * readout + d_h) * (1 - later * later)
                update = update + delta[:, None] * before
                d_h = delta @ weight_h
            weight_h = weight_h - learning_rate * update
    return [weight_h, h]


def train_on_stream_with_the_last_ones_of_the_history(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    h, history = np.zeros(len(weight_h)), []
    for begin in range(0, len(x), chunk):
        part = x[begin : begin + chunk]
        for number, target in zip(part, y[begin : begin + chunk], strict=True):
            before, h = h, np.tanh(weight_x * number + weight_h @ h)
            history.append((before, h, readout @ h - target))
        d_h, d_weight = np.zeros(len(h)), np.zeros(weight_h.shape)
        for before, after, error in history[: -len(part) - 1 : -1]:
            delta = (error * readout + d_h) * (1 - after**2)
            d_weight = d_weight + np.outer(delta, before)
            d_h = weight_h.T @ delta
        weight_h = weight_h - learning_rate * d_weight
    return weight_h, h


def factor_per_step(radius, drive):
    z, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    variance = drive**2
    for _ in range(200):
        variance = radius**2 * weights @ np.tanh(np.sqrt(variance) * z) ** 2 + drive**2
    return radius * np.sqrt(weights @ (1 - np.tanh(np.sqrt(variance) * z) ** 2) ** 2)


def factor_per_step_by_drawing(radius, drive):
    rng = np.random.default_rng(1)
    z = rng.normal(size=40_000)
    variance = 1.0
    for _ in range(150):
        variance = radius**2 * np.mean(np.tanh(np.sqrt(variance) * z) ** 2) + drive**2
    return float(radius * np.mean(np.cosh(np.sqrt(variance) * z) ** -4) ** 0.5)


def factor_per_step_on_a_grid(radius, drive):
    grid = np.linspace(-7, 7, 701)
    density = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi) * (grid[1] - grid[0])

    def mean(values):
        return float(np.sum(values * density))

    low, high = drive**2, drive**2 + radius**2
    for _ in range(60):  # where v stays, by bisection from above
        middle = (low + high) / 2
        larger = radius**2 * mean(np.tanh(np.sqrt(middle) * grid) ** 2) + drive**2 > middle
        low, high = (middle, high) if larger else (low, middle)
    return radius * math.sqrt(mean((1 - np.tanh(np.sqrt(high) * grid) ** 2) ** 2))


ANSWERS = {
    "11-1": (rnn_backward, rnn_backward_sample_by_sample, rnn_backward_by_recursion),
    "11-2": (truncated_deltas, truncated_deltas_chunk_by_chunk, truncated_deltas_path_by_path),
    "11-3": (clip_all, clip_all_as_one_vector, clip_all_by_hypot),
    "11-4": (
        train_on_stream,
        train_on_stream_clearing_at_the_end,
        train_on_stream_with_the_last_ones_of_the_history,
    ),
    "11-5": (factor_per_step, factor_per_step_by_drawing, factor_per_step_on_a_grid),
}


def curriculum_lengths(share, pace, shortest, longest, draws, budget):
    limit = min(longest, int(shortest + share / pace * (longest - shortest + 1)))
    lengths = shortest + np.floor(draws * (limit - shortest + 1)).astype(int)
    return lengths, share + lengths.sum() / budget


def curriculum_lengths_looped(share, pace, shortest, longest, draws, budget):
    done = min(1.0, share / pace)
    allowed = [n for n in range(shortest, longest + 1) if n - shortest <= done * (longest - shortest + 1)]
    lengths = [allowed[int(draw * len(allowed))] for draw in draws]
    return lengths, share + sum(lengths) / budget


def curriculum_lengths_clipped(share, pace, shortest, longest, draws, budget):
    how_many = np.clip((share / pace * (longest - shortest + 1)) // 1 + 1, 1, longest - shortest + 1)
    lengths = shortest + draws * how_many // 1
    return lengths, (share * budget + lengths.sum()) / budget


ANSWERS["11-6"] = (curriculum_lengths, curriculum_lengths_looped, curriculum_lengths_clipped)
