"""How long `import course_lib` takes, against `import numpy`, each in a fresh process, in turns.

    python benchmarks/import_time.py [--rounds 40]

A bare interpreter takes its turn too: its start is no import, and is taken off for the time of
`course_lib.checks`. The ratio is of whole processes, as a person waits for them.
"""

import argparse
import statistics
import subprocess
import sys
import time

import numpy as np

MODULES = ("", "numpy", "course_lib", "course_lib.checks", "course_lib.optimizers", "course_lib.widgets")
TARGET_RATIO, TARGET_CHECKS = 1.3, 0.3


def seconds(module):
    """Wall-clock time of a fresh Python that imports ``module`` (nothing for "")."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}" if module else "pass"], check=True)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    for module in MODULES:  # bytecode and disk cache
        seconds(module)
    times = {module: [] for module in MODULES}
    for _ in range(rounds):
        for module in MODULES:
            times[module].append(seconds(module))
    median = {module: statistics.median(values) for module, values in times.items()}
    print(f"{rounds} fresh processes each, in turns")
    for module, values in times.items():
        name = f"import {module}" if module else "python alone"
        extra = median[module] - median[""]
        print(f"{name:<30} median {median[module]:.4f} s  p95 {np.percentile(values, 95):.4f} s  import {extra:.4f} s")
    ratio = median["course_lib"] / median["numpy"]
    checks = median["course_lib.checks"] - median[""]
    print(f"import course_lib / import numpy   {ratio:.2f} x   (target <= {TARGET_RATIO})")
    print(f"import course_lib.checks           {checks:.3f} s   (target < {TARGET_CHECKS})")
    reached = ratio <= TARGET_RATIO and checks < TARGET_CHECKS
    print("target reached" if reached else "TARGET MISSED")
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
