"""Run a notebook from top to bottom in a fresh kernel."""

import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from course_lib import place
from course_lib.tools.notebook_tools.files import NotebookError, shown

CELL_TIMEOUT = 600  # seconds: chapter 10 took more than 180 on a machine with other work


@contextmanager
def same_everywhere():
    """Surroundings that make runs repeatable: one thread, and an empty progress file of their own."""
    with tempfile.TemporaryDirectory() as folder:
        fixed = {
            "COURSE_PROGRESS": str(Path(folder) / "progress.json"),
            "COURSE_FOLDER": str(place.folder()),  # what is stored speaks of the README's commands
            "COURSE_PATIENCE": "60",  # seconds: figures that train in the background are stored at the end of their run
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        }
        with mock.patch.dict(os.environ, fixed):
            yield


def execute(notebook, path, say=print, keep_widgets=False):
    """Run all cells of ``notebook`` in place, in the folder of ``path``.

    ``keep_widgets`` stores the widgets' state in it, with the films of those that only the kernel draws.

    Raises ``NotebookError`` with one sentence for the first cell that fails, takes longer than
    ``CELL_TIMEOUT``, or takes the kernel down.
    """
    start = time.monotonic()
    code = [number for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]
    resources = {"metadata": {"path": str(path.parent)}}
    running = {"cell": 0}
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        startup_timeout=60,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=keep_widgets,
        extra_arguments=["--log-level=ERROR"],
        resources=resources,
        on_cell_start=lambda cell, cell_index: running.update(cell=cell_index + 1),
    )
    try:
        films = {"COURSE_FILMS": "1"} if keep_widgets else {}
        with same_everywhere(), mock.patch.dict(os.environ, films):
            client.execute()
    except CellExecutionError as error:
        place = shown(path, running["cell"])
        raise NotebookError(f"{place}: the cell raised {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise NotebookError(f"{shown(path, running['cell'])}: not done after {CELL_TIMEOUT} s.") from None
    except (DeadKernelError, RuntimeError) as error:
        raise NotebookError(f"{shown(path, running['cell'])}: the kernel died or never started ({error}).") from None
    say(f"{shown(path)}: {len(code)} code cells in {time.monotonic() - start:.1f} s")
