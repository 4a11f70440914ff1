"""Every command that a page, a help text or a sentence of the course prints is run, through course.py, as printed."""

import ast
import re
import shlex
import shutil

import nbformat
import pytest

from course_lib import place
from course_lib.tools import commands
from tests.sample import one_in_four
from tests.tools.prepared_course import ROOT, course

PARSER = commands.make_parser("python course.py")
NAMES = commands.names(PARSER)
WORD = r"(?:--?\w[\w-]* (?!-)[\w/{}]+|--?\w[\w-]*|\S*/\S*\w)"  # an option with its value, an option, a file
PROGRAM = r"(?:(?:python3?|py) course\.py|course)"
MAY_PRINT = re.compile(r"course\.py|program\(\)|[`>]course |  course ")  # of a file as it is written
HOLD_NOTEBOOKS = ("notebooks", "solutions", "exercises")
STANDS_FOR = {"NN_name": "03_momentum", "NN": "03", "NAME": "student42", "FOLDER": "shop"}

# What is not run as printed: a part of the command, what is run instead, and why. Every row must be of use.
OTHERWISE = (
    ("lab", "{} --help", "serves until it is stopped; test_cli.py opens it, and test_packs.py that of a pack"),
    ("test tests", "{} --collect-only -q -p no:cacheprovider", "the copy is there for its start, not to be tested"),
    ("test", "{} --help", "runs everything, this test too; test_bootstrap.py runs its steps"),
    ("install", "{} --help", "needs a network; test_bootstrap.py and test_packs.py install"),
    ("build solutions", "{} --check", "runs the notebook, which nbval does; test_notebook_tools.py builds"),
    ("build", "{} --help", "runs every notebook or claim; 'course.py test' itself calls build --check"),
    ("book", "{} --help", "takes minutes; kit/browser/test_book.py writes one"),
    ("slides", "{} --help", "runs a notebook; test_slides.py writes slides"),
    ("poll", "{} --help", "serves until it is stopped; test_poll.py holds one with 300 phones"),
    ("--scheduler", "{} --help", "needs a scheduler; grading/test_spread.py starts one"),
    ("questions", "{} --help", "needs answers in words, which chapter 3 lacks; grading/test_questions.py does it"),
    ("marks", "{} --help", "needs a table that was filled in; grading/test_questions.py reads tables"),
    ("export moodle", "{} --help", "needs a class of Moodle's; grading/test_platform_files.py writes the zip"),
    ("new", "new --help", "it changes the course that the other commands see; test_recipes.py follows it in copies"),
    ("claims", "claims C-03-10{}", "all of them take minutes; tests/claims runs them"),
)
# What is found may be bad; that it ran counts.
ENDS = {"check": {0, 1}, "doctor": {0, 1}, "build": {0, 1}, "translate": {0, 1}}


# --- What is printed -----------------------------------------------------------------------------------


