"""``course new``: where things go and what is refused; which tests ``--for`` picks. That it works: ``test_recipes``."""

import shutil

import pytest

from course_lib.optimizers import OPTIMIZERS
from course_lib.tools.concerning import tests_of as picked
from course_lib.tools.new import create
from course_lib.tools.new.edits import Place, cells_of
from tests.tools.prepared_course import ROOT

PARTS = ("course_lib/chapters", "course_lib/optimizers", "tests/chapters/ch03_momentum", "tests/library/optimizers")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "course"
    for name in PARTS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    for name in ("solutions/03_momentum.ipynb", "notebooks/03_momentum.ipynb", "notebooks/09_convolution.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    for name in ("README.md", "pyproject.toml"):
        shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture
def root(original, tmp_path):
    return shutil.copytree(original, tmp_path / "course")


def files(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


KINDS = {
    "exercise": ("clipped_step", "03"),
    "claim": ("half_the_rate", "3"),
    "widget": ("one_bowl", "09"),
    "optimizer": ("QuickStep", None),
    "chapter": ("13_example", None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_is_what_is_told_and_no_place_is_left_open(kind, root):
    before = files(root)
    made = create(kind, *KINDS[kind], root=root)
    after = files(root)
    changed = {name for name in after if after[name] != before.get(name)} - {".ruff_cache"}
    assert {name for name in changed if not name.startswith(".ruff_cache")} == set(made.files)
    for name in made.files:
        assert b"<<" not in after[name], name
    assert all(word in str(made) for word in ("Next:", *made.files)) and len(made.next) >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_one_of_the_same_name_is_refused_and_changes_nothing(kind, root):
    create(kind, *KINDS[kind], root=root)
    before = files(root)
    with pytest.raises(ValueError, match="already"):
        create(kind, *KINDS[kind], root=root)
    assert files(root) == before


@pytest.mark.parametrize(
    ("kind", "name", "chapter", "sentence"),
    [
        ("exercise", "ClippedStep", "03", "no name for a new exercise"),
        ("exercise", "clipped_step", "77", "There is no chapter 77: add --chapter with one of 00, 01"),
        ("claim", "half_the_rate", None, "needs the chapter"),
        ("optimizer", "lion", None, "a class, such as Lion"),
        ("optimizer", "Lion", "03", "leave out --chapter 03"),
        ("chapter", "example", None, "a number and a word"),
        ("chapter", "03_again", None, "Chapter 03 is ch03_momentum already"),
    ],
)
def test_what_will_not_do_is_one_sentence(kind, name, chapter, sentence, root):
    before = files(root)
    with pytest.raises(ValueError, match=sentence):
        create(kind, name, chapter, root=root)
    assert files(root) == before


def test_a_new_optimizer_is_drawn_as_no_other_and_the_others_as_before(root):
    create("optimizer", "QuickStep", root=root)
    text = (root / "course_lib/optimizers/quick_step.py").read_text()
    numbers = [cls.drawn for cls in OPTIMIZERS]
    assert f"drawn: ClassVar[int] = {max(numbers) + 1}\n" in text
    assert len(set(numbers)) == len(numbers)


def test_an_item_goes_to_the_end_of_a_list_in_whatever_form_it_stands(tmp_path):
    forms = {
        "X = ()\n": "X = ( a,)\n",
        "X = (b,)\n": "X = (b, a)\n",
        "X = [b, c]\n": "X = [b, c, a]\n",
        "X: tuple = (\n    b,\n)\n": "X: tuple = (\n    b, a\n)\n",
        'é = "ü"; X = (b,)\n': 'é = "ü"; X = (b, a)\n',
    }
    for source, expected in forms.items():
        (tmp_path / "x.py").write_text(source, encoding="utf-8")
        place = Place(tmp_path)
        place.add_item("x.py", "X", "a")
        assert place.changed["x.py"].replace("\n)", ")") == expected.replace("\n)", ")")
    (tmp_path / "x.py").write_text("X = tuple(sorted(b))\n")
    with pytest.raises(ValueError, match="by hand"):
        Place(tmp_path).add_item("x.py", "X", "a")


def test_code_is_added_below_and_its_imports_above(tmp_path):
    (tmp_path / "x.py").write_text('"""X."""\n\nimport os\n\nA = os.sep\n')
    place = Place(tmp_path)
    place.add_code("x.py", "import re\n\n\nB = re.compile(A)\n")
    assert place.changed["x.py"] == '"""X."""\n\nimport os\nimport re\n\nA = os.sep\n\n\nB = re.compile(A)\n'


def test_cells_have_their_kind_role_and_exercise():
    one, two = cells_of("%% markdown statement 03-8\n# A\n%% code\nx = 1\n\ny = 2\n")
    assert (one.cell_type, one.metadata) == ("markdown", {"course": {"role": "statement", "exercise": "03-8"}})
    assert (two.cell_type, two.metadata, two.source) == ("code", {}, "x = 1\n\ny = 2")


@pytest.mark.parametrize("what", ["03-5", "C-03-5", "03", "Momentum", "phase_map", "Exercise", "grade_folder"])
def test_every_file_that_is_picked_is_there(what):
    *paths, _ = [word for word in [*picked(what), ""] if not word.startswith("-")]
    paths = [path for path in paths if path.startswith("tests/")]
    assert paths and all((ROOT / path).exists() for path in paths)


@pytest.mark.parametrize("what", ["77", "77-1", "NoSuchClass", "two words", "C-77-1"])
def test_what_nobody_knows_is_one_sentence(what):
    with pytest.raises(ValueError, match=r"^(There is no|'two words' is no)"):
        picked(what)
