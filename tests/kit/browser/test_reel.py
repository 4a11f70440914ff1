"""What the browser makes of a reel's bytes is what Python makes of them: at every step, between the points too."""

from base64 import b64encode
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import course_lib.widgets
from course_lib.widgets.frames import MARK, UNIT, crossing, pack, unpack

pytestmark = pytest.mark.browser
FOLDER = Path(course_lib.widgets.__file__).parent
BOX = {"left": 100, "right": 500, "top": 50, "bottom": 450}
LINES = """([packed, count, last]) => {
    const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const view = ([name, text]) => [name, new DataView(bytes(text).buffer)];
    const none = new DataView(new ArrayBuffer(0));
    const reel = decoded({ vectors: none, ...Object.fromEntries(Object.entries(packed).map(view)) });
    const each = (length, make) => Array.from({ length }, (_, number) => make(number));
    return each(count, (line) => each(last + 1, (step) => lineUpTo(reel, line, step)));
}"""


@pytest.fixture(scope="module")
def scripts(context):
    """A page in which the functions of reel.js can be called."""
    text = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in ("controls.js", "reel.js"))
    with closing(context((400, 300)).new_page()) as page:
        page.add_script_tag(content=text.partition("export default")[0])
        yield page


def as_text(data):
    return {name: b64encode(part).decode() for name, part in data.items()}


def walks(num_steps, positions, straight):
    """Paths that turn often, or straight ones whose speed changes, of which most points are left out."""
    if straight:
        share = np.linspace(0, 1, num_steps + 1)[:, None, None] ** np.arange(1, positions + 1)[:, None]
        return 50 + share * [400.0, 250.0]
    return 300 + np.cumsum(np.random.default_rng(0).normal(scale=4, size=(num_steps + 1, positions, 2)), axis=0)


@pytest.mark.parametrize("num_steps", [1, 2, 17, 60])
def test_a_line_ends_where_the_run_is_at_that_step(scripts, num_steps):
    packed = pack([walks(num_steps, 3, straight=False), walks(num_steps, 3, straight=True)])
    found = scripts.evaluate(LINES, [as_text(packed), 6, num_steps])
    for line in range(6):
        for step in range(num_steps + 1):
            expected, drawn = unpack(packed, line, step), np.array(found[line][step])
            np.testing.assert_allclose(drawn[-1], expected[-1], atol=1e-9, err_msg=f"line {line}, step {step}")
            np.testing.assert_allclose(drawn[: len(expected) - 1], expected[:-1], atol=1e-9)


def test_a_path_that_leaves_is_marked_where_python_marks_it(scripts):
    rng = np.random.default_rng(1)
    lines = [300 + np.cumsum(rng.normal(scale=150, size=(5, 2)), axis=0) for _ in range(40)]
    found = scripts.evaluate(
        "([lines, box]) => lines.map((line) => crossing(line, box))", [[*map(np.ndarray.tolist, lines)], BOX]
    )
    expected = [crossing(line, BOX) for line in lines]
    assert {place is None for place in expected} == {True, False}
    for drawn, place in zip(found, expected, strict=True):
        assert (drawn is None) == (place is None)
        assert place is None or np.allclose(drawn, place)


def test_both_sides_count_in_the_same_units(scripts):
    assert scripts.evaluate("() => [UNIT, MARK]") == [UNIT, MARK]
