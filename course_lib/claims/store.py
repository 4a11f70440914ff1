"""Results of trainings that take minutes: run once, stored beside the chapter's claims, read by the ledger.

Trainings differ in their last digits from machine to machine, and some need PyTorch; the pages of the course must come
out the same everywhere, and a claim must come up while a lecture waits. The tests run a short version of each.
"""

import json
import platform
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

LIBRARIES = {"torch": "PyTorch", "numpy": "NumPy"}  # the first of these that was imported is what computed


@dataclass(frozen=True)
class Store:
    """The stored results of one chapter.

    Attributes:
        file: JSON, ``{name: {"about": ..., "result": ...}}``.
        experiments: module that holds ``EXPERIMENTS``, ``{name: () -> plain data}``; imported when one is run.
    """

    file: Path
    experiments: str

    def measured(self, name):
        """The stored result of the experiment ``name``."""
        return self._stored()[name]["result"]

    def made_with(self, name):
        """One phrase: on what and with what the stored result was made."""
        if name not in self._stored():
            return "not stored yet"
        origin = self._stored()[name]["about"]
        return f"stored result: {origin['with']} on one core of {origin['machine']}, {origin['seconds']} s"

    def measure(self, name):
        """Run the experiment ``name`` and store its result."""
        start, experiment = time.perf_counter(), import_module(self.experiments).EXPERIMENTS[name]
        result = _rounded(experiment())
        library = next(library for library in LIBRARIES if library in sys.modules)
        origin = {
            "with": f"{LIBRARIES[library]} {sys.modules[library].__version__}",
            "machine": f"{platform.system()} {platform.machine()}",
            "seconds": round(time.perf_counter() - start),
        }
        stored = self._stored() | {name: {"about": origin, "result": result}}
        self.file.write_text(json.dumps(dict(sorted(stored.items())), indent=1) + "\n", encoding="utf-8")

    def main(self, names):
        """What ``python -m`` runs: the experiments named, or all of them."""
        for name in names or import_module(self.experiments).EXPERIMENTS:
            self.measure(name)
            print(f"{name}: stored")

    def _stored(self):
        return json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}


def _rounded(value):
    if isinstance(value, dict):
        return {str(key): _rounded(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return _rounded(value.tolist())
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
