"""What differentiation costs: long chains, forward against reverse, gradient against value, beside PyTorch.

    python benchmarks/autodiff.py [--rounds 9]

One thread, float64, medians over rounds that alternate between the ways compared.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import time

import numpy as np

from course_lib.autodiff import Node, gradient, hvp, jacobian, log_softmax
from course_lib.autodiff.trace import nodes

TARGET_RATIO = 2.3


def in_turns(rounds, ways):
    """Median seconds of each way, ``{name: seconds}``; one untimed round first."""
    seconds = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start = time.process_time()
            way()
            if turn:
                seconds[name].append(time.process_time() - start)
    return {name: float(np.median(times)) for name, times in seconds.items()}


def chain(length):
    """A graph of ``length`` + 1 nodes in a row."""
    y = Node(1.0)
    for _ in range(length):
        y = y * 1.0001
    return y


def long_chains(rounds):
    built = {length: chain(length) for length in (10_000, 20_000, 40_000)}
    seconds = in_turns(rounds, {length: y.backward for length, y in built.items()})
    forward = in_turns(max(1, rounds // 3), {length: lambda n=length: chain(n) for length in built})
    print("\nA chain, one operation after the other")
    for length, y in built.items():
        print(f"  {len(nodes(y)):>6} nodes: forward {forward[length]:.3f} s, backward {seconds[length]:.3f} s")
    ratio = max(seconds[20_000] / seconds[10_000], seconds[40_000] / seconds[20_000])
    print(f"  backward, twice the nodes: {ratio:.2f} times as long (target <= {TARGET_RATIO})")
    return ratio <= TARGET_RATIO


def forward_against_reverse(rounds):
    print("\nAll n derivatives of one number, sum of tanh(W theta)^2: forward mode against reverse mode")
    rng = np.random.default_rng(0)
    for n in (1, 10, 100, 400):
        w, theta = rng.normal(size=(n, n)) / n, rng.normal(size=n)

        def value(theta, w=w):
            return np.sum(np.tanh(w @ theta) ** 2)

        ways = {
            "value": lambda value=value, theta=theta: value(theta),
            "forward": lambda value=value, theta=theta: jacobian(value, mode="forward")(theta),
            "reverse": lambda value=value, theta=theta: gradient(value)(theta),
        }
        seconds = in_turns(rounds, ways)
        print(
            f"  n = {n:>3}: forward {1e3 * seconds['forward']:8.2f} ms, reverse {1e3 * seconds['reverse']:6.2f} ms, "
            f"forward / reverse {seconds['forward'] / seconds['reverse']:6.1f}"
        )


def network(rounds):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(128, 784)), rng.integers(10, size=128)
    shapes = [(784, 256), (256,), (256, 128), (128,), (128, 10), (10,)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    theta = rng.normal(size=ends[-1]) / 30
    v = rng.normal(size=theta.size)

    def loss(theta):
        w1, b1, w2, b2, w3, b3 = (
            theta[end - int(np.prod(shape)) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)
        )
        hidden = np.tanh(np.tanh(x @ w1 + b1) @ w2 + b2)
        return -np.mean(log_softmax(hidden @ w3 + b3)[np.arange(128), labels])

    seconds = in_turns(
        rounds,
        {"value": lambda: loss(theta), "gradient": lambda: gradient(loss)(theta), "hvp": lambda: hvp(loss)(theta, v)},
    )
    print("\nMLP 784-256-128-10, batch 128, parameters as one vector, float64")
    for name, second in seconds.items():
        print(f"  {name:>8}: {1e3 * second:7.2f} ms, {second / seconds['value']:.1f} times the value")
    beside_torch(rounds, loss, theta, x, labels, shapes, ends)


def beside_torch(rounds, loss, theta, x, labels, shapes, ends):
    try:
        import torch
    except ImportError:
        print("  PyTorch is not installed: no comparison.")
        return
    torch.set_num_threads(1)
    x_torch, labels_torch = torch.tensor(x), torch.tensor(labels)

    def torch_gradient():
        leaf = torch.tensor(theta, requires_grad=True)
        w1, b1, w2, b2, w3, b3 = (
            leaf[end - int(np.prod(shape)) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)
        )
        hidden = torch.tanh(torch.tanh(x_torch @ w1 + b1) @ w2 + b2)
        torch.nn.functional.cross_entropy(hidden @ w3 + b3, labels_torch).backward()
        return leaf.grad.numpy()

    gap = np.abs(gradient(loss)(theta) - torch_gradient()).max()
    seconds = in_turns(rounds, {"ours": lambda: gradient(loss)(theta), "torch": torch_gradient})
    print(f"  gradient, ours / torch: {seconds['ours'] / seconds['torch']:.2f}, largest difference {gap:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    reached = long_chains(rounds)
    forward_against_reverse(rounds)
    network(rounds)
    print("\ntarget reached" if reached else "\nTARGET MISSED")
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
