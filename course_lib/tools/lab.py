"""Start JupyterLab on a notebook of the course."""

import errno
import os
import socket
import sys
import tempfile
import webbrowser
from pathlib import Path
from urllib.parse import quote

from course_lib import place
from course_lib.tools import presenting

START = "notebooks/00_start.ipynb"
SETTINGS = Path(__file__).with_name("jupyter")  # JupyterLab's defaults: no question about news over the first notebook


def is_free(port):
    """True when a server may listen on ``port`` of this machine.

    Raises:
        ValueError: a number that is no port, or a port that needs more rights than we have.
    """
    if not 1 <= port <= 65535:
        raise ValueError(f"A port is a number from 1 to 65535, not {port}.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # a port that a server has just left counts as free; on Windows it would share a live one
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise ValueError(f"Port {port} cannot be opened here ({error.strerror}); choose one above 1023.") from None
    return True


def free_port(first, tries=100):
    """The first free port from ``first`` upwards."""
    for port in range(first, min(first + tries, 65536)):
        if is_free(port):
            return port
    raise ValueError(f"No port from {first} to {min(first + tries, 65536) - 1} is free: give another one with --port.")


def has_browser():
    """True where a window can open: a console browser in this terminal would be in the way."""
    if sys.platform.startswith("linux") and not {"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def first_notebook():
    """What is opened unless something else is named: the course's first notebook, or the one that was handed out.

    "" where several were handed out into one folder: then the list of files is shown.
    """
    if (place.folder() / START).is_file():
        return START
    found = sorted(place.folder().glob("*.ipynb"))
    if not found:
        raise FileNotFoundError(f"There is no notebook in {place.folder()}: go to the course's folder first.")
    return found[0].name if len(found) == 1 else ""


def notebook_path(notebook):
    """``notebook`` as a path below the course's folder; also looked up from the working directory."""
    root = place.folder().resolve()
    for path in (Path(notebook).resolve(), root / notebook):
        if path.is_file() and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    raise FileNotFoundError(f"There is no notebook {str(notebook)!r} in {root}.")


def writable_folders(say=print):
    """Give Jupyter folders of its own for this run where it cannot write into the person's home."""
    from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

    try:
        for folder in (jupyter_data_dir(), jupyter_runtime_dir()):
            Path(folder).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError as error:
        scratch = tempfile.mkdtemp(prefix="course-")
        say(f"Jupyter cannot write into {error.filename or folder}: its settings are kept in {scratch} for now.")
        for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
            os.environ[name] = os.path.join(scratch, name.lower())
            os.makedirs(os.environ[name])


def server_arguments(notebook, port, open_browser, present=False):
    """Arguments for JupyterLab: the course's folder as root, this Python as kernel, nothing asked of the network."""
    space = f"/workspaces/{presenting.WORKSPACE}" if present else ""
    arguments = [
        f"--ServerApp.root_dir={place.folder()}",
        f"--ServerApp.port={port}",
        "--ServerApp.answer_yes=True",  # Ctrl-C stops at once
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        f"--LabApp.default_url=/lab{space}{notebook and f'/tree/{quote(notebook)}'}",  # the printed address, too
        f"--ServerApp.open_browser={open_browser}",
    ]
    if present:
        arguments.append(f"--LabApp.workspaces_dir={presenting.workspaces()}")
        arguments.append(f"--LabApp.user_settings_dir={presenting.settings()}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # containers; elsewhere nobody should be root
    return arguments


def start(notebook, port=8888, open_browser=True, say=print, present=False):
    """Run JupyterLab until it is stopped, and end the process with it.

    Args:
        notebook: path, relative to the course's folder or to the working directory; "" for the list of files.
        port: first port to try.
        open_browser: False prints the address only.
        say: takes one sentence at a time.
        present: large type, side bars folded.

    Raises:
        FileNotFoundError: no such notebook.
        ValueError: no usable port.
    """
    path = notebook_path(notebook) if notebook else ""
    free = free_port(port)
    if free != port:
        say(f"Port {port} is in use; taking {free}.")
    if open_browser and not has_browser():
        open_browser = False
        say("There is no browser here: open the address below in one.")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # numerical threads spin against each other in several kernels
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # a kernel of the same name in the home folder must not win
    theirs = os.environ.get("JUPYTER_CONFIG_PATH")
    ours = [str(folder) for folder in ((presenting.SETTINGS, SETTINGS) if present else (SETTINGS,))]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [theirs, *ours]))
    writable_folders(say)
    say(f"Starting JupyterLab on {path or place.folder()}; Ctrl-C stops it.")
    from jupyterlab.labapp import main

    try:
        code = main(server_arguments(path, free, open_browser, present))
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)  # the server has ended; a thread of its own that has not would keep the process for ever
