"""The ``course`` command: parse, call, print; nothing else. What a command does stands in the module it calls.

What can be typed stands in ``commands``. A command is the function of its name here.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:  # python -m: the current folder may hold what was handed in
    del sys.path[0]

import codecs
import json
import os
import select
from pathlib import Path

from course_lib import place
from course_lib.tools import commands


def lab(options):
    from course_lib.tools.lab import first_notebook, notebook_path, start
    from course_lib.tools.presenting import presented

    notebook = chapter(options.notebook) if options.notebook else first_notebook()
    return start(
        presented(place.folder() / notebook_path(notebook)) if options.present else notebook,
        options.port,
        not options.no_browser,
        say=lambda text: print(text, flush=True),
        present=options.present,
    )


def check(options):
    from course_lib.grading import check_notebook

    if options.classroom:
        from course_lib.tools.autograder.classroom import results

        print("\n".join(results(existing_file(place.find(notebook))) for notebook in options.notebooks))
        return 0
    well = True
    for notebook in options.notebooks:
        try:
            found = check_notebook(existing_file(place.find(notebook)))
        except ValueError as error:
            raise ValueError(f"{notebook}: {error}") from error
        print(f"{found}\n")
        well &= found.well
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
        settings=options.settings,
        times=options.times,
        progress=progress_line,
        say=lambda sentence: print(sentence, flush=True),
    )
    print(summary)
    return 1 if summary.failed else 0


def questions(options):
    from course_lib.grading.questions import write_questions

    for path in write_questions(options.grades):
        print(path)


def marks(options):
    from course_lib.grading.questions import take_marks

    taken = take_marks(options.grades, options.table)
    print(taken)
    return 1 if taken.refused else 0


def regrade(options):
    from course_lib.grading.regrade import regrade

    print(
        regrade(
            options.grades,
            student=options.student,
            exercise=options.exercise,
            points=options.points,
            reason=options.reason or "",
            dry_run=options.dry_run,
            submissions=options.submissions,
            progress=progress_line,
        )
    )


def similar(options):
    from course_lib.grading.show import results
    from course_lib.grading.similar import write_similar
    from course_lib.tools.notebook_tools.assignments import solution_texts

    _, rows = results(options.grades / "grades.sqlite", "anybody", hide=False)
    paths, count = write_similar(
        rows, options.grades, solution_texts(rows[0]["exercises"][0]["id"][:2] if rows else "")
    )
    for path in paths:
        print(path)
    print(f"{count} pairs to look at.")


def export(options):
    from course_lib.grading import given_back

    if options.form == "xlsx":
        print(given_back.write_spreadsheet(options.grades))
        return
    path, without = given_back.write_moodle_feedback(options.grades)
    print(path)
    if without:
        print(f"Without a number of Moodle's, and not in it: {', '.join(without)}.")


def translate(options):
    from course_lib.chapters import CHAPTERS, number_of
    from course_lib.tools import languages

    named = {number.zfill(2) for number in options.chapter}
    if unknown := named - set(map(number_of, CHAPTERS)):
        raise ValueError(f"There is no chapter {', '.join(sorted(unknown))}.")
    there = languages.chapters_in(options.language)
    chapters = [one for one in CHAPTERS if one in there or number_of(one) in named]
    act = languages.stale if options.check else languages.update
    faults = act(options.language, chapters)
    print("\n".join(languages.told(faults)))
    return 1 if any(faults.values()) else 0


def release(options):
    from course_lib.tools.release import release

    if options.classroom:
        from course_lib.tools.autograder.classroom import write_template as release
    for path in release(options.assignment, options.out, settings=options.settings):
        print(path)


def autograder(options):
    from course_lib.tools.autograder.gradescope import write_autograder

    print(
        write_autograder(
            options.assignment, options.out, options.settings, options.seed, allow_unsafe=options.allow_unsafe
        )
    )


def feedback(options):
    from course_lib.grading.show import student_feedback

    print(student_feedback(options.student, options.grades))


def nbgrader(options):
    from course_lib.tools.nbgrader.layout import assignment_name, bring_in, lay_out

    if options.submissions and not options.assignment:
        raise ValueError(f"{options.folder}: --submissions needs the assignment too, such as --assignment 03.")
    written = lay_out(options.folder)
    for path in written:
        print(f"wrote {path}")
    if not written:
        print(f"{options.folder} is up to date.")
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
    from course_lib.tools.documents import write_documents
    from course_lib.tools.notebook_tools import build, write_tables

    paths = [place.find(path).resolve() for path in options.paths]
    for path in paths:
        if not path.exists() and path.parent.name != "exercises":  # an exercise may be yet to be made
            raise FileNotFoundError(f"There is no notebook or folder {path}.")
    home = place.LIBRARY / "course_lib"
    library = [path.relative_to(home) for path in paths if path.is_relative_to(home)]
    chapters = [path.parts[1] for path in library if path.parts[:1] == ("chapters",) and len(path.parts) > 1]
    notebooks = [path for path in paths if not path.is_relative_to(home)]
    if options.docs and notebooks:
        raise ValueError(f"--docs runs no notebook: leave out {notebooks[0].name}, or --docs.")
    run = notebooks or not (paths or options.docs)
    problems = []
    if run:
        problems = build(notebooks or None, check=options.check)
    elif not options.check:
        problems = write_tables()
    only = {} if library or not paths else {"pages": ("lecturing.md",)}  # what is read out of notebooks
    stale = write_documents(options.check, chapters=chapters if paths else None, **only)
    for path in stale:
        print(f"docs/{path.name}{': not up to date; run `python course.py build`.' if options.check else ' changed'}")
    return 1 if problems or (options.check and stale) else 0


def new(options):
    from course_lib.tools.new import create

    print(create(options.kind, options.name, options.chapter))


def book(options):
    from course_lib.tools.book import write_book

    print(write_book(options.out, say=lambda text: print(text, flush=True)))


def slides(options):
    from course_lib.tools.slides import write_slides

    print(write_slides(chapter(options.notebook), options.out, options.still))


def poll(options):
    from course_lib.tools.poll import hold

    hold(
        chapter(options.notebook),
        options.address,
        options.port,
        options.minutes,
        not options.no_browser,
        say=lambda text: print(text, flush=True),
        slides=options.slides,
    )


def chapter(text):
    """The path of a notebook: ``text`` itself, or the chapter with this number."""
    found = sorted((place.folder() / "notebooks").glob(f"{text}_*.ipynb")) if text.isdecimal() else []
    return found[0] if found else place.find(text)


def doctor(options):
    from course_lib.tools.doctor import as_json, examine, is_well, table

    findings = examine()
    print(as_json(findings) if options.json else table(findings))
    return 0 if is_well(findings) else 1


def progress(options):
    from course_lib.progress import export, merge, summary

    if options.export:
        print(f"Written to {export(options.export)}.")
    elif options.import_from:
        number = merge(existing_file(options.import_from))
        print(f"{number} {'entry is' if number == 1 else 'entries are'} new or further now.")
    else:
        print(summary())


def review(options):
    from course_lib.tools.review import review as ask

    return ask(everything=options.all)


GRADING = (check, grade, questions, marks, regrade, similar, export, release, autograder, feedback, nbgrader)
ALONE = (doctor, progress, review)
ACTIONS = {
    action.__name__: action for action in (lab, *GRADING, claims, new, build, translate, book, slides, poll, *ALONE)
}


def progress_line(done, total, item):
    """Overwrite one line on a terminal: how far, and what comes next."""
    if sys.stderr.isatty():
        text = f"{done}/{total} {getattr(item, 'id', item) or 'done'}"
        print(f"\r{text:70}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def existing_file(path):
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    return path


def is_expected(error):
    """True for what a person can cause and mend; anything else is a mistake of ours and keeps its traceback."""
    if isinstance(error, ModuleNotFoundError):
        return not str(error.name).startswith("course_lib")
    return isinstance(error, (OSError, ValueError, KeyError)) or type(error).__name__ == "GraderError"


def sentence(error):
    """What to tell the person about an error: its own words, on one line."""
    if isinstance(error, ModuleNotFoundError):
        return f"The package {error.name} is not installed here. {place.program()} doctor says how to get it."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(text).split()) or type(error).__name__


SPELT = {
    "✓": "+",
    "✗": "x",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "·": "*",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
    "…": "...",
}


def spell_out(error):
    """For text that an output cannot show: signs as close as it can, "?" for the rest."""
    return "".join(SPELT.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def safe_output():
    """From here on no sign stops a command: not on a Windows pipe, not in a locale without UTF-8."""
    codecs.register_error("spell_out", spell_out)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="spell_out")


def nobody_reads():
    """Whether the reader of our output has gone (``| head``)."""
    if not hasattr(select, "poll"):
        return False
    watched = select.poll()
    watched.register(sys.stdout.fileno(), 0)  # 0: errors only
    return bool(watched.poll(0))


def let_go_of_output():
    """What is still to be written goes nowhere, if the output cannot take it; Python would complain at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments=None):
    """Run one command and return its exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by numerical libraries when they load, later than this
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # or ipykernel 6 writes a warning into every terminal
    safe_output()
    options = commands.make_parser(place.program()).parse_args(arguments)
    try:
        if options.command not in ACTIONS:
            raise ValueError(f"{options.command!r} is a command of course.py alone: python course.py {options.command}")
        if options.whole and not place.is_clone():
            raise ValueError(f"{options.command!r} needs the whole course; here is what was handed out of it.")
        code = ACTIONS[options.command](options) or 0
        sys.stdout.flush()
        return code
    except Exception as error:
        gone = isinstance(error, BrokenPipeError) and nobody_reads()
        let_go_of_output()
        if gone:
            return 141  # as a program that the system stopped for it
        if not is_expected(error) or os.environ.get("COURSE_TRACEBACK"):  # the variable: to see where
            raise
        print(f"course: {sentence(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