def in_markdown(text):
    """Commands in the code blocks and the code spans of a page or a text cell."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.S | re.M)
    indented = re.findall(r"^ {4,}(\S.*)$", text, re.M)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M))
    lines = [line.strip() for block in blocks for line in block.splitlines()] + indented + spans
    return [found.group(1) for line in lines if (found := re.fullmatch(rf"{PROGRAM} (.+)", line))]


def in_sentences(text):
    """Commands in a sentence: in backticks or ``code`` as they stand, else a name with its options and files."""
    marked = re.findall(rf"(?:`|<code>){PROGRAM} ([^`<]+)(?:`|</code>)", text)
    example = re.findall(rf"^  {PROGRAM} (.+)$", text, re.M)
    bare = re.findall(rf"(?<![`>])(?<!  )(?<!usage: )python course\.py ([\w{{}}]+(?: {WORD})*)", text)
    return marked + example + bare


def strings(path):
    """The string constants of a Python file; in f-strings the program's name is filled in."""

    def filled(node):
        if isinstance(node, ast.FormattedValue):
            return "python course.py" if ast.unparse(node.value) == "place.program()" else "{}"
        return node.value

    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(filled(value) for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def printed():
    """``{command: places}`` of everything that can be read."""
    found = {}

    def note(where, texts):
        for text in texts:
            command = re.split(r"\s+(?:#|>)", text)[0].strip().rstrip(".,;:)")
            if "COMMAND" not in command and "{" not in command:  # put together when it is said: see below
                found.setdefault(command, []).append(where)

    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = page.read_text(encoding="utf-8")
        note(page.name, in_markdown(re.sub(r"^```bash\n.*?^```", "", text, flags=re.S | re.M)))  # see test_recipes.py
    for path in (
        path for folder in ("notebooks", "solutions", "exercises") for path in (ROOT / folder).glob("*.ipynb")
    ):
        cells = nbformat.read(path, as_version=4).cells
        note(
            f"{path.parent.name}/{path.name}",
            in_markdown("\n\n".join(c.source for c in cells if c.cell_type == "markdown")),
        )
    for path in [ROOT / "course.py", *(ROOT / "course_lib").rglob("*.py")]:
        if MAY_PRINT.search(path.read_text(encoding="utf-8")):  # to take all files to pieces takes seconds
            for text in strings(path):
                note(path.name, in_sentences(text))
    (listed,) = (action.choices for action in PARSER._actions if action.dest == "command")
    note("--help", in_sentences(PARSER.format_help()))
    for name, parser in listed.items():
        note(f"{name} --help", [f"{name} --help", *in_sentences(parser.format_help())])
    note("installing()", in_sentences("\n".join(f"`{place.installing(extra)}`" for extra in ("base", *place.EXTRAS))))
    return found


PRINTED = printed()
TAKE_SOMETHING = ("check", "grade", "release", "feedback", "nbgrader", "page", "slides")
TAKE_SOMETHING += ("regrade", "similar", "export", "autograder")


def as_run(command):
    """The command with its placeholders filled in, or what is run instead of it."""
    for placeholder, value in STANDS_FOR.items():
        command = re.sub(rf"\b{placeholder}\b|(?<=/){placeholder}(?=[._])", value, command)
    for beginning, instead, _ in OTHERWISE:
        if is_meant(beginning, command):
            rest = command.removeprefix("claims").replace(" C-03-2", "")
            return instead.format(rest if beginning == "claims" else command)
    return f"{command} --help" if command in TAKE_SOMETHING else command  # a sentence speaks of it by its name alone


def is_meant(beginning, command):
    """Whether a row of ``OTHERWISE`` is about the command. Help is always run as printed, one claim as well."""
    if "--help" in command or (beginning == "claims" and "C-03" in command):
        return False
    return beginning in command if beginning.startswith("-") else re.match(rf"{beginning}\b", command)


def test_the_pages_print_commands_and_every_way_of_printing_is_read():
    places = {place for places in PRINTED.values() for place in places}
    assert {"README.md", "CONTRIBUTING.md", "CLAIMS.md", "decisions.md", "release.py", "builder.py", "kit.py"} <= places
    assert {"grade --help", "installing()"} <= places
    assert any("10_cnn_training" in place for place in places)
    assert {command.split()[0] for command in PRINTED} == {*NAMES, "--help"}
    planted = (
        "Say `python course.py lbb`, or python course.py chekc in/x.ipynb; then python course.py install --with data."
    )
    assert in_sentences(planted) == ["lbb", "chekc in/x.ipynb", "install --with data"]
    assert in_markdown("a `course lbb 3`\n\n```\npython3 course.py chekc\n```\n\n    py course.py gradde x\n") == [
        *("chekc", "gradde x", "lbb 3"),
    ]


def test_every_command_that_is_not_run_as_printed_has_a_reason_and_no_reason_is_left_over():
    used = {next((row for row in OTHERWISE if is_meant(row[0], command)), None) for command in PRINTED}
    assert set(OTHERWISE) <= used
    assert all(len(reason.split()) > 4 for _, _, reason in OTHERWISE)


# --- Run -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(prepared_course):
    """The course with everything in it that the pages speak of."""
    folder = prepared_course
    for student in ("student42", "dora"):
        (folder / "submissions" / student).mkdir(parents=True)
    shutil.copy(folder / "solutions/03_momentum.ipynb", folder / "submissions/student42")
    shutil.copy(folder / "exercises/03_momentum.ipynb", folder / "submissions/dora")
    shutil.make_archive(str(folder / "submissions"), "zip", folder / "submissions")
    shutil.copytree(folder / "submissions", folder / "in")
    (folder / "students.csv").write_text("id,name\nstudent42,Ada\ndora,Dora\n", encoding="utf-8")
    for name in ("tests/library/test_surfaces.py", "tests/tools/test_notebooks.py", "tests/kit", "tests/chapters"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    for out in ("grades", "more/03"):  # what feedback shows
        done = course(folder, "grade", "submissions/", "-o", out, "--assignment", "03")
        assert done.returncode == 0, done.stderr
    shutil.move(folder / "more/03", folder / "grades/03")
    return folder


RUN = sorted({as_run(command) for command in PRINTED})


def kind(command):
    """Its name and its options: what is done, and not to which files."""
    name, *words = command.split()
    return name, frozenset(word for word in words if word.startswith("-"))


FIRST = {kind(command): command for command in reversed(RUN)}


@pytest.mark.parametrize("command", one_in_four(RUN, lambda command: FIRST[kind(command)] == command))
def test_it_runs_as_it_is_printed(command, folder):
    words = shlex.split(command)
    assert words[0] in (*NAMES, "--help"), PRINTED
    if "-o" in words and words[0] == "grade":  # a folder of results is for one run with one seed
        words[words.index("-o") + 1] = f"out-{abs(hash(command))}"
    done = course(folder, *words)
    said = done.stdout + done.stderr
    assert done.returncode in ENDS.get(words[0], {0}), said
    assert said.strip() and "Traceback" not in said and "error:" not in done.stderr
    assert "Installing" not in done.stderr and "Bringing" not in done.stderr


def test_a_command_that_does_not_exist_would_be_noticed(folder):
    done = course(folder, "gradde", "submissions/")
    assert done.returncode == 2 and all(name in done.stderr for name in NAMES)
    for name in ("test", "install"):  # commands of the start file, said so by the other way in
        assert course(folder, "--help").stdout.count(f"\n    {name} ") == 1


@pytest.mark.parametrize(
    ("line", "extras"),
    [
        ("release 10 -o x", set()),
        ("feedback x", set()),
        ("nbgrader x", {"data", "nbgrader"}),
        ("check exercises/03_momentum.ipynb", {"data"}),
        ("check exercises/10_cnn_training.ipynb", {"data", "torch"}),
        ("grade in -o x", {"data"}),
        ("grade in -o x --assignment 10", {"data", "torch"}),
        ("grade in -o x --scheduler tcp://a:1", {"data", "dask"}),
        ("lab", {"data"}),
        ("lab notebooks/10_cnn_training.ipynb", {"data", "torch"}),
        ("slides 10 -o x", {"data", "torch"}),
        ("book -o x", {"data", "torch", "book"}),
        ("poll 03", {"poll"}),
        ("claims", {"data"}),
        ("progress", set()),
    ],
)
def test_what_a_command_needs_stands_beside_it_and_in_its_help(line, extras):
    options = PARSER.parse_args(line.split())
    assert commands.needed_extras(options) == extras
    (listed,) = (action.choices for action in PARSER._actions if action.dest == "command")
    needs = listed[options.command].format_help().rpartition("needs ")[2]
    assert {extra for extra in place.EXTRAS if f"  {extra} (" in needs} == set(options.extras)


def test_every_extra_is_explained_once():
    assert set(place.EXTRAS) == set(place.requirements()) - {"base"}
