"""The one place where a Python of the grader's is started: with nothing of the lecturer's folder, environment or files.

A lecturer grades from within the folder of submissions, and a ``base64.py`` among them must not become a part of the
grader. So a program of ours finds the standard library, installed packages and this library, whatever the current
folder, the user's start-up files and ``PYTHON...`` variables say.
"""

import os
import subprocess
import sys
from pathlib import Path

ISOLATED = ("-s", "-P")  # what -I does, but that it would ignore PYTHONHASHSEED, and sets have an order in marks
LIBRARY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")


def start_program(call, module="zygote", **more):
    """Start a Python that holds nothing of this one's and makes ``call``, as text, in a module of ``grading``.

    Args:
        call: such as ``"main(3, 'full')"``; its arguments are ours, never a student's.
        module: where the function is.
        more: for ``subprocess.Popen``: descriptors to pass on, pipes. What is not named is closed, standard error too.

    Returns the ``Popen``.
    """
    code = f"import sys; sys.path.append({LIBRARY!r}); from course_lib.grading import {module}; {module}.{call}"
    silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    place = {"cwd": os.path.abspath(os.sep), "env": environment(), "start_new_session": True}
    compiled = ["-B"] * sys.dont_write_bytecode  # else kept as usual: some 200 modules, half of what a start costs
    return subprocess.Popen([sys.executable, *ISOLATED, *compiled, "-c", code], **{**silent, **place, **more})


def environment():
    """All the variables that a program of ours has."""
    fixed = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": ""}
    return fixed | ONE_THREAD | {name: os.environ[name] for name in KEPT if name in os.environ}


def keep_out(folder):
    """From here on this process imports nothing from ``folder`` or below, though it may stand there."""
    folder, own = Path(folder).resolve(), [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]

    def is_among_them(place):
        place = Path(place or os.curdir).resolve()
        is_ours = not place.exists() or any(place.is_relative_to(prefix) for prefix in own)  # or the name of a finder
        return place.is_relative_to(folder) and not is_ours

    sys.path[:] = [place for place in sys.path if not is_among_them(place)]
