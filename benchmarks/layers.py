"""One training step of ours beside PyTorch's on the CPU, one thread each, in turns.

Run: ``python benchmarks/layers.py``. Prints medians, p95 and the ratio ours / torch.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import time
from itertools import pairwise

import numpy as np
import torch

from course_lib import layers
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD

torch.set_num_threads(1)


def in_turns(rounds, **ways):
    """Time every way once a round; return ``{name: seconds of each round}``."""
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def report(title, seconds, target):
    print(f"\n{title}")
    for name, times in seconds.items():
        print(f"  {name:>6}: median {1e3 * np.median(times):7.2f} ms, p95 {1e3 * np.percentile(times, 95):7.2f} ms")
    ratio = np.median(seconds["ours"]) / np.median(seconds["torch"])
    print(f"  ratio ours / torch: {ratio:.2f} (target: at most {target})")


def convolution(rounds=40):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 16, 28, 28)).astype(np.float32)
    layer = layers.Conv2d(16, 32, 3, rng, padding=1)
    Network(layer, dtype=np.float32)
    d_y = rng.normal(size=(32, 32, 28, 28)).astype(np.float32)
    module, d_y_torch = torch.nn.Conv2d(16, 32, 3, padding=1), torch.tensor(d_y)
    x_torch = torch.tensor(x).requires_grad_()

    def ours():
        layer.forward(x, training=True)
        layer.backward(d_y)

    def theirs():
        module.zero_grad()
        x_torch.grad = None
        module(x_torch).backward(d_y_torch)

    report("Conv2d forward + backward, 32 x 16 x 28 x 28, 32 filters 3 x 3, float32",
           in_turns(rounds, ours=ours, torch=theirs), target=3)  # fmt: skip


def perceptron(rounds=200):
    rng = np.random.default_rng(0)
    sizes = [784, 256, 128, 10]
    x, y = rng.normal(size=(128, 784)).astype(np.float32), rng.integers(10, size=128)
    dense = [layers.Linear(a, b, rng) for a, b in pairwise(sizes)]
    network = Network(dense[0], layers.ReLU(), dense[1], layers.ReLU(), dense[2], dtype=np.float32)
    loss, optimizer = NetworkLoss(network, x, y, layers.CrossEntropy()), SGD(0.1)
    theta = network.theta.copy()

    model = torch.nn.Sequential(
        torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
    )
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    x_torch, y_torch = torch.tensor(x), torch.tensor(y)

    def ours():
        nonlocal theta
        theta, _ = optimizer.step(loss, theta, optimizer.init(theta))

    def theirs():
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(model(x_torch), y_torch).backward()
        sgd.step()

    report(
        "MLP training step, 784-256-128-10, batch 128, float32", in_turns(rounds, ours=ours, torch=theirs), target=1.5
    )


if __name__ == "__main__":
    print(f"numpy {np.__version__}, torch {torch.__version__}, 1 thread each")
    convolution()
    perceptron()
