"""A notebook that was run and saved, opened again without its kernel: pictures, captions and questions are there."""

import nbformat
import pytest

from tests.kit.browser.lab import SECONDS, TOKEN, answer_of

pytestmark = pytest.mark.browser
CODE = [
    "from course_lib.chapters.ch08_dropout.widgets import mask_viewer\nfrom course_lib.widgets import quiz, visualiser",
    "mask_viewer()",
    'visualiser("ravine")',
    'quiz("00-q", "Which?", right=("this", "Yes, this."), wrong=[("that", "Not that.")])',
]
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"


@pytest.fixture(scope="module")
def saved(open_notebook, lab_server):
    """The file, and the caption of its first figure when it was saved, after a slider was moved."""
    address, work = lab_server
    lab = open_notebook(CODE)
    lab.run_all()
    figure = lab.figure()
    first = lab.caption(figure)
    lab.painted_after(figure, lambda: lab.slider(figure, "Drop rate").press("ArrowRight"))
    lab.settled(figure)
    said = lab.caption(figure)
    assert said != first
    lab.page.evaluate(SAVE)
    path = max(work.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
    for session in answer_of(f"{address}/api/sessions"):
        answer_of(f"{address}/api/sessions/{session['id']}", "DELETE")
    return path, said


def test_the_file_holds_pictures_and_captions_and_no_dead_view(saved):
    path, said = saved
    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert "widgets" not in notebook.metadata
    assert not any("widget-view" in kind for output in outputs for kind in output.get("data", ()))
    assert said in [" ".join(output.data["text/plain"].split()) for output in outputs if "data" in output]
    assert sum("image/png" in output.get("data", ()) for output in outputs) == 2


@pytest.mark.parametrize("place", ["lab", "notebooks"])
def test_opened_again_it_shows_them(browser, lab_server, saved, place):
    address, _ = lab_server
    path, said = saved
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    tree = f"lab/workspaces/again/tree/{path.name}?reset&" if place == "lab" else f"notebooks/{path.name}?"
    page.goto(f"{address}/{tree}token={TOKEN}")
    page.get_by_text(said).wait_for(timeout=90 * SECONDS)
    page.get_by_text("Which?").first.wait_for(timeout=30 * SECONDS)
    page.wait_for_function(
        "() => document.querySelectorAll('.jp-OutputArea-output img').length === 2", timeout=30 * SECONDS
    )
    assert page.get_by_text("Error displaying widget").count() == 0
    assert page.get_by_text("Loading widget").count() == 0
