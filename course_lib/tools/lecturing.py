"""docs/lecturing.md: how long each section takes, what to ask, what a class answers, and where it stalls.

It is read out of the chapters: minutes as the notebooks count them, questions and their options from the cells that ask
them, wrong answers from the reasons of the quiz and the banks of known mistakes. What experience adds stands in
``lecturing.md`` in a chapter's folder.
"""

import re

from course_lib.chapters import CHAPTERS
from course_lib.checks import exercises
from course_lib.tools.notebook_tools.files import ROOT, read
from course_lib.tools.notebook_tools.prose import HAPPENED
from course_lib.tools.notebook_tools.reading import TIME, VARY, core, is_live, minutes, unfolded
from course_lib.tools.slides.asked import read_question
from course_lib.tools.slides.blocks import sections

MISTAKES = 3  # of an exercise: the most frequent ones stand first in its bank


def findings(cells):
    """``[(question, first sentence of the next "What happened"), ...]`` of the predictions among ``cells``."""
    found = []
    for place, cell in enumerate(cells):
        if cell.cell_type == "code" and cell.source.startswith("predict(") and (asked := read_question(cell.source)):
            later = "\n".join(one.source for one in cells[place:] if one.cell_type == "markdown")
            found.append((asked, first_sentence(HAPPENED.search(later))))
    return found


def first_sentence(happened):
    """The first sentence of a "What happened", "" where there is none."""
    text = re.sub(r"^\*\*What happened\.\*\*\s*", "", happened[0]) if happened else ""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z$*])", " ".join(text.split()))[0]


# --- How long, and where it stalls ------------------------------------------------------------------------


def stretches(cells):
    """``[(begins, ends), ...]`` in minutes: between one thing that the class does and the next it only listens."""
    made, begins, now = [], 0.0, 0.0
    for number, cell in enumerate(cells, start=1):
        done = _does(cell)
        if done:
            made.append((begins, now))
        now = minutes(cells[:number])  # of all so far: a quiz takes its five minutes once
        begins = now if done else begins
    return [*made, (begins, now)]


def _does(cell):
    """What the class does at a cell, in words; "" where it listens."""
    if cell.cell_type == "markdown":
        return "varies one thing" if VARY in unfolded(cell.source) else ""
    if cell.source.startswith("quiz("):
        return "answers the quiz"
    if cell.source.startswith("predict("):
        return "predicts"
    return "moves a figure" if any(map(is_live, cell.outputs)) else ""


def timetable(cells):
    """Rows of a table: section, minutes, from and to, what the class does in it."""
    now, rows = 0.0, []
    for title, inside in sections(cells):
        begins, now = now, now + minutes(inside)
        done = dict.fromkeys(filter(None, map(_does, inside)))
        rows.append((title, took(now - begins), f"{begins:.0f} to {now:.0f}", ", ".join(done) or without_you(title)))
    return rows


def took(minutes):
    """Whole minutes; "½" for what is shown in passing, since nothing on a slide takes none."""
    return f"{minutes:.0f}" if minutes >= 0.75 else "½"


def without_you(title):
    """What a class does with a section in which nothing is asked of it: two are for home."""
    if title == "Exercises":
        return "takes them home"
    return "reads it at home" if title.startswith("The same in") else "listens"


def where_it_stalls(cells):
    """A sentence about the longest time in which a class does nothing but listen."""
    begins, ends = max(stretches(cells), key=lambda stretch: stretch[1] - stretch[0])
    now, place = 0.0, ""
    for title, inside in sections(cells):
        place = place or (title if now + minutes(inside) > begins + 1e-9 else "")
        now += minutes(inside)
    when = f"From minute {begins:.0f} to {ends:.0f}"
    return f"{when} nobody but you does anything; it begins in *{place}*. Ask something there."


# --- The page ---------------------------------------------------------------------------------------------


def _mistakes(number):
    lines = []
    for one in exercises().values():
        if one.id.startswith(number):
            says = {mistake.name: mistake.says for mistake in reversed(one.mistakes)}  # of those of one name the first
            names = list(dict.fromkeys(mistake.name for mistake in one.mistakes))[:MISTAKES]
            lines += [f"- {one.id}, {one.title}:", *(f"  - *{name}*: {says[name]}" for name in names)]
    return "\n".join(lines)


