"""What each kind of new thing consists of: ``(place, values) -> ({path: what it is for}, [commands to type next])``."""

import re

from course_lib.checks import asked
from course_lib.claims import CLAIMS
from course_lib.optimizers import OPTIMIZERS
from course_lib.tools.new.texts import text_of


def exercise(place, values):
    """Its checks and mistakes, what is drawn of it, right answers, and cells in the chapter's solutions."""
    chapter, number, name = values["chapter"], values["number"], values["name"]
    home, tests = f"course_lib/chapters/{chapter}", f"tests/chapters/{chapter}"
    answers, lazy = f"{tests}/answers.py", f"{tests}/lazy.py"
    solution, look = f"solutions/{chapter[2:]}.ipynb", f"{home}/look.py"
    ours = [one for one in asked().values() if one.id.startswith(number)]
    topics = next((one.topics for one in ours if getattr(one, "topics", ())), ("optimizers",))
    values |= {"id": _next_id(number, (one.id for one in ours)), "topics": tuple(topics)}
    _in_package(
        place, f"{home}/checks", name, text_of("exercise.checks", values), "Exercises of chapter <<nth>>", values
    )
    _join(place, chapter, "checks", name, name)
    place.there(look, text_of('"""Chapter <<nth>>, if it works, look."""\n\nLOOKS = {}\n', values))
    place.add_code(look, text_of("exercise.look", values))
    place.there(answers, text_of('"""Right answers of chapter <<nth>>."""\n\nANSWERS = {}\n', values))
    place.add_code(answers, text_of("exercise.answers", values))
    place.there(
        lazy, text_of('"""Answers that let the library do the work, chapter <<nth>>."""\n\nLAZY = {}\n', values)
    )
    place.add_code(lazy, text_of("exercise.lazy", values))
    if not place.exists(solution):
        place.add_cells(solution, text_of("exercise.setup", values))
    place.add_cells(solution, text_of("exercise.cells", values), before_last=True)
    files = {
        f"{home}/checks/{name}.py": "what is asked, its checks and known mistakes",
        f"{home}/checks/__init__.py": "the exercise is one of its chapter's",
        look: "what is drawn of the student's function",
        answers: "right answers, for the tests",
        lazy: "answers that import what is asked, for the tests",
        solution: "text, solution, check and look",
    }
    return files, [f"build {solution}", f"test --for {values['id']}", f"check {solution}"]


def claim(place, values):
    """The claim with its experiment and rule, its rows in the tables of verdicts, and a test of its numbers."""
    chapter, number, name = values["chapter"], values["number"], values["name"]
    home, tests = f"course_lib/chapters/{chapter}", f"tests/chapters/{chapter}"
    ours = [id[2:] for id in CLAIMS if id.startswith(f"C-{number}-")]
    values |= {"id": f"C-{_next_id(number, ours)}"}
    _in_package(place, f"{home}/claims", name, text_of("claim.claim", values), "Every claim of chapter <<nth>>", values)
    _join(place, chapter, "claims", name, values["constant"])
    verdicts, test = f"{tests}/verdicts.py", f"{tests}/test_claim_{name}.py"
    place.there(verdicts, text_of("claim.tables", values))
    place.add_code(verdicts, text_of("claim.verdicts", values))
    place.new_file(test, text_of("claim.test", values))
    files = {
        f"{home}/claims/{name}.py": "the sentence, the experiment, the rule",
        f"{home}/claims/__init__.py": "the claim is one of its chapter's",
        verdicts: "what has to come out, also of planted numbers",
        test: "what theory says of the numbers",
    }
    return files, [f"claims {values['id']}", f"build {home}", f"test --for {values['id']}"]


