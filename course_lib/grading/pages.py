"""What the pages for people share: one look, every text escaped, no script; links lead to pages beside them only."""

from html import escape

from course_lib.checks.generic import GENERIC
from course_lib.checks.kinds import AS_HANDED_OUT
from course_lib.grading.exports import called
from course_lib.settings.course import course
from course_lib.settings.language import language, later

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<style>
{colours}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }}
body {{ color: var(--text, #1b1b1b); background: var(--background, #fff) }}
.of-the-course {{ display: flex; gap: .8rem; align-items: center; font-size: .9rem }}
.of-the-course b {{ font-weight: inherit }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.15rem; margin-top: 2rem }}
li {{ margin: .4rem 0 }} .failed {{ border-left: 4px solid #b35900; padding-left: .8rem }}
.passed {{ border-left: 4px solid #1b7f3b; padding-left: .8rem }} ul {{ list-style: none; padding: 0 }}
pre {{ white-space: pre-wrap; margin: 0; font-size: .9rem }} .words {{ font: inherit }}
.prose {{ white-space: pre-wrap; overflow-wrap: anywhere; display: block }}
.label {{ font-weight: normal; max-width: 26rem }} .count {{ white-space: nowrap }}
th {{ text-align: left; vertical-align: top }} a {{ color: var(--accent, #0072b2) }}
td, th {{ padding: .1rem 1rem .1rem 0 }}
.bar {{ background: var(--accent, #0072b2); height: 1rem; display: inline-block }}
.small {{ color: #555; font-size: .9rem }}
.table {{ overflow-x: auto }} .table td, .table th {{ border-bottom: 1px solid #ddd; padding: .2rem .8rem .2rem 0 }}
.points {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }}
summary {{ cursor: pointer }} details ul {{ padding-left: 1.2rem; list-style: disc }}
</style></head><body>
{body}
</body></html>
"""
LEVEL = {
    "full": later("in a sandbox (namespaces, Landlock, seccomp)"),
    "landlock": later("in a sandbox (Landlock, seccomp)"),
    "none": later("without a sandbox"),
}


NOT_WRITTEN = (GENERIC["NotWritten"][0], AS_HANDED_OUT)  # names of what is no answer yet


def page(title, body):
    ours = course()
    whole = "\n".join(filter(None, [ours.header(), body, ours.foot()]))
    return PAGE.format(title=escape(title), body=whole, colours=ours.style(), language=escape(language()))


def full_name(row):
    """The name of a row's student, and the key where it says more."""
    return called(row) if called(row) == row["student"] else f"{called(row)} ({row['student']})"


def several(number, word):
    """A number with its noun: "1 student", "3 students"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
