"""Right answers to the exercises of chapter 12, written differently."""

import numpy as np


def average_gradients(gradients, sizes):
    there = sizes > 0
    return sizes[there] @ gradients[there] / sizes.sum()


def average_gradients_looped(gradients, sizes):
    total, seen = np.zeros(gradients.shape[1]), 0
    for gradient, size in zip(gradients, sizes, strict=True):
        if size:
            total = total + size * gradient
            seen += size
    return total / seen


def average_gradients_by_numpy(gradients, sizes):
    return np.average(np.where(sizes[:, None] == 0, 0.0, gradients), axis=0, weights=sizes)


def average_gradients_running(gradients, sizes):
    mean, seen = [0.0] * gradients.shape[1], 0
    for gradient, size in zip(gradients.tolist(), sizes.tolist(), strict=True):
        if size == 0:
            continue
        seen += size
        mean = [m + (g - m) * size / seen for m, g in zip(mean, gradient, strict=True)]
    return mean


def staleness(workers, sends):
    version, read, ages = 0, {}, []
    for worker, send in zip(workers, sends, strict=True):
        if send:
            ages.append(version - read[worker])
            version += 1
        else:
            read[worker] = version
    return np.array(ages)


def staleness_by_counting(workers, sends):
    workers, sends = np.array(workers), np.array(sends)
    before = np.cumsum(sends) - sends
    ages = []
    for i in np.flatnonzero(sends):
        reads = np.flatnonzero((workers[:i] == workers[i]) & ~sends[:i].astype(bool))
        ages.append(float(before[i] - before[reads[-1]]))
    return np.array(ages)


def staleness_backwards(workers, sends):
    events = list(zip(workers, sends, strict=True))
    ages = []
    for end, (worker, send) in enumerate(events):
        if not send:
            continue
        age, i = 0, end - 1
        while events[i] != (worker, False):
            age += events[i][1]
            i -= 1
        ages.append(age)
    return np.array(ages, dtype=float)


def scaled_rates(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size / base - 1) * done)


def scaled_rates_looped(t, learning_rate, batch_size, base, warm_up):
    last, rates = learning_rate * batch_size / base, []
    for update in t:
        if update >= warm_up:
            rates.append(last)
        else:
            rates.append(learning_rate + (last - learning_rate) * update / warm_up)
    return np.array(rates)


def scaled_rates_interpolated(t, learning_rate, batch_size, base, warm_up):
    last = learning_rate * batch_size / base
    return np.interp(t, [0, max(warm_up, 1e-9)], [learning_rate, last])


def best_backups(num_machines, spread):
    harmonic = np.append(0.0, np.cumsum(1 / np.arange(1, num_machines + 1)))
    spare = np.arange(num_machines)
    speed_ups = (num_machines - spare) / (1 - spread + spread * (harmonic[-1] - harmonic[spare]))
    return spare[speed_ups.argmax()], speed_ups.max()


def best_backups_looped(num_machines, spread):
    best = (0, 0.0)
    for b in range(num_machines):
        time = 1 - spread
        for ringing in range(b + 1, num_machines + 1):
            time += spread / ringing
        if (num_machines - b) / time > best[1]:
            best = (b, (num_machines - b) / time)
    return best


def best_backups_one_after_the_other(num_machines, spread):
    time = 1 - spread + spread * sum(1 / k for k in range(1, num_machines + 1))
    ways = {}
    for b in range(num_machines):
        ways[b] = (num_machines - b) / time
        time -= spread / (b + 1)
    number = max(ways, key=ways.get)
    return [number, ways[number]]


def data_parallel(theta, x, y, order, num_workers, batch_size, learning_rate):
    for start in range(0, len(order), num_workers * batch_size):
        total, seen = np.zeros_like(theta), 0
        for worker in range(num_workers):
            first = start + worker * batch_size
            batch = order[first : first + batch_size]
            total = total + x[batch].T @ (x[batch] @ theta - y[batch])
            seen += len(batch)
        theta = theta - learning_rate * total / seen
    return theta


def data_parallel_as_one_machine(theta, x, y, order, num_workers, batch_size, learning_rate):
    x, y = x[order], y[order]
    size = num_workers * batch_size
    for begin in range(0, len(y), size):
        part, target = x[begin : begin + size], y[begin : begin + size]
        theta = theta - learning_rate * ((part @ theta - target)[:, None] * part).mean(axis=0)
    return theta


def data_parallel_by_shards(theta, x, y, order, num_workers, batch_size, learning_rate):
    theta = np.array(theta)
    pieces = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    while pieces:
        mine, pieces = pieces[:num_workers], pieces[num_workers:]
        means = [np.mean((x[p] @ theta - y[p])[:, None] * x[p], axis=0) for p in mine]
        theta -= learning_rate * np.average(means, axis=0, weights=[len(p) for p in mine])
    return theta


ANSWERS = {
    "12-1": (average_gradients, average_gradients_looped, average_gradients_by_numpy, average_gradients_running),
    "12-2": (staleness, staleness_by_counting, staleness_backwards),
    "12-3": (scaled_rates, scaled_rates_looped, scaled_rates_interpolated),
    "12-4": (best_backups, best_backups_looped, best_backups_one_after_the_other),
    "12-5": (data_parallel, data_parallel_as_one_machine, data_parallel_by_shards),
}
