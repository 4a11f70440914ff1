"""Faults of one line, at least two in every room of the house, and the tests that catch each.

``python tests/planted_faults.py`` plants one after the other in a copy of the project, runs its tests there and
prints a table; ``python tests/planted_faults.py WORD`` only those in whose file the word occurs. Of the tests it takes
what a run of every day takes (``sample.py``): that has to find the fault. By hand or at night: it takes minutes. Ends
with 1 if a fault is not caught, if its line is no longer there, or if its tests fail without it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ("course_lib", "tests", "notebooks", "solutions", "exercises", "docs")


class Fault(NamedTuple):
    """``old`` in ``file``, a path below course_lib/, becomes ``new``; ``tests`` are arguments of pytest."""

    file: str
    old: str
    new: str
    tests: str


FAULTS = (
    # the library
    Fault(
        "optimizers/descent.py",
        "return theta + velocity, MomentumState(velocity)  # (3.3)",
        "return theta - velocity, MomentumState(velocity)  # (3.3)",
        "library/optimizers/test_descent.py",
    ),
    Fault(
        "optimizers/adaptive.py",
        "np.sqrt(v + eps) if eps_inside_root",
        "np.sqrt(v) + eps if eps_inside_root",
        "library/optimizers/test_adaptive.py",
    ),
    Fault(
        "optimizers/adam.py",
        "return AdamState(state.t + 1,",
        "return AdamState(state.t + 2,",
        "library/optimizers/test_adam.py",
    ),
    Fault(
        "layers/activations.py",
        "return (1 - y * y) * d_y",
        "return (1 - y) * d_y",
        "library/layers/test_derivatives.py",
    ),
    Fault(
        "layers/normalization.py",
        "bias = size / (size - 1)",
        "bias = (size - 1) / size",
        "library/layers/test_against_torch.py",
    ),
    Fault("layers/dropout.py", "keep = 1 - self.drop_rate", "keep = self.drop_rate", "library/layers"),
    Fault(
        "autodiff/elementary.py",
        "np.log1p: (lambda x, y: 1 / (1 + x),)",
        "np.log1p: (lambda x, y: 1 / x,)",
        "library/autodiff/test_derivatives.py",
    ),
    Fault(
        "autodiff/forward.py", "return a @ b, d_a @ b + a @ d_b", "return a @ b, d_a @ b - a @ d_b", "library/autodiff"
    ),
    Fault(
        "data/dataset.py",
        "return (x - self.mean) / self.scale",
        "return x - self.mean / self.scale",
        "library/test_data.py",
    ),
    Fault(
        "data/procedural.py",
        "x @ theta + noise * rng.normal(size=num)",
        "x @ theta + rng.normal(size=num)",
        "library/test_data.py",
    ),
    Fault(
        "schedules.py",
        "lambda k: numerator / (k + 1 + offset)",
        "lambda k: numerator / (k + offset + 2)",
        "library/test_schedules.py",
    ),
    Fault(
        "initializers.py",
        "return np.sqrt(2 / (1 + slope * slope))",
        "return np.sqrt(2 / (1 + slope))",
        "library/test_initializers.py",
    ),
    Fault(
        "stochastic.py",
        "return rng.choice(size, size=batch_size, replace=False)",
        "return rng.choice(size, size=batch_size, replace=True)",
        "library/test_finite_sum.py",
    ),
    Fault(
        "finite_differences.py",
        "/ np.sum(there - theta)  # (1.13)",
        "/ np.sum(theta - there)  # (1.13)",
        "library/test_finite_differences.py",
    ),
    Fault("gradcheck.py", "np.linalg.norm(a - b) <= 1e-4", "np.linalg.norm(a - b) <= 1e4", "library/test_gradcheck.py"),
    Fault("validation.py", 'f"{text[:most]}..."', 'f"{text}..."', "library"),
    Fault("torch_nets.py", "self.skip(x) + self.F(x)", "self.skip(x) - self.F(x)", "chapters/ch10_cnn_training"),
    Fault("torch_nets.py", "parameter.numel() for parameter", "1 for parameter", "chapters/ch10_cnn_training"),
    # the kits
    Fault("figures/style.py", "DASHES[(color + turn) % 4], MARKERS[", "DASHES[0], MARKERS[", "kit/figures"),
    Fault("figures/surface.py", 'loc="outside lower center"', 'loc="upper right"', "kit/figures"),
    Fault("widgets/live.py", "self.problem = str(error.args[0])", 'self.problem = ""', "kit/widgets/test_live.py"),
    Fault("widgets/controls.py", 'float(text.replace(",", "."))', "float(text)", "kit/widgets/test_live.py"),
    Fault("widgets/frames.py", "UNIT = 8", "UNIT = 9", "kit/browser/test_visualiser.py -k draws_what"),
    Fault(
        "widgets/reel.js",
        "pixels.push([points[2 * i] / UNIT, points[2 * i + 1] / UNIT])",
        "pixels.push([points[2 * i + 1] / UNIT, points[2 * i] / UNIT])",
        "kit/browser/test_visualiser.py -k draws_what",
    ),
    Fault(
        "widgets/reel.js",
        "(step - steps[i - 1]) / (steps[i] - steps[i - 1])",
        "(step - steps[i - 1]) / (steps[i] - from)",
        "kit/browser/test_reel.py",
    ),
    Fault(
        "widgets/question.js",
        'chosen === model.get("right") ? "right" : "wrong"',
        'chosen === model.get("right") ? "wrong" : "right"',
        "kit/browser/test_questions.py",
    ),
    Fault(
        "widgets/poll.js",
        "${all ? (100 * poll.counts[i]) / all : 0}%",
        "${all ? 100 / poll.counts[i] : 0}%",
        "kit/browser/test_poll.py -k in_a_notebook",
    ),
    Fault(
        "widgets/class_poll.py",
        'if place.read_text(encoding="utf-8") == text:',
        'if place.read_text(encoding="utf-8"):',
        "tools/test_class_poll.py -k its_address",
    ),
    Fault(
        "checks/compare.py",
        "def close(got, expected, what=RESULT, rtol=1e-9",
        "def close(got, expected, what=RESULT, rtol=1e-2",
        "kit/checks/test_banks.py",
    ),
    Fault(
        "checks/kit.py",
        "if trial.error is None and check.supporting and not earned:",
        "if trial.error is None and check.supporting and earned:",
        "kit/checks/test_kit.py",
    ),
    Fault("checks/rooms.py", 'WORKSHOP, *from_up("figures")', "WORKSHOP", "kit/checks/test_rooms.py"),
    Fault(
        "claims/planted.py",
        "number.value + times * (end - number.value)",
        "number.value + (end - number.value)",
        "kit/claims/test_planted_numbers.py -k plant",
    ),
    Fault(
        "claims/errata.py",
        "rounded(self.printed, self.digits), _text(self.right, self.digits)",
        "rounded(self.printed, self.digits), _text(self.printed, self.digits)",
        "kit/claims/test_every_claim.py -k printed",
    ),
    # the chapters
    Fault(
        "chapters/ch03_momentum/experiments/rates.py",
        "larger_root(1 + momentum - learning_rate * eigenvalue, momentum)",
        "larger_root(1 + momentum + learning_rate * eigenvalue, momentum)",
        "chapters/ch03_momentum/test_convergence.py",
    ),
    Fault(
        "chapters/ch06_initialisation/figures/isometry.py", '"marker": style.marker, ', "", "kit/figures -k isometry"
    ),
    Fault(
        "chapters/ch05_adaptive/checks/adam.py",
        "m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)  # (5.14)",
        "m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta1**t)  # (5.14)",
        "kit/checks/test_banks.py -k 05-4",
    ),
    Fault(
        "chapters/ch09_convolution/figures/sizes.py",
        '"unseen": inside & ~seen',
        '"unseen": inside & seen',
        "chapters/ch09_convolution",
    ),
    Fault(
        "chapters/ch02_sgd_noise/errata.py",
        "return start / (1 + learning_rate) ** num_steps",
        "return start * (1 - learning_rate) ** num_steps",
        "chapters/ch02_sgd_noise/test_claims.py -k implicit",
    ),
    Fault(
        "chapters/ch04_newton_saddles/experiments/basins.py",
        "return mean + r, mean - r, d, b, r",
        "return mean + r, mean, d, b, r",
        "chapters/ch04_newton_saddles/test_basins.py",
    ),
    # grading
    Fault(
        "grading/protocol.py",
        'return dtype.newbyteorder("<")',
        'return dtype.newbyteorder(">")',
        "grading/test_protocol.py",
    ),
    Fault(
        "grading/protocol.py",
        "length >= 0 for length in lengths",
        "True for length in lengths",
        "grading/test_protocol.py",
    ),
    Fault("grading/roster.py", "sign for sign in head.casefold()", "sign for sign in head", "grading/test_roster.py"),
    Fault(
        "grading/seccomp.py",
        "KILL, ERRNO, ALLOW = 0x80000000, 0x00050000",
        "KILL, ERRNO, ALLOW = 0x80000000, 0x7FFF0000",
        "grading/test_attacks.py",
    ),
    # the tools
    Fault("tools/commands.py", "not 1 <= int(text) <= 65535", "not 1 <= int(text) <= 99999", "tools/test_cli.py"),
    Fault(
        "tools/equations.py", 'return "" if self.tests else "test"', 'return ""', "tools/test_documents.py -k orphan"
    ),
    Fault(
        "progress/store.py",
        "data.get(kind, {}).items() if isinstance(v, dict)",
        "data.get(kind, {}).items()",
        "tools/test_progress.py",
    ),
    Fault(
        "progress/review.py",
        'facts.get("level", 0) + 1 if right',
        'facts.get("level", 0) if right',
        "tools/test_progress.py",
    ),
    Fault("settings/fields.py", 'if value == float("inf"):', "if False:", "grading/test_sheet.py"),
    Fault("settings/course.py", "(light + 0.05) /", "(light + 0.5) /", "tools/test_sheets.py -k contrast"),
)


def rooms():
    """``{room: number of faults}``, of all rooms that are folders with code."""
    found = {path.name: 0 for path in (ROOT / "course_lib").iterdir() if (path / "__init__.py").exists()}
    for fault in FAULTS:
        room = fault.file.split("/")[0]
        if room in found:
            found[room] += 1
    return found


def planted(text, fault):
    """``text`` with the fault in it; ``ValueError`` where its line is not there once."""
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.file}: {text.count(fault.old)} times instead of once: {fault.old}")
    return text.replace(fault.old, fault.new)


def copy(folder):
    """The project's files in ``folder``, as they stand."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, folder)
    return folder


