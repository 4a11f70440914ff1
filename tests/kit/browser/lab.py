"""JupyterLab in a headless Chromium: what a person sees and presses, for any chapter's figures.

``open_notebook(cells_or_path)`` starts a kernel, opens the notebook and gives a ``Lab``: run all cells, find a
slider by its label, press a key, wait until the picture has been painted anew.
"""

import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from course_lib.tools.lab import SETTINGS as CONFIGURATION

ROOT = Path(__file__).parents[3]
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SETTINGS = {  # all cells are in the page, and nothing pops up over them
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
FINISHED = """() => {
    const notebook = window.jupyterapp.shell.currentWidget;
    const code = notebook.content.widgets.map((cell) => cell.model).filter((model) => model.type === "code");
    return notebook.sessionContext.session?.kernel?.status === "idle"
        && code.every((model) => model.executionCount || !model.sharedModel.source.trim());
}"""
KERNEL_READY = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
PAINTED = """([figure, before]) => {
    const picture = figure.querySelector(".course-picture"), { frames, waiting } = picture.dataset;
    const rests = figure.dataset.kernel !== "asked" && picture.complete !== false; // a film may be ahead of the kernel
    return frames > before && waiting !== "true" && rests;
}"""
TOKEN = "course-browser-test"
SECONDS = 1000  # Playwright counts milliseconds
NOISE = ("favicon", "Failed to load resource", "React", "net::ERR")  # of JupyterLab itself, offline


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def jupyter_lab(folder):
    """Run JupyterLab in ``folder`` with settings, kernels' data and logs of its own; yields its address."""
    port = free_port()
    own = {
        name: str(folder / "jupyter" / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    settings = folder / "jupyter" / "settings" / "@jupyterlab"
    for extension, values in SETTINGS.items():
        file = settings / f"{extension}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = {
        **os.environ,
        **own,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "jupyter" / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "jupyter" / "workspaces"),
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_PATH": str(CONFIGURATION),  # as ``course lab`` starts it
        "COURSE_PROGRESS": str(folder / "progress" / "progress.json"),  # and not that of who runs the tests
        "OMP_NUM_THREADS": "1",
    }
    work = folder / "work"
    work.mkdir()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.root_dir={work}"]
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=work)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(f"{address}/api/status?token={TOKEN}", process, folder / "lab.log")
        yield address, work
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_it_answers(url, process, log, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


class Lab:
    """An open notebook.

    Attributes:
        page: Playwright's page.
        errors: what the console called an error so far, JupyterLab's own noise left out.
    """

    def __init__(self, page, end_kernel=lambda: None):
        self.page, self.end_kernel = page, end_kernel
        self.errors = []
        page.on("console", lambda message: self._note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._note(str(error)))

    def _note(self, text):
        if not any(noise in text for noise in NOISE):
            self.errors.append(text)

    def close(self):
        """Close the page and end the kernel, whose memory the next one needs."""
        self.page.close()
        self.end_kernel()

    def run_all(self, seconds=90):
        """Run every cell, anew if they ran before, and wait until the kernel has finished."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(FINISHED, timeout=seconds * SECONDS)

    def figure(self, number=0):
        """The ``number``-th live figure of the page, scrolled into view and painted."""
        figure = self.page.locator("figure.course-figure").nth(number)
        figure.scroll_into_view_if_needed(timeout=30 * SECONDS)
        self.page.wait_for_function(PAINTED, arg=[figure.element_handle(), 0], timeout=30 * SECONDS)
        return figure

    def frames(self, figure):
        """How many pictures the figure has painted."""
        return int(figure.locator(".course-picture").get_attribute("data-frames"))

    def slider(self, figure, label):
        """The slider with this accessible name."""
        return figure.get_by_role("slider", name=label, exact=True)

    def painted_after(self, figure, action, seconds=15):
        """Do ``action`` and wait until the figure has painted a new picture and waits for nothing."""
        before = self.frames(figure)
        action()
        self.page.wait_for_function(PAINTED, arg=[figure.element_handle(), before], timeout=seconds * SECONDS)

    def settled(self, figure, quiet=0.6, seconds=15):
        """Wait until no new picture has come for ``quiet`` seconds; returns the number of pictures."""
        until = time.monotonic() + seconds
        seen, since = self.frames(figure), time.monotonic()
        while time.monotonic() < until and time.monotonic() - since < quiet:
            self.page.wait_for_timeout(50)
            if (now := self.frames(figure)) != seen:
                seen, since = now, time.monotonic()
        return seen

    def pixels(self, figure):
        """The picture as it stands on the screen, PNG bytes."""
        return figure.locator(".course-picture").screenshot()

    def caption(self, figure):
        """The text under the figure."""
        return figure.locator(".course-caption").inner_text()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("No Chromium found: install it (apt install chromium) to run the browser tests.")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory):
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as (address, work):
        yield address, work


@pytest.fixture(scope="session")
def context(browser):
    """``context(size, **options)``: one for all pages with the same, so that JupyterLab's scripts are loaded once."""

    @functools.cache
    def context(size, **options):
        return browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)

    return context


@pytest.fixture(scope="module")
def open_notebook(context, lab_server):
    """A function from a notebook's path, or a list of code cells, to a ``Lab``; ``size`` in pixels.

    What a test does not close itself is closed after the last test of its file.
    """
    address, work = lab_server
    opened = []

    def open_it(notebook, size=(1280, 800), **options):
        name = f"test-{len(list(work.glob('*.ipynb')))}.ipynb"
        if isinstance(notebook, Path):
            shutil.copy(notebook, work / name)  # a copy: the test writes outputs into it
        else:
            cells = [nbformat.v4.new_code_cell(source) for source in notebook]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), work / name)
        lab = Lab(context(size, **options).new_page(), lambda: end_kernels(address, name))
        opened.append(lab)
        lab.page.goto(f"{address}/lab/workspaces/{name[:-6]}/tree/{name}?reset&token={TOKEN}")
        lab.page.wait_for_function(KERNEL_READY, timeout=90 * SECONDS)
        return lab

    yield open_it
    for lab in opened:
        lab.close()


def end_kernels(address, name):
    """End the kernels of a notebook, if any are left."""
    for session in answer_of(f"{address}/api/sessions"):
        if session["path"] == name:
            answer_of(f"{address}/api/sessions/{session['id']}", "DELETE")


def answer_of(url, method="GET"):
    """What the server answers, as data; ``None`` where that is nothing."""
    with urllib.request.urlopen(urllib.request.Request(f"{url}?token={TOKEN}", method=method), timeout=60) as answer:
        return json.loads(answer.read() or "null")
