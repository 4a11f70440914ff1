"""The ``course`` command: parse, call, print; nothing else. What a command does stands in the module it calls."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:  # python -m: the current folder may hold what was handed in
    del sys.path[0]

import argparse
import json
import os
from pathlib import Path

NOT_DONE = "  2  it could not be done; one sentence on standard error says why"


def lab(options):
    from course_lib.lab import start

    return start(options.notebook, options.port, not options.no_browser, say=lambda text: print(text, flush=True))


def check(options):
    from course_lib.grading import check_notebook

    well = True
    for notebook in options.notebooks:
        try:
            reports = check_notebook(existing_file(notebook))
        except ValueError as error:
            raise ValueError(f"{notebook}: {error}") from error
        for report in reports:
            print(f"{report}\n")
            well &= report.passed
    return 0 if well else 1


def grade(options):
    from course_lib.grading import grade_folder

    summary = grade_folder(
        options.submissions,
        options.out,
        assignment=options.assignment,
        seed=options.seed,
        allow_unsafe=options.allow_unsafe,
        workers=options.workers,
        scheduler=options.scheduler,
        layout=options.layout,
        roster=options.roster,
        progress=progress_line,
        say=lambda sentence: print(sentence, flush=True),
    )
    print(summary)
    return 1 if summary.failed else 0


def release(options):
    from course_lib.release import release

    for path in release(options.assignment, options.out):
        print(path)


def feedback(options):
    from course_lib.grading.show import student_feedback

    print(student_feedback(options.student, options.grades))


def nbgrader(options):
    from course_lib.nbgrader.layout import assignment_name, bring_in, lay_out

    if options.submissions and not options.assignment:
        raise ValueError(f"{options.folder}: --submissions needs the assignment too, such as --assignment 03.")
    for path in lay_out(options.folder):
        print(f"wrote {path}")
    if options.submissions:
        name = assignment_name(options.assignment)
        names = bring_in(options.submissions, options.folder, name)
        print(f"{len(names)} students in {options.folder / 'submitted'}; next, there: nbgrader autograde {name}")


def claims(options):
    from course_lib.claims import run_claims

    results = run_claims(options.ids or None, progress=progress_line)
    for result in results if options.figures else ():
        options.figures.mkdir(parents=True, exist_ok=True)
        print(f"wrote {result.save_figure(options.figures / f'{result.claim.id}.png')}", file=sys.stderr)
    if options.json:
        print(json.dumps([result.as_dict() for result in results], indent=2))
        return
    for result in results:
        print(result)
        print()


def build(options):
    from course_lib.documents import write_documents
    from course_lib.notebook_tools import build

    for path in options.paths:
        if not path.exists() and path.parent.name != "exercises":  # an exercise may be yet to be made
            raise FileNotFoundError(f"There is no notebook or folder {path}.")
    problems = build(options.paths or None, check=options.check)
    stale = [] if options.paths else write_documents(check=options.check)
    for path in stale:
        print(f"docs/{path.name}{': not up to date; run `course build`.' if options.check else ' changed'}")
    return 1 if problems or (options.check and stale) else 0


def page(options):
    from course_lib.pages import write_page

    print(write_page(chapter(options.notebook), options.out))


def slides(options):
    from course_lib.pages import write_slides

    print(write_slides(chapter(options.notebook), options.out))


def chapter(text):
    """The path of a notebook: ``text`` itself, or the chapter with this number."""
    found = sorted(Path("notebooks").glob(f"{text}_*.ipynb")) if text.isdecimal() else []
    return found[0] if found else Path(text)


def doctor(options):
    from course_lib.doctor import as_json, examine, is_well, table

    findings = examine()
    print(as_json(findings) if options.json else table(findings))
    return 0 if is_well(findings) else 1


def progress(options):
    from course_lib.progress import summary

    print(summary())


def whole_number(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 upwards was expected, not {text!r}")
    return int(text)


def progress_line(done, total, item):
    """Overwrite one line on a terminal: how far, and what comes next."""
    if sys.stderr.isatty():
        text = f"{done}/{total} {getattr(item, 'id', item) or 'done'}"
        print(f"\r{text:70}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def existing_file(path):
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    return path


def port_number(text):
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def layouts():
    from course_lib.grading.layouts import LAYOUTS

    return list(LAYOUTS)


def make_parser():
    parser = argparse.ArgumentParser(
        prog="course",
        description="The course on how deep networks are optimised.",
        epilog="course COMMAND --help explains a command. From a clone: python course.py COMMAND.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name, action, line, text, good="", bad=""):
        command = commands.add_parser(
            name,
            help=line,
            description=f"{line[0].upper()}{line[1:]}.\n\n{text}",
            epilog="\n".join(["exit codes:", f"  0  done{good}", *([f"  1  {bad}"] if bad else []), NOT_DONE]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(action=action)
        return command

    command = add(
        "lab",
        lab,
        "open JupyterLab on the first notebook",
        "The course's folder is the root, the kernel is the Python that runs this command. Where the port is in\n"
        "use the next free one is taken; where there is no browser the address is printed.\n\n"
        "examples:\n  course lab\n  course lab notebooks/03_momentum.ipynb --port 9000 --no-browser",
        good="; the server was stopped (Ctrl-C)",
        bad="the server failed",
    )
    command.add_argument("notebook", nargs="?", default="notebooks/00_start.ipynb", help="notebook to open")
    command.add_argument("--port", type=port_number, default=8888, help="first port to try (8888)")
    command.add_argument("--no-browser", action="store_true", help="print the address, open nothing")

    command = add(
        "check",
        check,
        "check the exercises in a notebook",
        "Runs the visible checks on the functions in the notebook and prints the same reports as its check cells.\n"
        "The marks come from other inputs, so passing here is a good sign and no promise.\n\n"
        "example:\n  course check exercises/03_momentum.ipynb",
        good=", every check passed",
        bad="at least one check failed, or an exercise is not written yet",
    )
    command.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="a notebook with written exercises")

    command = add(
        "grade",
        grade,
        "grade a folder of submissions",
        "Who handed in what is recognised (a folder for each student, files, exports of Canvas, Moodle, Gradescope,\n"
        "GitHub and Google Classroom, nbgrader) and said before the first mark. With a class list everyone on it gets\n"
        "a row. One row for every student, whatever a notebook holds; student code runs in a process of its own that\n"
        "never sees an expected value. Marks, feedback, a class report and the seed that reproduces them go to OUT.\n"
        "After an interruption the same command goes on where it stopped.\n\n"
        "examples:\n  course grade submissions/ -o grades/\n  course grade submissions/ -o grades/ --seed 20260131\n"
        "  course grade submissions.zip -o grades/ --roster students.csv --layout folder\n"
        "  course grade submissions/ -o grades/ --workers 2\n"
        "  course grade submissions/ -o grades/ --scheduler tcp://127.0.0.1:8786",
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
        "release",
        release,
        "pack what students get for an assignment",
        "The exercise notebook, data files that stand beside its solution, the course's library as a wheel, and a\n"
        "requirements.txt that installs it all; no solutions, no seeds. The same course gives the same bytes.\n\n"
        "example:\n  course release 03 -o release/",
    )
    command.add_argument("assignment", metavar="NN", help="chapter, such as 03")
    command.add_argument("-o", "--out", type=Path, required=True, help="folder to pack into; made if missing")

    command = add(
        "feedback",
        feedback,
        "show what a student sees",
        "The page of one student as text, from the results of course grade.\n\n"
        "examples:\n  course feedback student42\n  course feedback student42 --grades grades/03",
    )
    command.add_argument("student", help="name as in grades.csv")
    command.add_argument("--grades", type=Path, default=Path("grades"), help="results of course grade (grades)")

    command = add(
        "nbgrader",
        nbgrader,
        "lay out an nbgrader course whose verdicts come from the sandbox",
        "Writes nbgrader_config.py and source/; then nbgrader's own commands work in FOLDER: generate_assignment,\n"
        "autograde, generate_feedback, formgrader. With --submissions also submitted/, from what course grade takes.\n"
        "Needs the extra: python course.py install --with nbgrader.\n\n"
        "examples:\n  course nbgrader shop/\n  course nbgrader shop/ --submissions submissions/ --assignment 03",
    )
    command.add_argument("folder", type=Path, help="folder of the nbgrader course; made if missing")
    command.add_argument("--submissions", type=Path, help="folder of notebooks, at any depth, or zip archives")
    command.add_argument("--assignment", metavar="NN", help="chapter of the submissions, such as 03")

    command = add(
        "claims",
        claims,
        "run what the lectures claim and print the verdicts",
        "Each claim is measured with seeds and intervals; the rule for its verdict was written before the numbers.\n\n"
        "examples:\n  course claims\n  course claims C-03-2 --figures figures/\n  course claims --json > claims.json",
    )
    command.add_argument("ids", nargs="*", metavar="ID", help="claims to run, such as C-03-2; all if left out")
    command.add_argument("--json", action="store_true", help="print measured numbers and verdicts as JSON")
    command.add_argument("--figures", type=Path, metavar="FOLDER", help="also draw each claim into this folder")

    command = add(
        "build",
        build,
        "run the notebooks and write what is generated",
        "Executes notebooks/ and solutions/, stores outputs without what changes from run to run, and writes\n"
        "exercises/ and the generated pages of docs/. Unchanged text comes out byte for byte the same. (--check\n"
        "leaves the stored outputs to the tests, which run the notebooks.)\n\n"
        "examples:\n  course build\n  course build solutions/03_momentum.ipynb\n  course build --check",
        good=", and nothing is wrong",
        bad="a notebook breaks a rule or a cell failed; with --check also: something is not up to date",
    )
    command.add_argument("paths", nargs="*", type=Path, metavar="NOTEBOOK", help="notebooks to build; all if left out")
    command.add_argument("--check", action="store_true", help="change nothing, say what would change")

    for name, action, line in (
        ("page", page, "write a chapter as one page to read without a kernel or a network"),
        ("slides", slides, "write a chapter as slides that need neither a kernel nor a network"),
    ):
        command = add(
            name,
            action,
            line,
            "Runs the notebook and writes one HTML file. Reels and questions go on working in it; figures whose\n"
            "pictures come from the kernel are still. Slides: arrow keys turn them, N shows notes (What happened).\n\n"
            f"examples:\n  course {name} 03 -o handout/\n  course {name} notebooks/03_momentum.ipynb -o it.html",
        )
        command.add_argument("notebook", metavar="NN", help="chapter, such as 03, or a notebook")
        command.add_argument("-o", "--out", type=Path, required=True, help="folder, or a file that ends in .html")

    command = add(
        "doctor",
        doctor,
        "look at this machine and say what to do about each problem",
        "Packages and versions, graphics card, both halves of the widgets, kernel, browser, sandbox, disk, threads.\n\n"
        "examples:\n  course doctor\n  course doctor --json",
        good="; a note is about something optional",
        bad="something essential is broken",
    )
    command.add_argument("--json", action="store_true", help="print the findings as JSON")

    add(
        "progress",
        progress,
        "show which predictions, checks and quizzes are done",
        "Read from a file on this machine, which the last line names; nothing is ever sent anywhere.\n\n"
        "example:\n  course progress",
    )
    return parser


def is_expected(error):
    """True for what a person can cause and mend; anything else is a mistake of ours and keeps its traceback."""
    if isinstance(error, ModuleNotFoundError):
        return not str(error.name).startswith("course_lib")
    return isinstance(error, (OSError, ValueError, KeyError)) or type(error).__name__ == "GraderError"


def sentence(error):
    """What to tell the person about an error: its own words, on one line."""
    if isinstance(error, ModuleNotFoundError):
        return f"The package {error.name} is not installed here. course doctor says how to get it."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(text).split()) or type(error).__name__


def main(arguments=None):
    """Run one command and return its exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by numerical libraries when they load, later than this
    options = make_parser().parse_args(arguments)
    try:
        return options.action(options) or 0
    except Exception as error:
        if not is_expected(error) or os.environ.get("COURSE_TRACEBACK"):  # the variable: to see where
            raise
        print(f"course: {sentence(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
