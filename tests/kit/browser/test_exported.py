"""Other viewers: nbconvert's HTML shows every figure's stored picture and caption, Voilà every live figure."""

import os
import subprocess
import sys
from importlib.util import find_spec

import nbformat
import pytest
from nbconvert import HTMLExporter

from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.live_cells import is_live, live_cells
from tests.kit.browser.lab import CONFIGURATION, NOISE, SECONDS, _wait_until_it_answers, free_port

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHOWN = """() => [...document.querySelectorAll(".jp-OutputArea-output img")]
    .map((image) => ({ alt: image.alt, seen: image.complete && image.naturalWidth > 100 && image.width > 100 }))"""
OF_VIEWERS = ("MathJax", "require", "mermaid")
OF_OTHERS = "/labextensions/"  # extensions of JupyterLab and Notebook that Voilà finds and cannot use
RUN_BY_VOILA = ("01_backprop", "05_adaptive")  # a film and a reel; each is run from its beginning


def pictures(path):
    """``(number of pictures, captions of the live ones)`` of a stored notebook."""
    outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", ())]
    live = [output for output in outputs if is_live(output)]
    captions = [output.metadata["image/png"]["alt"] for output in live]
    return sum("image/png" in output.get("data", ()) for output in outputs), captions


def opened(browser, address):
    """A page without a network but for this machine, and what it complained of."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, offline=address.startswith("file")).new_page()
    errors = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    return page, errors


def of_ours(errors):
    """Without what the viewers say of their own parts: offline, or in another viewer than they were made for."""
    ours = [error for error in errors if OF_OTHERS not in error or "anywidget" in error]
    return [error for error in ours if not any(noise in error for noise in (*NOISE, *OF_VIEWERS))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"ch{path.stem}")
def test_nbconvert_shows_every_picture_and_caption(browser, tmp_path, path):
    html, _ = HTMLExporter(template_name="lab").from_filename(str(path))
    page_file = tmp_path / f"{path.stem}.html"
    page_file.write_text(html, encoding="utf-8")
    number, captions = pictures(path)
    page, errors = opened(browser, page_file.as_uri())
    shown = page.evaluate(SHOWN)
    assert len(shown) == number > 0 and all(image["seen"] for image in shown)
    text = " ".join(page.locator("body").inner_text().split())
    assert captions and [caption for caption in captions if " ".join(caption.split()) not in text] == []
    assert page.get_by_text("Error displaying widget").count() == 0
    assert of_ours(errors) == []
    page.context.close()


@pytest.fixture
def voila(tmp_path):
    """``serve(notebook)``: its address while Voilà runs it."""
    started = []

    def serve(path):
        port = free_port()
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "JUPYTER_CONFIG_PATH": str(CONFIGURATION),
            "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "OMP_NUM_THREADS": "1",
        }
        with (tmp_path / "voila.log").open("w") as log:
            command = [sys.executable, "-m", "voila", str(path), "--no-browser", f"--port={port}"]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=tmp_path)
        started.append(process)
        _wait_until_it_answers(f"http://127.0.0.1:{port}/voila/static/voila.js", process, tmp_path / "voila.log")
        return f"http://127.0.0.1:{port}/"

    yield serve
    for process in started:
        process.terminate()
        process.wait(20)


@pytest.mark.skipif(find_spec("voila") is None, reason="Voilà is not installed: pip install voila")
@pytest.mark.parametrize("name", RUN_BY_VOILA)
def test_voila_shows_every_live_figure_which_answers(browser, tmp_path, voila, name):
    cells, number = live_cells(ROOT / "notebooks" / f"{name}.ipynb")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata=kernel), tmp_path / f"{name}.ipynb")
    page, errors = opened(browser, voila(tmp_path / f"{name}.ipynb"))
    figures = page.locator("figure.course-figure")
    figures.nth(number - 1).wait_for(timeout=180 * SECONDS)
    assert figures.count() == number > 0
    for place in range(number):
        figure = figures.nth(place)
        figure.scroll_into_view_if_needed()
        page.wait_for_function(
            "figure => figure.querySelector('.course-picture').dataset.frames > 0",
            arg=figure.element_handle(),
            timeout=60 * SECONDS,
        )
        caption, slider = figure.locator(".course-caption"), figure.locator("input[type=range]:visible").first
        before = caption.inner_text()
        slider.press("ArrowLeft" if slider.input_value() != "0" else "ArrowRight")
        page.wait_for_function(
            "([node, text]) => node.innerText !== text",
            arg=[caption.element_handle(), before],
            timeout=60 * SECONDS,
        )
    assert of_ours(errors) == []
    page.context.close()
