"""How far one is: a line a chapter for the terminal, and a table with names, bars and links for the notebook."""

import os
from html import escape
from urllib.parse import quote

from course_lib import place
from course_lib.progress.notebooks import next_task, tasks, titles
from course_lib.progress.review import due, when_next
from course_lib.progress.store import KINDS, load, path
from course_lib.settings.language import later, ntr, tr

ONE = {"predict": later("prediction"), "check": later("exercise"), "quiz": later("quiz question")}


def counts(root=None):
    """``{chapter: {kind: (done, all)}}``."""
    data = load()

    def count(kind, ids):
        return sum(bool(data[kind].get(id, {}).get("done")) for id in ids), len(ids)

    return {
        chapter: {kind: count(kind, kinds[kind]) for kind in KINDS if kind in kinds}
        for chapter, kinds in tasks(root).items()
    }


def comes_back(root=None):
    """One sentence about the predictions that come back, "" where none does."""
    waiting, days = len(due(root=root)), when_next(root=root)
    if waiting:
        return ntr(
            "{count} prediction that was wrong comes back now: {command}.",
            "{count} predictions that were wrong come back now: {command}.",
            waiting,
            command=f"{place.program()} review",
        )
    if days is None:
        return ""
    return ntr(
        "The next wrong prediction comes back in a day.",
        "The next wrong prediction comes back in {count} days.",
        max(1, round(days)),
    )


def summary(root=None):
    """The progress as text, one line a chapter, then what comes next."""
    named, lines = titles(root), []
    for chapter, kinds in counts(root).items():
        parts = ", ".join(f"{_share(done, total)} {tr(KINDS[kind])}" for kind, (done, total) in kinds.items())
        lines.append(f"{tr('chapter {number}', number=chapter)}: {parts} ({tr(named[chapter][0])})")
    if not lines:
        lines = [tr(NOTHING, folder=root or place.folder())]
    elif task := next_task(root):
        command = f"{place.program()} lab {_shown(task.notebook, root)}"
        lines.append(tr("Next: {task} {id}, {command}", task=tr(ONE[task.kind]), id=task.id, command=command))
    return "\n".join(line for line in (*lines, comes_back(root), tr("(kept in {path})", path=path())) if line)


def _share(done, total):
    return tr("{done} of {total}", done=done, total=total)


def _shown(notebook, root):
    return os.path.relpath(notebook, root or place.folder())


NOTHING = later("No notebooks were found in {folder}.")

# --- For the notebook -----------------------------------------------------------------------------------

CELL = "text-align:left;padding:3px 12px 3px 0;white-space:nowrap"


def table(root=None, here=None):
    """The progress as HTML: chapters with names and links, a bar a kind, and where to go on.

    Args:
        root: the course's folder.
        here: folder of the notebook that shows it; links lead from there.
    """
    here = here or os.getcwd()
    named, every = titles(root), counts(root)
    if not every:
        return f"<p>{escape(tr(NOTHING, folder=root or place.folder()))}</p>"
    head = "".join(
        f'<th scope="col" style="{CELL}">{escape(tr(word))}</th>' for word in (later("chapter"), *KINDS.values())
    )
    rows = "".join(_row(chapter, *named[chapter], kinds, here) for chapter, kinds in every.items())
    rows += _total(every)
    kept = tr(
        "Kept on this machine, for this copy of the course only. {command} says where, and {option} takes it "
        "elsewhere.",
        command=f"<code>{place.program()} progress</code>",
        option="<code>--export FILE</code>",
    )
    return (
        f"{_go_on(root, here)}"
        f'<table aria-label="{escape(tr("Your progress"))}" style="font-size:1em"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table><p><small>{kept}</small></p>"
    )


def _go_on(root, here):
    """Where to continue, with a link to the cell."""
    task, back = next_task(root), comes_back(root)
    back = f" {escape(back)}" if back else ""
    if task is None:
        return f"<p><strong>{escape(tr('All is done.'))}</strong>{back}</p>"
    link = _link(task.notebook, here, task.cell)
    what = tr("{task} {id} in chapter {chapter}", task=tr(ONE[task.kind]), id=task.id, chapter=task.chapter)
    return f'<p><strong><a href="{link}">{escape(tr("Continue here"))}</a></strong>: {escape(what)}.{back}</p>'


def _link(notebook, here, cell=""):
    address = quote(os.path.relpath(notebook, here).replace(os.sep, "/"))
    return f"{address}#cell-id={quote(cell)}" if cell else address


def _row(chapter, title, notebook, kinds, here):
    link = f'<a href="{_link(notebook, here)}">{escape(chapter)} {escape(tr(title))}</a>'
    cells = "".join(f'<td style="{CELL}">{_bar(*kinds[kind]) if kind in kinds else "–"}</td>' for kind in KINDS)
    return f'<tr><th scope="row" style="{CELL};font-weight:normal">{link}</th>{cells}</tr>'


def _bar(done, total):
    sign = "✓ " if done == total else ""
    share = escape(_share(done, total))
    bar = f'<progress value="{done}" max="{total}" aria-label="{share}" style="width:6em"></progress>'
    return f"{bar} {sign}{share}"


def _total(every):
    """The last row: all chapters together."""
    sums = {}
    for kinds in every.values():
        for kind, (done, total) in kinds.items():
            before = sums.get(kind, (0, 0))
            sums[kind] = before[0] + done, before[1] + total
    cells = "".join(f'<td style="{CELL}">{_bar(*sums[kind]) if kind in sums else "–"}</td>' for kind in KINDS)
    return f'<tr><th scope="row" style="{CELL}">{escape(tr("all chapters"))}</th>{cells}</tr>'
