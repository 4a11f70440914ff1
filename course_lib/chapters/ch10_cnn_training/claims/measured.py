"""Stored results of the long trainings of chapter 10, and the command that runs them again.

    python -m course_lib.chapters.ch10_cnn_training.claims.measured            all of them, a few minutes on one core
    python -m course_lib.chapters.ch10_cnn_training.claims.measured dropout    one of them

The ledger reads the stored numbers: trainings differ in their last digits from machine to machine and need PyTorch,
and the pages of the course must come out the same everywhere. The tests run a short version of each experiment.
"""

import json
import platform
import sys
import time
from pathlib import Path

FILE = Path(__file__).with_suffix(".json")


def measured(name):
    """The stored result of the experiment ``name``, as ``experiments.runs`` returned it."""
    return json.loads(FILE.read_text(encoding="utf-8"))[name]["result"]


def made_with(name):
    """One phrase: on what and with what the stored result was made."""
    about = json.loads(FILE.read_text(encoding="utf-8"))[name]["about"]
    return f"stored result: PyTorch {about['torch']} on one core of {about['machine']}, {about['seconds']} s"


def measure(name):
    """Run the experiment ``name`` and store its result."""
    from course_lib.chapters.ch10_cnn_training.experiments.runs import (
        EXPERIMENTS,  # trains with PyTorch; reading stored numbers does not
    )
    from course_lib.devices import require_torch

    start, torch = time.perf_counter(), require_torch()
    result = EXPERIMENTS[name]()
    stored = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    about = {
        "torch": torch.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "seconds": round(time.perf_counter() - start),
    }
    stored[name] = {"about": about, "result": _rounded(result)}
    text = json.dumps(dict(sorted(stored.items())), indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


if __name__ == "__main__":
    from course_lib.chapters.ch10_cnn_training.experiments.runs import EXPERIMENTS

    for chosen in sys.argv[1:] or EXPERIMENTS:
        measure(chosen)
        print(f"{chosen}: stored")