def widget(place, values):
    """The live figure, a test without a browser, and a cell that shows it."""
    chapter, name = values["chapter"], values["name"]
    home, test = f"course_lib/chapters/{chapter}", f"tests/chapters/{chapter}/test_widget_{name}.py"
    module, package, notebook = f"{home}/widgets.py", f"{home}/widgets/__init__.py", f"notebooks/{chapter[2:]}.ipynb"
    code, files = text_of("widget.class", values), {}
    if place.exists(module):
        place.add_code(module, code)
    else:
        module = f"{home}/widgets/{name}.py"
        place.there(package, text_of('"""Live figures of chapter <<nth>>."""\n\n__all__ = []\n', values))
        place.new_file(module, text_of('"""<<title>>."""\n\n', values) + code)
        place.add_code(
            package, text_of("from course_lib.chapters.<<chapter>>.widgets.<<name>> import <<name>>\n", values)
        )
        place.add_item(package, "__all__", f'"{name}"')
        files = {package: "where notebooks import it from"}
    place.new_file(test, text_of("widget.test", values))
    line = text_of("from course_lib.chapters.<<chapter>>.widgets import <<name>>", values)
    place.add_cells(notebook, text_of("widget.cells", values), line, before_last=True)
    files |= {
        module: "traits, controls, what stays and what moves",
        test: "every position, and what theory says",
        notebook: "imported in the set-up cell, shown near the end: move it to its section",
    }
    return files, [f"build {notebook}", f"test --for {name}", f"lab {notebook}"]


def optimizer(place, values):
    """The class, its row, and a test of its own."""
    name, module, room = values["name"], values["module"], "course_lib/optimizers/__init__.py"
    values |= {"drawn": max(cls.drawn for cls in OPTIMIZERS) + 1}
    path, test = f"course_lib/optimizers/{module}.py", f"tests/library/optimizers/test_{module}.py"
    place.new_file(path, text_of("optimizer.class", values))
    place.new_file(test, text_of("optimizer.test", values))
    place.add_code(room, f"from course_lib.optimizers.{module} import {name}\n")
    place.add_item(room, "BY_GRADIENTS", name)
    place.add_item(room, "__all__", f'"{name}"')
    files = {
        path: "formula, source, line style, state and step",
        room: "one of those that need gradients only",
        test: "two steps by hand, limiting cases",
    }
    return files, ["build course_lib/optimizers", f"test --for {name}"]


def chapter(place, values):
    """The folder, its word in the list of chapters, a notebook, and a row in the README."""
    name, number, known = values["name"], values["number"], "course_lib/chapters/__init__.py"
    folder, notebook = f"ch{name}", f"notebooks/{name}.ipynb"
    taken = re.findall(rf'^    "(ch{number}_\w+)",$', place.read(known), re.M)
    if taken:
        raise ValueError(f"Chapter {number} is {taken[0]} already: choose another number.")
    home = f"course_lib/chapters/{folder}/__init__.py"
    place.new_file(home, text_of('"""Chapter <<nth>>: <<words>>."""\n', values))
    place.add_line_after(known, r'    "ch\d\d_', f'    "{folder}",')
    place.add_cells(notebook, text_of("chapter.cells", values))
    place.add_line_after("README.md", r"\| \d\d .*notebooks/", text_of("chapter.row", values).strip())
    files = {
        home: "the folder of all that only this chapter needs",
        known: "the list of chapters",
        notebook: "question, prediction, run, what happened",
        "README.md": "its row in the table",
    }
    return files, [f"build {notebook}", f"test --for {number}", f"new exercise NAME --chapter {number}"]


def _next_id(number, ids):
    return f"{number}-{max((int(id.split('-')[1]) for id in ids), default=0) + 1}"


def _in_package(place, folder, name, code, title, values):
    """A module more in a part of a chapter, which is made if need be."""
    if place.exists(f"{folder}.py"):
        raise ValueError(f"{folder}.py is one file: make it a folder first, with what it holds in a module of its own.")
    place.there(f"{folder}/__init__.py", text_of(f'"""{title}."""\n\nCHAPTER = ()\n', values))
    place.new_file(f"{folder}/{name}.py", code)


def _join(place, chapter, part, name, variable):
    """One more in a part's ``CHAPTER``."""
    path = f"course_lib/chapters/{chapter}/{part}/__init__.py"
    place.add_code(path, f"from course_lib.chapters.{chapter}.{part}.{name} import {variable}\n")
    try:
        place.add_item(path, "CHAPTER", variable)
    except ValueError:  # it is put together of several, in order: the new one is the last
        place.add_code(path, f"CHAPTER += ({variable},)\n")
