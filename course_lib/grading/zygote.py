"""A Python with NumPy loaded that forks one confined child per submission, in milliseconds.

Started as a program of its own, with a clean environment: nothing of the parent's memory is here, no check, no
seed, no notebook. Commands come over a socket as one JSON line each; ``fork`` brings the child's end of a line
along and is answered with a pidfd, ``reap PID`` says how that child ended.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys

PRELOADED = """
    abc ast bisect cmath collections contextlib copy dataclasses datetime decimal enum fractions functools heapq inspect
    io itertools json math numbers operator pathlib pprint random re statistics string textwrap time traceback types
    typing warnings numpy numpy.linalg numpy.random numpy.fft numpy.polynomial numpy.testing
"""
OWN = ("course_lib.grading", "course_lib.floors", "__main__")


def preload(forbidden):
    """Load what notebooks use, with the stand-ins in place, so that no file of the course's need be readable."""
    from course_lib.floors import FLOORS
    from course_lib.grading.standins import OFFICE, Finder

    finder = Finder(forbidden)
    sys.meta_path.insert(0, finder)
    for name in PRELOADED.split():
        importlib.import_module(name)
    for room in [room for floor in FLOORS[:4] for room in floor if room not in OFFICE and room != "floors"]:
        name = f"course_lib.{room}"
        if finder.kind(name) is None:
            try:
                importlib.import_module(name)
            except Exception:  # a room that needs an extra which is not installed, or what is off limits
                sys.modules.pop(name, None)
    return finder


def hide_own_modules(finder, shelves=()):
    """From here on imports find the standard library, installed packages and stand-ins; nothing of the grader's."""
    from course_lib.grading.sandbox import search_path

    sys.path[:] = search_path()
    sys.meta_path[:] = [finder, *[f for f in sys.meta_path if f in DEFAULT_FINDERS], *shelves]
    sys.path_hooks[:] = sys.path_hooks[:2]
    sys.path_importer_cache.clear()
    for name in [name for name in sys.modules if name.startswith(OWN)]:
        del sys.modules[name]
    if "course_lib" in sys.modules:
        vars(sys.modules["course_lib"]).pop("grading", None)
        sys.modules["course_lib"].__path__ = []


DEFAULT_FINDERS = [finder for finder in sys.meta_path if getattr(finder, "__module__", "").startswith("_frozen")]


def say(control, message, fds=()):
    socket.send_fds(control, [json.dumps(message).encode() + b"\n"], list(fds))


def main(fd, level, forbidden, memory):
    """Serve ``fork`` and ``reap`` until the parent hangs up."""
    from course_lib.grading import child, sandbox, standins

    control = socket.socket(fileno=fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        finder = preload(forbidden)
        shelf = standins.Shelf(sandbox.readable_paths())
        taken = sandbox.address_space() if sys.platform == "linux" else 0
        sandbox.confine_zygote(level)
    except Exception as error:
        say(control, {"op": "failed", "why": f"{type(error).__name__}: {error}"})
        os._exit(1)
    hide_own_modules(finder, [shelf])
    gc.collect()
    gc.freeze()
    say(control, {"op": "ready", "python": sys.version.split()[0]})
    while True:
        command, fds, _, _ = socket.recv_fds(control, 64, 1)
        if not command:
            os._exit(0)
        if command == b"fork":
            pid = os.fork()
            if not pid:
                control.close()
                run_child(child, sandbox, fds[0], level, taken, memory)
            os.close(fds[0])
            handle = os.pidfd_open(pid)
            say(control, {"op": "forked", "pid": pid}, [handle])
            os.close(handle)
        else:
            _, status = os.waitpid(int(command.split()[1]), 0)
            say(control, {"op": "ended", "status": os.waitstatus_to_exitcode(status)})


def run_child(child, sandbox, fd, level, taken, memory):
    """In the child: move the line to descriptor 3, close everything else, confine, serve."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(fd, 3)
        os.closerange(4, 256)
        sandbox.confine_child(level, taken, memory)
        child.serve(3)
    except BaseException:
        os._exit(70)
    os._exit(0)


def serve_alone(port, token, forbidden, memory):
    """Where processes cannot be forked: one child, started as a program, that calls its parent on the loopback."""
    from course_lib.grading import child, sandbox

    hide_own_modules(preload(forbidden))
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(bytes.fromhex(token))
    taken = sandbox.address_space() if sys.platform == "linux" else 0
    sandbox.confine_child("none", taken, memory)
    child.serve(line.fileno(), line)