def passes(folder, tests):
    """Whether the tests pass in the copy; ``ValueError`` where none was run."""
    first, *rest = tests.split(" ", 2)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--sample",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        f"tests/{first}",
        *rest,
    ]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True
    )
    if done.returncode not in (0, 1) or "no tests ran" in done.stdout:
        raise ValueError(f"{tests}: nothing was tried\n{done.stdout[-500:]}{done.stderr[-500:]}")
    return done.returncode == 0


def outcome(folder, fault):
    """What became of one fault, in a word or a sentence; "caught" is the good one."""
    file = folder / "course_lib" / fault.file
    right = file.read_text(encoding="utf-8")
    try:
        file.write_text(planted(right, fault), encoding="utf-8")
        return "NOT CAUGHT" if passes(folder, fault.tests) else "caught"
    except ValueError as error:
        return f"NOT TRIED: {error}"
    finally:
        file.write_text(right, encoding="utf-8")


def main(words):
    chosen = [fault for fault in FAULTS if not words or any(word in fault.file for word in words)]
    missed = 0
    with tempfile.TemporaryDirectory() as parent:
        folder = copy(Path(parent))
        for number, fault in enumerate(chosen, start=1):
            begun = time.time()
            said = outcome(folder, fault)
            missed += said != "caught"
            print(f"{number:2}/{len(chosen)} {time.time() - begun:4.0f} s  {fault.file:52} {said}", flush=True)
        for tests in sorted({fault.tests for fault in chosen}):
            if not passes(folder, tests):
                missed += 1
                print(f"fails without a fault, too: {tests}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
