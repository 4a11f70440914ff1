"""A Python with NumPy loaded that forks one confined child per submission, in milliseconds.

Started as a program of its own, with a clean environment: nothing of the parent's memory is here, no check, no
seed, no notebook. Commands come over a socket as one JSON line each; ``fork`` brings the child's end of a line
along and is answered with a pidfd, ``reap PID`` says how that child ended.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys

from course_lib.floors import WORKSHOP, below

PRELOADED = """
    abc ast bisect cmath collections contextlib copy dataclasses datetime decimal enum fractions functools heapq inspect
    io itertools json math numbers operator pathlib pprint random re statistics string textwrap time traceback types
    typing warnings numpy numpy.linalg numpy.random numpy.fft numpy.polynomial numpy.testing
"""
OF_THE_SYSTEM = "bz2 ctypes hashlib lzma ssl zlib"  # parts of Python that may need a library of the system's
SAME_EVERYWHERE = {"HOME": "/", "USER": "student", "JOBLIB_MULTIPROCESSING": "0"}  # in the children's environment
OWN = ("course_lib.grading", *(f"course_lib.{room}" for room in WORKSHOP), "__main__")


def preload(forbidden, profile="numpy", modules=()):
    """Load what notebooks use, with the stand-ins in place, so that no file of the course's need be readable.

    Returns the paths that student code may read, and the class that carries PyTorch's objects (``None`` without).
    """
    from course_lib.grading.sandbox import readable_paths, search_path
    from course_lib.grading.shelf import Shelf
    from course_lib.grading.standins import Finder

    finder = Finder(() if profile == "torch" else forbidden)
    os.environ.update(SAME_EVERYWHERE)
    sys.path[:] = search_path()
    readable, torch_line = readable_paths(profile), None
    shelf = Shelf(readable)
    sys.meta_path[:] = [*DEFAULT_FINDERS, shelf]
    for name in list(sys.modules):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, *shelf.files, "course_lib", "__main__"}:
            del sys.modules[name]  # loaded by a start-up file of this computer
    sys.path_hooks[:] = sys.path_hooks[:2]
    sys.path_importer_cache.clear()
    if profile == "torch":
        from course_lib.grading.torch_line import TorchLine as torch_line
    sys.meta_path.insert(0, finder)
    if profile == "torch":
        load_torch()
        finder.forbidden = tuple(name for name in forbidden if name != "torch")
        finder.take_away()
    for name in PRELOADED.split():
        importlib.import_module(name)
    for name in OF_THE_SYSTEM.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in rooms():
        if finder.kind(name) is None:
            try:
                importlib.import_module(name)
            except Exception:  # it needs what is not available in grading, or what is off limits
                sys.modules.pop(name, None)
    for name in modules:
        importlib.import_module(name)
    return readable, torch_line


def rooms():
    """The modules of the library that answers may use: all below ``figures``."""
    for room in below("figures"):
        name = f"course_lib.{room}"
        if name not in OWN:
            yield name
            yield from (part.name for part in pkgutil.iter_modules(_folders(name), f"{name}."))


def _folders(name):
    """The folders of a package that is loaded; none for other modules."""
    return list(getattr(sys.modules.get(name), "__path__", ()))


def load_torch():
    """PyTorch with one thread, and what it sets up at its first use: that reads files which a child cannot."""
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    layers = [torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.Flatten()]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(8, 3))
    for kind in (torch.optim.SGD, torch.optim.Adam):
        optimizer = kind(model.parameters(), lr=0.1)
        loss = torch.nn.functional.cross_entropy(model(torch.ones(2, 1, 4, 4)), torch.tensor([0, 1]))
        loss.backward()
        optimizer.step()


def hide_own_modules():
    """From here on nothing of the grader's can be imported."""
    for name in [name for name in sys.modules if name.startswith(OWN)]:
        del sys.modules[name]
    if "course_lib" in sys.modules:
        for name in OWN:
            vars(sys.modules["course_lib"]).pop(name.rpartition(".")[2], None)
        sys.modules["course_lib"].__path__ = []


DEFAULT_FINDERS = [finder for finder in sys.meta_path if getattr(finder, "__module__", "").startswith("_frozen")]


def say(control, message, fds=()):
    socket.send_fds(control, [json.dumps(message).encode() + b"\n"], list(fds))


def main(fd, level, forbidden, memory, profile="numpy", modules=()):
    """Serve ``fork`` and ``reap`` until the parent hangs up."""
    from course_lib.grading import child, sandbox

    control = socket.socket(fileno=fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        readable, torch_line = preload(forbidden, profile, modules)
        taken = sandbox.address_space() if sys.platform == "linux" else 0
        sandbox.confine_zygote(level, readable)
    except Exception as error:
        say(control, {"op": "failed", "why": f"{type(error).__name__}: {error}"})
        os._exit(1)
    hide_own_modules()
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
                run_child(child, sandbox, fds[0], level, taken, memory, torch_line)
            os.close(fds[0])
            handle = os.pidfd_open(pid)
            say(control, {"op": "forked", "pid": pid}, [handle])
            os.close(handle)
        else:
            _, status = os.waitpid(int(command.split()[1]), 0)
            say(control, {"op": "ended", "status": os.waitstatus_to_exitcode(status)})


def run_child(child, sandbox, fd, level, taken, memory, torch_line):
    """In the child: move the line to descriptor 3, close everything else, confine, serve."""
    try:
        os.dup2(fd, 3)
        os.closerange(4, 256)
        sandbox.confine_child(level, taken, memory)
        child.serve(3, None, torch_line)
    except BaseException:
        os._exit(70)
    os._exit(0)


def serve_alone(port, token, forbidden, memory, profile="numpy", modules=()):
    """Where processes cannot be forked: one child, started as a program, that calls its parent on the loopback."""
    from course_lib.grading import child, sandbox

    _, torch_line = preload(forbidden, profile, modules)
    hide_own_modules()
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(bytes.fromhex(token))
    taken = sandbox.address_space() if sys.platform == "linux" else 0
    sandbox.confine_child("none", taken, memory)
    child.serve(line.fileno(), line, torch_line)