def _ask(cells):
    lines = []
    for asked, result in findings(cells):
        lines += [f"- {asked.text}{_right(asked)}", *_tempting(asked)]
        lines += [] if asked.why else [f"  - *They choose from:* {' · '.join(asked.options) or 'their own words'}"]
        lines += [f"  - What happened: {result}"] if result else []
    return "\n".join(lines)


def _answers(cells):
    asked = [read_question(cell.source) for cell in cells if cell.source.startswith("quiz(")]
    return "\n".join(line for one in asked if one for line in (f"- {one.text}{_right(one)}", *_tempting(one)))


def _right(asked):
    return f" **{asked.right}**: {asked.why[asked.right]}" if asked.right else ""


def _tempting(asked):
    """A line for each option that is wrong: why it tempts."""
    return [f"  - *{option}*: {why}" for option, why in asked.why.items() if option != asked.right]


def chapter_section(path, folder):
    """What the page says about one chapter; "" where its notebook counts no minutes."""
    cells = read(path).cells
    if not TIME.search(cells[0].source):
        return ""
    inner, number = core(cells), path.stem[:2]
    title = re.search(r"^# (.+)", cells[0].source, re.MULTILINE)[1]
    own = folder / "lecturing.md"
    table = ["| section | minutes | from, to | the class |", "| --- | --- | --- | --- |"]
    parts = [
        f"## {number} {re.sub(r'^[0-9]+ · ', '', title)}",
        f"{minutes(inner):.0f} minutes.",
        own.read_text(encoding="utf-8").strip() if own.is_file() else "",
        "\n".join([*table, *(f"| {' | '.join(row)} |" for row in timetable(inner))]),
        f"**Where it stalls.** {where_it_stalls(inner)}",
    ]
    for heading, text in (
        ("Ask, before you run", _ask(inner)),
        ("The quiz, and why the wrong answers tempt", _answers(inner)),
        ("What they will write in the exercises", _mistakes(number)),
    ):
        parts += [f"### {heading}: chapter {int(number)}", text] if text else []
    return "\n\n".join(filter(None, parts))


def lecturing(root=ROOT):
    """The page as blocks of Markdown: how to hold a lecture, then the chapters."""
    folders = {name[2:4]: root / "course_lib" / "chapters" / name for name in CHAPTERS}
    made = (
        chapter_section(path, folders[path.stem[:2]])
        for path in sorted(root.glob("notebooks/*.ipynb"))
        if path.stem[:2] in folders
    )
    return [HOW, *filter(None, made)]


HOW = """A chapter's core fits into an hour with ten minutes to spare. `python course.py slides 03 -o lecture/` writes
its slides; S opens a second window with these minutes, notes, a clock and the next slide. To run the core cell by cell,
in large type: `python course.py lab 03 --present`.

Let them predict before you run, each for themselves, and count hands for every option: a wrong guess that was made is
worth more than a right one that was told. Then run, let them say what happened, and only then show the sentence.
In place of hands, phones: `python course.py poll 03 --address 192.168.1.5`, with the address that your machine has in
the room's network (the command names one), asks the predictions on a plain page behind a QR code. Your own page, at an
address for you alone, shows the bars as they grow, hides them until all have chosen, closes a question and tells the
answer, asks it again after a discussion, and goes on. The same bars and buttons, and the code, stand beside the
prediction itself: in the notebook, as soon as a poll is held on the machine that runs it, and on the slides, if the
poll shows them (`python course.py poll 03 --slides lecture/`); they go when it ends. A phone has one answer and may
change it until you close. Only counts are kept, in memory; nothing leaves your machine, and it ends with Ctrl-C. It
counts hands, not marks: the connection is plain HTTP, and whoever deletes cookies can answer twice.

Minutes are counted as the notebooks count them: reading, an equation or a prediction 1.5, a live figure 3,
"vary one thing" 2, the quiz 5."""
