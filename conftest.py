"""Settings of every test run, and how stored notebook outputs are compared.

``pytest --nbval notebooks solutions`` runs each notebook and compares every printed text with the stored one.
Pictures, widget views and HTML are left out by type; ``tests/nbval_sanitize.cfg`` says which words are replaced
first.
"""

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import pytest

pytest_plugins = ["tests.kit.browser.lab"]  # JupyterLab in Chromium, for the chapters' own tests

os.environ["OMP_NUM_THREADS"] = "1"  # with two busy cores, more threads spin and change nothing but the time
os.environ["PYTHONHASHSEED"] = "0"
os.environ["PYTHONDONTWRITEBYTECODE"] = ""  # a run starts Python a thousand times: what one compiles the others find
sys.dont_write_bytecode = False
os.environ["COURSE_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="course-test-")) / "progress.json")

SHARE = """
import sys
sys.path.insert(0, {root!r})
from tests.run_once import share_claims
del sys.path[0]
share_claims({folder!r})
del sys, share_claims
"""  # what is typed into a kernel before the first cell of its notebook
NOT_COMPARED = ("image/svg+xml", "text/html", "application/javascript")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if getattr(config.option, "nbval", False) and config.option.nbval_sanitize_with is None:
        config.option.nbval_sanitize_with = str(Path(__file__).parent / "tests" / "nbval_sanitize.cfg")


def pytest_collectstart(collector):
    if type(collector).__name__ == "IPyNbFile":
        collector.skip_compare += NOT_COMPARED


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item):
    """In a sample a notebook's kernel takes the claims that were run before it, and keeps its own for the others.

    With ``--nbval`` alone, and at night, each notebook runs all that it shows.
    """
    kernel = getattr(item.parent, "kernel", None)
    if kernel and item.config.getoption("--sample", False) and not hasattr(kernel, "shares"):
        from tests.run_once import shared_folder

        kernel.shares = str(shared_folder(item.config._tmp_path_factory) / "once")
        code = SHARE.format(root=str(item.config.rootpath), folder=kernel.shares)
        kernel.await_reply(kernel.execute_cell_input(code), timeout=60)


NEEDS_TORCH = "10_"  # the chapter that trains with PyTorch: without it there is nothing to compare


def pytest_collection_modifyitems(items):
    """What takes milliseconds first, then the notebooks, then the browser: a fault shows as early as it can."""

    def place(item):
        if "browser" in str(item.path) or item.get_closest_marker("browser"):
            return 2
        return 1 if Path(item.path).suffix == ".ipynb" else 0

    if importlib.util.find_spec("torch") is None:
        for item in items:
            if Path(item.path).suffix == ".ipynb" and Path(item.path).name.startswith(NEEDS_TORCH):
                reason = "this chapter trains with PyTorch, which is not installed: python course.py test installs it"
                item.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=place)
