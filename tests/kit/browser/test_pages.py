"""A chapter as a file in a browser without a kernel and without a network: reels move, questions answer."""

from contextlib import closing

import nbformat
import pytest

from course_lib.tools.pages import write_page, write_slides

pytestmark = pytest.mark.browser
CODE = (
    "from course_lib.chapters.ch01_backprop.widgets import graph_stepper\n"
    'from course_lib.widgets import quiz, visualiser\n\nvisualiser("ravine")',
    'quiz("00-q", "Which?", right=("this", "Yes, this."), wrong=[("that", "Not that.")])',
    "graph_stepper()",
)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "03_short.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Short\n\n$$v \\leftarrow \\mu v \\tag{3.2}$$")]
    cells += [nbformat.v4.new_code_cell(source) for source in CODE]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def written(notebook, tmp_path_factory):
    return write_page(notebook, tmp_path_factory.mktemp("written"))


@pytest.fixture
def open_file(context):
    with closing(context((1280, 800), offline=True).new_page()) as page:

        def open_it(path):
            page.problems = []
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
            page.on("request", lambda asked: page.problems.append(asked.url) if asked.url.startswith("http") else None)
            page.goto(path.as_uri())
            page.wait_for_function("() => document.body.dataset.ready")
            return page

        yield open_it


def test_a_page_goes_on_working_without_a_kernel(open_file, written):
    page = open_file(written)
    race = page.locator("figure.course-figure").first
    slider, caption = race.get_by_role("slider", name="Learning rate", exact=True), race.locator(".course-caption")
    race.locator("canvas[data-waiting=false]").wait_for()
    said, shown = caption.inner_text(), race.locator("canvas").screenshot()
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    page.wait_for_timeout(300)
    assert caption.inner_text() != said and race.locator("canvas").screenshot() != shown
    page.get_by_label("that").check()
    assert "Not that." in page.locator(".course-question").inner_text()
    assert page.locator("math").count() == 1
    assert page.problems == []


def test_a_figure_that_the_kernel_draws_moves_as_a_film(open_file, written):
    page = open_file(written)
    graph = page.locator("figure.course-figure").nth(1)
    screen, caption = graph.locator(".course-screen"), graph.locator(".course-caption")
    first = caption.inner_text(), screen.screenshot()
    step = graph.get_by_role("slider", name="Step", exact=True)
    seen = {first}
    newer = "([figure, n]) => figure.querySelector('.course-picture').dataset.frames > n"
    for key in ("End", "Home"):
        frames = int(graph.locator(".course-picture").get_attribute("data-frames"))
        step.press(key)
        page.wait_for_function(newer, arg=[graph.element_handle(), frames])
        seen.add((caption.inner_text(), screen.screenshot()))
    assert len({said for said, _ in seen}) >= 2 and len({shown for _, shown in seen}) >= 2
    graph.get_by_role("combobox", name="Mode", exact=True).select_option(index=1)
    assert step.input_value() != step.get_attribute("min") or first[0] == caption.inner_text()
    assert graph.locator("input[type=text].course-formula").count() == 0  # what has no positions cannot be here
    assert page.problems == []


def test_slides_turn_fit_the_screen_and_show_their_notes(open_file, notebook, tmp_path):
    page = open_file(write_slides(notebook, tmp_path))
    for number in range(1, 5):
        page.locator(".bar output", has_text=f"{number} / 4").wait_for()  # the address changes first, then the slide
        box = page.locator(".slide.now").bounding_box()
        assert box["height"] <= 800 and box["width"] <= 1281
        page.keyboard.press("PageDown")
    page.keyboard.press("n")
    assert "notes" in page.locator("body").get_attribute("class")
    assert page.problems == []
