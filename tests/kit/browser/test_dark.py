"""A dark page: pictures are dark too, what is written in them is read, photographs stay as they are."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from course_lib.chapters.ch09_convolution.widgets import sliding_kernel
from course_lib.tools.notebook_tools import ROOT

pytestmark = pytest.mark.browser
STATIC = "from course_lib.figures.show import show\nfrom course_lib.figures.surface import surface_figure\n" + (
    'from course_lib.surfaces import SURFACES\nshow(surface_figure(SURFACES["saddle_point"]))'
)
CELLS = [
    "from course_lib.chapters.ch05_adaptive.widgets import bias_correction\nbias_correction()",
    "from course_lib.chapters.ch05_adaptive.widgets import adaptive_race\nadaptive_race()",
    "from course_lib.chapters.ch09_convolution.widgets import sliding_kernel\nsliding_kernel()",
    STATIC,
]
PICTURES = ".course-screen, .course-whole"
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"


@pytest.fixture(scope="module")
def lab(open_notebook):
    lab = open_notebook(CELLS)
    lab.run_all()
    for number in range(3):
        lab.figure(number)
    return lab


def shown(lab, theme):
    """Every picture as it stands on the screen in a theme: luminance, ``(height, width)`` each."""
    lab.page.evaluate(THEME, f"JupyterLab {theme}")
    lab.page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light", arg=str(theme == "Light").lower()
    )
    lab.page.wait_for_timeout(500)
    pictures = lab.page.locator(PICTURES)
    assert pictures.count() == len(CELLS)
    return [luminance(pictures.nth(number).screenshot()) for number in range(len(CELLS))]


def luminance(png):
    value = np.asarray(Image.open(BytesIO(png)).convert("RGB")) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_pictures_are_dark_on_a_dark_page_and_their_words_are_read(lab):
    light, dark = shown(lab, "Light"), shown(lab, "Dark")
    for before, after in zip(light, dark, strict=True):
        edge = np.concatenate([part.ravel() for part in (after[2:6], after[-6:-2], after[:, 2:6], after[:, -6:-2])])
        ground, words = np.median(edge), np.quantile(after, 0.999)
        assert np.median(before[2:6]) > 0.9 and ground < 0.02
        assert (words + 0.05) / (ground + 0.05) > 4.5
    assert lab.errors == []


def test_a_photograph_is_the_same_on_both(lab):
    light, dark = (shown(lab, theme)[2] for theme in ("Light", "Dark"))
    where, (height, width) = sliding_kernel().boxes, light.shape
    across, down = width / where["size"][0], height / where["size"][1]
    assert len(where["kept"]) == 3
    for x, y, w, h in where["kept"]:
        rows = slice(round(y * down) + 3, round((y + h) * down) - 3)
        columns = slice(round(x * across) + 3, round((x + w) * across) - 3)
        assert np.abs(light[rows, columns] - dark[rows, columns]).max() < 0.02
        assert np.ptp(light[rows, columns]) > 0.5


def test_stored_pictures_are_dark_too_before_a_cell_is_run(open_notebook):
    lab = open_notebook(ROOT / "notebooks" / "05_adaptive.ipynb")
    lab.page.evaluate(THEME, "JupyterLab Dark")
    lab.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    pictures = lab.page.locator(".jp-RenderedImage img")
    assert pictures.count() > 5
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        seen = luminance(picture.screenshot())
        assert np.median(seen[2:6]) < 0.02 and np.quantile(seen, 0.999) > 0.3, picture.get_attribute("alt")
