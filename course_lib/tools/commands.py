"""The one list of commands: how each is typed, what its help says, and which extras it needs.

``course.py`` reads it before anything is installed, so nothing here or behind it is more than the standard library.
"""

import argparse
import contextlib
from pathlib import Path

from course_lib import place

NOT_DONE = "  2  it could not be done; one sentence on standard error says why"


def make_parser(prog="course"):
    """All commands. ``options.extras`` is what a call needs; ``options.whole`` says that it needs the whole course."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="The course on how deep networks are optimised.",
        epilog=f"{prog} COMMAND --help explains a command.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    clone = place.is_clone()
    notebook = next((path.name for path in sorted(place.folder().glob("[0-9][0-9]_*.ipynb"))), "NOTEBOOK")

    def add(name, line, text, *examples, extras=(), whole=False, good="", bad=""):
        needs = ["the base", *(f"{extra} ({place.EXTRAS[extra]})" for extra in extras)]
        command = commands.add_parser(
            name,
            **({"help": line} if clone or not whole else {}),  # without this it is not listed
            description="\n".join(
                [
                    *(f"{line[0].upper()}{line[1:]}.", "", text, ""),
                    "example:" if len(examples) == 1 else "examples:",
                    *(f"  {prog} {example}" for example in examples),
                ]
            ),
            epilog="\n".join(
                [
                    *("exit codes:", f"  0  done{good}", *([f"  1  {bad}"] if bad else []), NOT_DONE, ""),
                    "needs (course.py installs what is missing first):",
                    *(f"  {need}" for need in needs),
                ]
            ),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(extras=extras, whole=whole)
        return command

    command = add(
        "lab",
        "open JupyterLab on the first notebook",
        "The course's folder is the root, the kernel is the Python that runs this command. Where the port is in\n"
        "use the next free one is taken; where there is no browser the address is printed.",
        "lab",
        "lab notebooks/03_momentum.ipynb --port 9000 --no-browser"
        if clone
        else f"lab {notebook} --port 9000 --no-browser",
        *(["lab 03 --present"] if clone else []),
        extras=("data",),
        good="; the server was stopped (Ctrl-C)",
        bad="the server failed",
    )
    command.add_argument("notebook", nargs="?", help="notebook or chapter to open; the first one if left out")
    command.add_argument(
        "--present", action="store_true", help="open a copy of its core without outputs, to run before a class"
    )
    command.add_argument("--port", type=port_number, default=8888, help="first port to try (8888)")
    command.add_argument("--no-browser", action="store_true", help="print the address, open nothing")

    command = add(
        "test",
        "run all tests, and the checks of form; arguments go to pytest",
        "Without arguments: ruff, the exercises and stored outputs, every test, every notebook. The last lines say\n"
        "what ran, what was skipped and why, and where the time went.\n"
        "--quick alone is what one runs before a commit: ruff, exercises, floors, names, the library's units, each\n"
        "exercise's right answers and stub, and the known mistakes with one seed; no notebooks, browser or grading.",
        "test",
        "test --quick",
        "test tests/library/test_surfaces.py -x",
        extras=("test", "data", "torch", "nbgrader", "dask"),
        whole=True,
        bad="something failed",
    )
    command.add_argument("--quick", action="store_true", help="in about a minute: what one runs before a commit")
    command.add_argument("arguments", nargs="*", help="of pytest, if any")

    add(
        "install",
        "install, or look that everything is still there, and stop",
        "Into .venv beside course.py; nothing has to be activated. Deleting .venv is always safe.",
        "install",
        "install --with torch",
    )

    command = add(
        "check",
        "check the exercises in a notebook",
        "Runs the visible checks on all exercises of the notebook's assignment and prints the same reports as its\n"
        "check cells, and what grading will say: which function is missing and why, which lines were left out.\n"
        "The marks come from other inputs, so passing here is a good sign and no promise.",
        "check exercises/03_momentum.ipynb" if clone else f"check {notebook}",
        extras=("data",),
        good=", every check passed and every line ran that can run there",
        bad="at least one check failed, an exercise is missing, or a line is no Python or stopped",
    )
    command.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="a notebook with written exercises")

    command = add(
        "grade",
        "grade a folder of submissions",
        "Who handed in what is recognised (a folder for each student, files, exports of Canvas, Moodle, Gradescope,\n"
        "Blackboard, Brightspace, GitHub and Google Classroom, nbgrader) and said before the first mark. With a class\n"
        "list everyone on it gets a row. One row for every student, whatever a notebook holds; student code runs in a\n"
        "process of its own that never sees an expected value. Marks, feedback, a class report and the seed that\n"
        "reproduces them go to OUT, a folder elsewhere. After an interruption the same command goes on where it\n"
        "stopped.",
        "grade submissions/ -o grades/",
        "grade submissions/ -o grades/ --seed 20260131",
        "grade submissions.zip -o grades/ --roster students.csv --layout folder",
        "grade submissions/ -o grades/ --workers 2",
        "grade submissions/ -o grades/ --scheduler tcp://127.0.0.1:8786",
        extras=("data",),
        bad="at least one submission could not be graded for a reason that is not the student's",
    )
    command.add_argument("submissions", type=Path, help="folder of notebooks, at any depth, or zip archives")
    command.add_argument("-o", "--out", type=Path, required=True, help="folder for the marks; made if missing")
    command.add_argument(
        "--assignment", metavar="NN", help="chapter, such as 03; found out from the notebooks if left out"
    )
    command.add_argument(
        "--layout", choices=layouts(), metavar="NAME", help=f"how to read SUBMISSIONS: {', '.join(layouts())}"
    )
    command.add_argument("--roster", type=Path, metavar="CSV", help="class list: a row for everyone on it")
    command.add_argument("--seed", type=int, help="seed of the hidden inputs; a new secret one if left out")
    spread = command.add_mutually_exclusive_group()
    spread.add_argument("--workers", type=whole_number, default=1, help="processes that mark at the same time (1)")
    spread.add_argument(
        "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers mark: tcp:// on this computer, or tls://"
    )
    command.add_argument(
        "--allow-unsafe", action="store_true", help="record marks even where student code cannot be confined"
    )

    command = add(
        "questions",
        "write pages on which answers in words are marked",
        "One page a question below GRADES/questions: its rubric, and the answers of all students by keys; names are\n"
        "on the page and hidden. Beside the pages marks.csv, to fill in points and comments; marks reads it back. A\n"
        "table with marks that were not read back yet is kept under another name.",
        "questions grades/",
    )
    command.add_argument("grades", type=Path, help="results of grade")

    command = add(
        "marks",
        "take the marks that a person gave for answers in words",
        "Reads the table of questions, as a spreadsheet program saved it, and writes tables, feedback and the class\n"
        "report anew. Each line stands alone: what is wrong with one is said, the others count.",
        "marks grades/",
        "marks grades/ from_a_colleague.csv",
        bad="at least one line of the table could not be taken",
    )
    command.add_argument("grades", type=Path, help="results of grade")
    command.add_argument("table", type=Path, nargs="?", help="filled in; GRADES/questions/marks.csv if left out")

    command = add(
        "release",
        "pack what students get for an assignment",
        "The exercise notebook, data files that stand beside its solution, the course's library as a wheel, and what\n"
        "starts it: course.py, or requirements.txt for pip. No solutions, no seeds. The same course, the same bytes.",
        "release 03 -o release/",
        whole=True,
    )
    command.add_argument("assignment", metavar="NN", help="chapter, such as 03")
    command.add_argument("-o", "--out", type=Path, required=True, help="folder to pack into; made if missing")

    command = add(
        "feedback",
        "show what a student sees",
        "The page of one student as text, from the results of grade.",
        "feedback student42",
        "feedback student42 --grades grades/03",
    )
    command.add_argument("student", help="name as in grades.csv")
    command.add_argument("--grades", type=Path, default=Path("grades"), help="results of grade (grades)")

    command = add(
        "nbgrader",
        "lay out an nbgrader course whose verdicts come from the sandbox",
        "Writes nbgrader_config.py and source/; then nbgrader's own commands work in FOLDER: generate_assignment,\n"
        "autograde, generate_feedback, formgrader. With --submissions also submitted/, from what grade takes.",
        "nbgrader shop/",
        "nbgrader shop/ --submissions submissions/ --assignment 03",
        extras=("data", "nbgrader"),
        whole=True,
    )
    command.add_argument("folder", type=Path, help="folder of the nbgrader course; made if missing")
    command.add_argument("--submissions", type=Path, help="folder of notebooks, at any depth, or zip archives")
    command.add_argument("--assignment", metavar="NN", help="chapter of the submissions, such as 03")

    command = add(
        "claims",
        "run what the lectures claim and print the verdicts",
        "Each claim is measured with seeds and intervals; the rule for its verdict was written before the numbers.",
        "claims",
        "claims C-03-2 --figures figures/",
        "claims --json > claims.json",
        extras=("data",),
    )
    command.add_argument("ids", nargs="*", metavar="ID", help="claims to run, such as C-03-2; all if left out")
    command.add_argument("--json", action="store_true", help="print measured numbers and verdicts as JSON")
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="also draw each claim into this folder")

    command = add(
        "build",
        "run the notebooks and write what is generated",
        "Executes notebooks/ and solutions/, stores outputs without what changes from run to run, and writes\n"
        "exercises/ and the generated pages of docs/. Unchanged text comes out byte for byte the same. (--check\n"
        "leaves the stored outputs to the tests, which run the notebooks.) With a notebook, only that; with the\n"
        "folder of a chapter in course_lib, what docs/ says of it; with another part, the pages that run nothing.",
        "build",
        "build solutions/03_momentum.ipynb",
        "build course_lib/chapters/ch03_momentum",
        "build --check",
        extras=("data",),
        whole=True,
        good=", and nothing is wrong",
        bad="a notebook breaks a rule or a cell failed; with --check also: something is not up to date",
    )
    command.add_argument("paths", nargs="*", type=Path, metavar="NOTEBOOK", help="what to build; all if left out")
    command.add_argument("--check", action="store_true", help="change nothing, say what would change")

    for name, line in (
        ("page", "write a chapter as one page to read without a kernel or a network"),
        ("slides", "write a chapter as slides that need neither a kernel nor a network"),
    ):
        command = add(
            name,
            line,
            "Runs the notebook and writes one HTML file. Reels and questions go on working in it; figures whose\n"
            "pictures come from the kernel are still. Slides: arrow keys turn them, N shows notes (What happened).",
            f"{name} 03 -o handout/",
            f"{name} notebooks/03_momentum.ipynb -o it.html",
            extras=("data",),
            whole=True,
        )
        command.add_argument("notebook", metavar="NN", help="chapter, such as 03, or a notebook")
        command.add_argument("-o", "--out", type=Path, required=True, help="folder, or a file that ends in .html")

    command = add(
        "doctor",
        "look at this machine and say what to do about each problem",
        "Packages and versions, Python's own variables, graphics card, both halves of the widgets, kernel, browser,\n"
        "sandbox, disk, threads.",
        "doctor",
        "doctor --json",
        good="; a note is about something optional",
        bad="something essential is broken",
    )
    command.add_argument("--json", action="store_true", help="print the findings as JSON")

    add(
        "progress",
        "show which predictions, checks and quizzes are done",
        "Read from a file on this machine, which the last line names; nothing is ever sent anywhere.",
        "progress",
    )
    return parser


def names(parser):
    """Names of the commands."""
    return next(list(action.choices) for action in parser._actions if action.dest == "command")


def needed_extras(options):
    """The extras of a call: its command's, Dask for a scheduler, PyTorch where the notebook that is named uses it."""
    named = [getattr(options, name, None) for name in ("notebook", "notebooks", "assignment", "paths")]
    named = [path for value in named if value for path in (value if isinstance(value, list) else [value])]
    extras = set(options.extras)
    if getattr(options, "scheduler", None):
        extras.add("dask")
    if "data" in extras and any(trains_with_torch(str(name)) for name in named):  # it runs notebooks
        extras.add("torch")
    return extras


def trains_with_torch(name):
    """Whether the notebook, or the chapter with this number, asks for PyTorch in its set-up cell."""
    paths = place.folder().glob(f"exercises/{name.zfill(2)}_*.ipynb") if name.isdecimal() else [place.find(name)]
    with contextlib.suppress(OSError):  # what cannot be read is told by the command itself
        return any(path.is_file() and b"require_torch" in path.read_bytes() for path in paths)
    return False


def whole_number(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 upwards was expected, not {text!r}")
    return int(text)


def port_number(text):
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def layouts():
    from course_lib.grading.layouts import LAYOUTS

    return list(LAYOUTS)
