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
        "--present", action="store_true", help="open a copy of its core without outputs, in large type"
    )
    command.add_argument("--port", type=port_number, default=8888, help="first port to try (8888)")
    command.add_argument("--no-browser", action="store_true", help="print the address, open nothing")

    command = add(
        "test",
        "run all tests, and the checks of form; arguments go to pytest",
        "Without arguments: ruff, the exercises and stored outputs, every notebook and every test; of what is tried\n"
        "at many places alike (seeds, bent answers, rooms, recipes) a sample, by rule: tests/sample.py. All of it\n"
        "runs at night, and with a path. The last lines say what ran, what was skipped and why, and what took long.\n"
        "--quick alone is what one runs before a commit: ruff, exercises, floors, names, the library's units, and\n"
        "with one seed each exercise's right answers, stub and one known mistake in four; no notebooks or browser.",
        "test",
        "test --quick",
        "test --for 03-5",
        "test tests/library/test_surfaces.py -x",
        extras=("test", "data", "torch", "nbgrader", "dask", "xlsx", "book", "poll"),
        whole=True,
        bad="something failed",
    )
    command.add_argument("--quick", action="store_true", help="in about a minute: what one runs before a commit")
    command.add_argument("--for", dest="about", metavar="WHAT", help="an exercise, claim, chapter, optimizer, widget")
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
    command.add_argument(
        "--classroom", action="store_true", help="print what GitHub Classroom's reporter reads, and nothing else"
    )

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
    command.add_argument(
        "--settings", type=Path, metavar="TOML", help="deadline, weights and so on; assignments/NN.toml if it is there"
    )
    command.add_argument("--times", type=Path, metavar="CSV", help="when each student handed in: student,time")
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
        "regrade",
        "change marks afterwards, with a reason, and see first whose would change",
        "Marks again what lies in GRADES, by the checks as they are now: one student, one exercise, or all. With\n"
        "--dry-run only says whose points and marks would change. The reason stands on the page of everybody whose\n"
        "points it moved. With --points a person decides what one answer is worth, whatever the checks say of it.",
        "regrade grades/ --dry-run",
        'regrade grades/ --exercise 03-2 --reason "The check of the first step was too strict."',
        'regrade grades/ --student student42 --exercise 03-2 --points 5 --reason "Right for rows, which was not said."',
        extras=("data",),
    )
    command.add_argument("grades", type=Path, help="results of grade")
    command.add_argument("--student", metavar="KEY", help="as it stands first in grades.csv; all if left out")
    command.add_argument("--exercise", metavar="ID", help="such as 03-2, the others stay; all if left out")
    command.add_argument("--points", type=float, help="what a person decided, in points of the checks")
    command.add_argument("--reason", help="shown to those whose points change")
    command.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")
    command.add_argument("--submissions", type=Path, help="where what was handed in lies now, if it was moved")

    command = add(
        "similar",
        "write a table of answers that are alike, as pairs to look at",
        "Compares the answers to each exercise by their syntax trees: names, numbers and comments make no difference,\n"
        "and what our solution, the known mistakes or a third of the class have too says nothing. Pairs are for a\n"
        "person to look at, and no verdict. Writes similar.html and similar.csv into GRADES.",
        "similar grades/",
    )
    command.add_argument("grades", type=Path, help="results of grade")

    command = add(
        "export",
        "write marks as a spreadsheet, or feedback as a zip for Moodle",
        'xlsx: all tables as one spreadsheet. moodle: a zip of the feedback pages, for "Upload multiple feedback\n'
        'files in a zip". What Canvas, Moodle, Blackboard and Gradescope read of marks is written by every grade.',
        "export xlsx grades/",
        "export moodle grades/",
        extras=("xlsx",),
    )
    command.add_argument("form", choices=("xlsx", "moodle"), help="what to write")
    command.add_argument("grades", type=Path, help="results of grade")

    command = add(
        "release",
        "pack what students get for an assignment",
        "The exercise notebook, data files that stand beside its solution, the course's library as a wheel, and what\n"
        "starts it: course.py, or requirements.txt for pip. No solutions, no seeds. The same course, the same bytes.\n"
        "Where assignments/NN.toml (or --settings) is there, only its exercises, with its points and its deadline.",
        "release 03 -o release/",
        whole=True,
    )
    command.add_argument("assignment", metavar="NN", help="chapter, such as 03")
    command.add_argument("-o", "--out", type=Path, required=True, help="folder to pack into; made if missing")
    command.add_argument("--settings", type=Path, metavar="TOML", help="deadline, exercises and so on of this sheet")
    command.add_argument(
        "--classroom", action="store_true", help="also the workflow of a template repository of GitHub Classroom"
    )

    command = add(
        "autograder",
        "pack the grader for Gradescope",
        "One zip with setup.sh, run_autograder, the course's wheel, the sheet's settings and the secret seed: upload\n"
        "it as the autograder of a programming assignment. Whoever has the zip has the seed: it is the lecturer's."
        "\nWhere the sheet costs something for lateness, switch Gradescope's own late penalty off.",
        "autograder 03 -o gradescope_03.zip",
        whole=True,
    )
    command.add_argument("assignment", metavar="NN", help="chapter, such as 03")
    command.add_argument("-o", "--out", type=Path, required=True, help="the zip, or a folder for it")
    command.add_argument("--settings", type=Path, metavar="TOML", help="deadline, exercises and so on of this sheet")
    command.add_argument("--seed", type=int, help="seed of the hidden inputs; a new secret one if left out")
    command.add_argument(
        "--allow-unsafe", action="store_true", help="record marks even where student code cannot be confined"
    )

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
        "build --docs",
        extras=("data",),
        whole=True,
        good=", and nothing is wrong",
        bad="a notebook breaks a rule or a cell failed; with --check also: something is not up to date",
    )
    command.add_argument("paths", nargs="*", type=Path, metavar="NOTEBOOK", help="what to build; all if left out")
    command.add_argument("--check", action="store_true", help="change nothing, say what would change")
    command.add_argument("--docs", action="store_true", help="only the generated pages of docs/; runs no notebook")

    command = add(
        "translate",
        "make or update the catalogues of a language, and say what is to be translated",
        "Catalogues are gettext's: course_lib/settings/languages/de.po, and languages/de.po in the folder of each\n"
        "chapter that is named, or has one already. Poedit and its like open them. A text whose English has changed\n"
        "keeps the translation of the old one, marked as fuzzy, and is shown in English until a person has looked.\n"
        "--check writes nothing.",
        "translate fr --chapter 03",
        "translate de",
        "translate de --check",
        extras=("data",),
        whole=True,
        good=", and everything is translated",
        bad="something is to be translated",
    )
    command.add_argument("language", metavar="LANGUAGE", help="its short name, such as fr")
    command.add_argument("--chapter", metavar="NN", action="append", default=[], help="also this chapter")
    command.add_argument("--check", action="store_true", help="change nothing, say what is to be done")

    command = add(
        "new",
        "make the files of a new exercise, optimizer, claim, live figure or chapter",
        "All places are filled in, and what is made builds and passes its tests as it stands: write your own over it.\n"
        "What was made and what to type next is printed.",
        "new exercise clipped_step --chapter 03",
        "new claim half_the_rate --chapter 00",
        "new widget one_bowl --chapter 00",
        "new optimizer Lion",
        "new chapter 13_preconditioning",
        extras=("test", "data"),
        whole=True,
    )
    command.add_argument("kind", choices=("exercise", "claim", "widget", "optimizer", "chapter"), help="what to make")
    command.add_argument("name", metavar="NAME", help="of the function, the class or the notebook")
    command.add_argument("--chapter", metavar="NN", help="number of the chapter, for exercise, claim and widget")

    command = add(
        "book",
        "write the whole course as a site that needs neither a kernel nor a network",
        "Chapters from the stored notebooks, exercises, claims, errata, conventions, equations and the library; what\n"
        "is live stays live, and all of it can be searched. Films are made anew only where something changed.\n"
        "A link that leads nowhere, a picture without words or an address that stands twice stops it. SITE opens in a\n"
        "browser as it is (index.html), and any web server can serve it.",
        "book -o site/",
        extras=("data", "torch", "book"),
        whole=True,
    )
    command.add_argument(
        "-o", "--out", metavar="SITE", type=Path, required=True, help="folder; a site there is replaced"
    )

    command = add(
        "slides",
        "write a chapter as slides that need neither a kernel nor a network",
        "Runs the notebook and writes its core as one HTML file, in which figures move and questions answer.\n"
        "S opens a second window for the lecturer: notes, clock, next slide. O shows all slides, F the whole screen,\n"
        "B blackens it, C shows captions, ? the other keys; ?print-pdf after the address prints. docs/lecturing.md\n"
        "says what to ask, and when.",
        "slides 03 -o lecture/",
        "slides notebooks/03_momentum.ipynb -o it.html --still",
        extras=("data",),
        whole=True,
    )
    command.add_argument("notebook", metavar="NN", help="chapter, such as 03, or a notebook")
    command.add_argument("-o", "--out", type=Path, required=True, help="folder, or a file that ends in .html")
    command.add_argument(
        "--still", action="store_true", help="run nothing: stored outputs, figures that stand still; takes a second"
    )

    command = add(
        "poll",
        "ask a class the predictions of a chapter, on their phones",
        "Phones open a short address or its QR code and choose; your own page shows the question, the bars and the\n"
        "address, and goes on to the next. A phone has one answer, which it may change until you close the question.\n"
        "Beside the prediction in a notebook (lab 03 --present) the same bars grow, with the code and the buttons;\n"
        "--slides shows slides that were written before, with the bars beside what they ask.\n"
        "Only counts are kept, in memory; they are printed at the end, and nothing leaves this machine. Without\n"
        "--address only this machine reaches it: name the address that phones reach, in a network that you trust.",
        "poll 03",
        "poll 03 --address 192.168.1.5 --minutes 50",
        "poll 03 --slides lecture/",
        extras=("poll",),
        whole=True,
        good="; it was ended with Ctrl-C, or its minutes are over",
    )
    command.add_argument("notebook", metavar="NN", help="chapter, such as 03, or a notebook")
    command.add_argument("--address", default="127.0.0.1", help="of this machine, to listen on (127.0.0.1)")
    command.add_argument("--port", type=port_number, default=8700, help="first port to try (8700)")
    command.add_argument("--minutes", type=whole_number, help="end by itself after so many; Ctrl-C ends it before")
    command.add_argument("--slides", metavar="PATH", type=Path, help="file or folder of slides to show with the bars")
    command.add_argument("--no-browser", action="store_true", help="print your page's address, open nothing")

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

    command = add(
        "progress",
        "show which predictions, checks and quizzes are done",
        "Read from a file in this copy of the course, which the last line names; nothing is ever sent anywhere.\n"
        "What was done in another copy is added by --import, which takes nothing away.",
        "progress",
        "progress --export my_progress.json",
        "progress --import my_progress.json",
    )
    group = command.add_mutually_exclusive_group()
    group.add_argument("--export", metavar="FILE", help="write what is recorded to a file that is not there yet")
    group.add_argument("--import", dest="import_from", metavar="FILE", help="add what such a file holds")

    command = add(
        "review",
        "ask again what was predicted wrong, after three days, a week, three weeks",
        "A prediction that was wrong comes back: type the number of an option. Right, and it comes back later, three\n"
        "times in all; wrong, and it begins again. The reasons are those of the notebook.",
        "review",
        good="; also where nothing is due",
    )
    command.add_argument("--all", action="store_true", help="ask also what is not due yet")
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
