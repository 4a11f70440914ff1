"""What Colab has, in an environment of its own: every chapter sets up, shows its live figures and asks there.

Colab's own page cannot be had: here the kernel runs, and what it sends is looked at.
"""

import importlib.util
import json
import os
import subprocess
import sys
from unittest import mock

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib import place
from course_lib.tools.notebook_tools.execute import same_everywhere
from course_lib.tools.notebook_tools.files import ROOT, WIDGET
from course_lib.tools.notebook_tools.live_cells import is_live, is_question, needed, shows_live_figure

pytestmark = pytest.mark.night
COLAB = {  # https://github.com/googlecolab/backend-info, pip-freeze.txt; newer ones do not draw there
    "ipywidgets": "7.7.1",
    "ipython": "7.34.0",
    "ipykernel": "6.17.1",
    "traitlets": "5.7.1",
    "numpy": "2.0.2",
    "matplotlib": "3.10.0",
    "scikit-learn": "1.6.1",
}
FETCHED = ("anywidget", "jupyter-client<8")  # the first by the README's cell; the second starts kernels of that age
VERSIONS = f"import importlib.metadata as m; print(*map(m.version, {list(COLAB)}))"


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """The folder of a kernel that has what Colab has."""
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    torch = [place.TORCH_CPU] if importlib.util.find_spec("torch") else []
    packages = [*(f"{name}=={version}" for name, version in COLAB.items()), *FETCHED, *torch]
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"what Colab has cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    kernel = folder / "kernels" / "colab"
    kernel.mkdir(parents=True)
    started = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": started, "display_name": "Colab", "language": "python"}))
    return folder


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_live_figures_and_questions_of_a_chapter_are_shown_there(colab, path):
    if path.name.startswith("10") and importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed: python course.py install --with torch")
    stored = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    cells = needed(stored, lambda cell: shows_live_figure(cell) or is_question(cell))
    said = [output.data["text/plain"] for cell in cells for output in cell.outputs if is_live(output)]
    again = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(VERSIONS), *cells])
    surroundings = {"JUPYTER_PATH": str(colab), "PYTHONPATH": str(ROOT)}
    with same_everywhere(), mock.patch.dict(os.environ, surroundings):
        about = {"metadata": {"path": str(path.parent)}}
        NotebookClient(again, timeout=300, kernel_name="colab", resources=about).execute()
    assert again.cells[0].outputs[0].text.split() == list(COLAB.values())
    warned = [output.text for cell in again.cells for output in cell.outputs if output.get("name") == "stderr"]
    assert warned == []
    for cell in filter(is_question, again.cells):
        assert any({WIDGET, "text/html"} <= output.get("data", {}).keys() for output in cell.outputs), cell.source
    views = [output.data for cell in again.cells for output in cell.outputs if WIDGET in output.get("data", {})]
    assert said and [data["text/plain"] for data in views if "image/png" in data] == said
