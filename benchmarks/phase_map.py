"""A phase map of 200 x 200 pairs, 200 steps each: all runs at once, one by one, and with torch.optim.SGD.

    python benchmarks/phase_map.py [--size 200] [--steps 200] [--sample 40] [--rounds 15]

The loops are timed on a sample of the pairs, drawn at random, and scaled up (torch on a quarter of the
sample); the whole map is timed whole. All three use one thread: NumPy's arithmetic knows no other.
Rounds alternate between the three, so that a busy moment of the machine meets all of them.
"""

import argparse
import time

import numpy as np

from course_lib.chapters.ch03_momentum.figures.phase_map import START, compute_phases
from course_lib.optimizers import Momentum
from course_lib.run import iterate
from course_lib.surfaces import ravine

KAPPA = 30.0
TARGET_RATIO, TARGET_SECONDS = 100, 1.0


def pairs(size):
    """Learning rates ``(size,)`` and momenta ``(size,)`` of the map."""
    return np.linspace(0, 4 / KAPPA, size + 1)[1:], np.linspace(0, 1, size, endpoint=False)


def at_once(size, num_steps):
    """Run the whole grid as one; returns the last points ``(size, size, 2)``."""
    learning_rates, momenta = pairs(size)
    optimizer = Momentum(learning_rates[None, :, None], momenta[:, None, None])
    for theta, _ in iterate(ravine(KAPPA), optimizer, START, num_steps):
        last = theta
    return last


def one_by_one(chosen, num_steps):
    """Run each ``(learning_rate, momentum)`` alone, as one would write it first."""
    surface, last = ravine(KAPPA), []
    for learning_rate, momentum in chosen:
        for theta, _ in iterate(surface, Momentum(learning_rate, momentum), START, num_steps):
            end = theta
        last.append(end)
    return np.array(last)


def with_torch(chosen, num_steps):
    """Run each pair with torch.optim.SGD, its gradient from autograd in double precision."""
    import torch

    torch.set_num_threads(1)
    curvature, last = torch.tensor([1.0, KAPPA], dtype=torch.float64), []
    for learning_rate, momentum in chosen:
        theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([theta], lr=learning_rate, momentum=momentum)
        for _ in range(num_steps):
            optimizer.zero_grad()
            (curvature * theta * theta).sum().div(2).backward()
            optimizer.step()
        last.append(theta.detach().numpy().copy())
    return np.array(last)


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def report(name, times):
    median, p95 = np.median(times), np.percentile(times, 95)
    print(f"{name:<44} median {median:10.4f} s   p95 {p95:10.4f} s")
    return median


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("size", 200), ("steps", 200), ("sample", 40), ("rounds", 15)):
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, args.size, (2, args.sample))
    learning_rates, momenta = pairs(args.size)
    chosen = list(zip(learning_rates[columns].tolist(), momenta[rows].tolist(), strict=True))
    few, runs = chosen[: max(1, args.sample // 4)], args.size**2

    whole = at_once(args.size, args.steps)[rows, columns]
    assert np.allclose(whole, one_by_one(chosen, args.steps), rtol=1e-9, atol=1e-12), "not the same runs"
    assert np.allclose(whole, with_torch(chosen, args.steps), rtol=1e-9, atol=1e-12), "not the same runs as torch"

    times = {"whole": [], "map": [], "loop": [], "torch": []}
    for _ in range(args.rounds):
        times["whole"].append(seconds(at_once, args.size, args.steps))
        times["map"].append(seconds(compute_phases, "momentum", KAPPA, args.size, args.steps))
        times["loop"].append(seconds(one_by_one, chosen, args.steps) * runs / args.sample)
        times["torch"].append(seconds(with_torch, few, args.steps) * runs / len(few))

    print(f"{runs} runs of {args.steps} steps on a ravine, {args.rounds} rounds in turns, one thread each")
    print(f"(loops: {args.sample} runs timed a round, {len(few)} with torch, scaled to {runs})")
    whole = report("all runs at once", times["whole"])
    complete = report("the same, with theory and measured rates", times["map"])
    loop = report("a loop over single runs (scaled)", times["loop"])
    torch = report("torch.optim.SGD, one run at a time (scaled)", times["torch"])
    print(f"at once against the loop   {loop / whole:8.0f} x   (target >= {TARGET_RATIO})")
    print(f"at once against torch      {torch / whole:8.0f} x")
    print(f"complete map               {complete:8.3f} s   (target < {TARGET_SECONDS:g})")
    reached = loop / whole >= TARGET_RATIO and complete < TARGET_SECONDS
    print("target reached" if reached else "TARGET MISSED")
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
