"""What grading costs: copies of the right notebook of chapter 3, one process, and a call across the line.

    python benchmarks/grader.py [--copies 30] [--class-size 500] [--workers 2]

Processor seconds of the grader and of all it starts, seconds on the wall, and the grader's memory after the first
and the last hundred of the class; the same class with several workers; the class again with one function wrong in every
notebook, which costs a second run; and when the right ones of a class were marked that has notebooks which sleep and
loop before them. Starting Python with NumPy is measured beside it: what
one process a student would cost at the least.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # the exercises with models are those of the tests

from processor_time import adopt, processor_seconds

from course_lib.grading import grade_folder
from course_lib.grading.confinement import best_level
from course_lib.grading.marking import mark_file
from course_lib.grading.plan import needs
from course_lib.grading.process import Limits
from course_lib.grading.session import Session

RULE = b"velocity = momentum * velocity - learning_rate"  # the first step's
RIGHT = Path(__file__).parents[1] / "solutions" / "03_momentum.ipynb"


def memory():
    """Resident MiB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def graded(copies, folder, progress=None, workers=1, wrong=False):
    """``(processor seconds, seconds on the wall, summary)`` of grading ``copies`` notebooks, right or ``wrong``."""
    submissions, data = Path(folder, "in"), RIGHT.read_bytes()
    if wrong:
        data = data.replace(RULE, RULE.replace(b"-", b"+"))
    submissions.mkdir()
    for i in range(copies):
        (submissions / f"student{i:04}.ipynb").write_bytes(data)
    used, began = processor_seconds(), time.perf_counter()
    summary = grade_folder(submissions, Path(folder, "out"), assignment="03", progress=progress, workers=workers)
    wall = time.perf_counter() - began
    assert all((row["points"] < row["max_points"]) == wrong for row in summary.rows) and len(summary.rows) == copies
    return processor_seconds() - used, wall, summary


def delay(folder, others, copies=10, workers=1):
    """Seconds until ``copies`` right notebooks were marked, alone and behind ``others`` that sleep and loop in turn."""
    from tests.grading.handed_in import notebook

    sleeps = "import select\nfor _ in range(500): select.select([], [], [], 4); sum(range(10**5))"
    times = []
    for name, slow in (("alone", 0), ("behind", others)):
        submissions, right = Path(folder, name), []
        submissions.mkdir()
        for i in range(slow):
            cell = ("while True: pass", sleeps)[i % 2]
            (submissions / f"a{i:04}.ipynb").write_bytes(notebook(cell, "def momentum_step(*given): return 0"))
        for i in range(copies):
            (submissions / f"right{i:04}.ipynb").write_bytes(RIGHT.read_bytes())
        began = time.perf_counter()

        def note(done, total, student, right=right, began=began):
            right += [time.perf_counter() - began] * student.startswith("right")

        grade_folder(submissions, Path(folder, f"{name} out"), assignment="03", progress=note, workers=workers)
        times.append(right[-1])
    return times


def call_cost(calls=1000):
    """Median and 95th percentile of the seconds of one call in a live child, with a gradient that comes back."""
    source = "def step(theta, gradient): return theta - 0.1 * gradient(theta)"
    zygote, _ = best_level()
    with zygote, Session(zygote, [("cell 1", source)], ["step"]) as session:
        step, theta, seconds = session.function("step"), np.ones(3), []
        for _ in range(calls):
            began = time.perf_counter()
            step(theta, lambda x: x)
            seconds.append(time.perf_counter() - began)
    return np.percentile(seconds, [50, 95])


def child_cost(children=30):
    """Median seconds from asking for a confined child to its first answer, and its end."""
    zygote, _ = best_level()
    seconds = []
    with zygote:
        for _ in range(children):
            began = time.perf_counter()
            zygote.fork().end()
            seconds.append(time.perf_counter() - began)
    return np.median(seconds)


def python_and_numpy(starts=5):
    """Processor seconds of starting Python and importing NumPy."""
    used = processor_seconds()
    for _ in range(starts):
        subprocess.run([sys.executable, "-c", "import numpy"], check=True)
    return (processor_seconds() - used) / starts


def torch_cost(submissions=30):
    """What right answers to two exercises with models cost; ``None`` without PyTorch.

    Returns ``(seconds until a child can be forked, processor seconds a submission, seconds on the wall a submission)``.
    """
    if importlib.util.find_spec("torch") is None:
        return None
    from tests.grading import torch_exercises as bank
    from tests.grading.handed_in import handed, notebook

    began = time.perf_counter()
    zygote, _ = best_level(memory=Limits.of("torch").memory, **needs(bank.EXERCISES))
    started, file = time.perf_counter() - began, handed(notebook(*bank.RIGHT), exercises=bank.EXERCISES)
    with zygote:
        mark_file(file, bank.EXERCISES, zygote, 1)  # imports PyTorch here
        used, began = time.process_time(), time.perf_counter()
        for seed in range(submissions):
            row = mark_file(file, bank.EXERCISES, zygote, seed)
            assert row["points"] == row["max_points"]
        used, wall = time.process_time() - used, time.perf_counter() - began
        before = processor_seconds()
    inside = processor_seconds() - before  # the children's, known when the process that forked them has ended
    before = processor_seconds()
    best_level(memory=Limits.of("torch").memory, **needs(bank.EXERCISES))[0].close()
    inside -= processor_seconds() - before  # what that process takes itself
    return started, (used + inside) / submissions, wall / submissions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=30)
    parser.add_argument("--class-size", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    adopt()

    with tempfile.TemporaryDirectory() as folder:
        used, wall, summary = graded(options.copies, folder)
    print(f"sandbox: {summary.level}")
    print(f"{options.copies} right notebooks: {used:.2f} processor seconds, {wall:.2f} s on the wall")
    alone = python_and_numpy()
    print(f"Python + NumPy: {alone:.3f} processor seconds a start, {alone * options.copies:.2f} for {options.copies}")
    print(f"a confined child, from asking to its end: {1000 * child_cost():.1f} ms")
    median, high = call_cost()
    print(f"a call with one callback: median {1000 * median:.2f} ms, 95th percentile {1000 * high:.2f} ms")

    if cost := torch_cost():
        print(
            f"PyTorch: first child after {cost[0]:.1f} s, then {cost[1]:.2f} processor seconds "
            f"and {cost[2]:.2f} s on the wall a submission"
        )

    resident = []
    with tempfile.TemporaryDirectory() as folder:
        used, wall, _ = graded(options.class_size, folder, lambda *_: resident.append(memory()))
    first, last = np.median(resident[:100]), np.median(resident[-100:])
    print(f"{options.class_size} notebooks: {used:.1f} processor seconds, {wall:.1f} s on the wall")
    with tempfile.TemporaryDirectory() as folder:
        _, shared, _ = graded(options.class_size, folder, workers=options.workers)
    print(f"with {options.workers} workers: {shared:.1f} s on the wall, {wall / shared:.2f} times as fast")
    with tempfile.TemporaryDirectory() as folder:
        twice, wall, _ = graded(options.class_size, folder, wrong=True)
    print(f"{options.class_size} with a wrong function: {twice:.1f} processor seconds, {wall:.1f} s on the wall")
    for others, workers in ((2, 1), (13, options.workers)):
        with tempfile.TemporaryDirectory() as folder:
            alone, behind = delay(folder, others, workers=workers)
        print(f"10 right ones, {workers} workers: marked after {alone:.1f} s, behind {others} slow ones {behind:.1f} s")
    print(f"memory: {first:.0f} MiB in the first hundred, {last:.0f} MiB in the last: ratio {last / first:.3f}")


if __name__ == "__main__":
    main()
