"""GitHub Classroom: the workflow of a template repository, and the results that its reporter reads.

Documented by ``src/main.js`` and ``src/notify-classroom.js`` of github-education-resources/autograding-grading-reporter
(read on 2026-11-29): the reporter finds the results of a step in a variable ``NAME_RESULTS``, as JSON in base64, with
``max_score`` and for each test its ``name``, ``status`` ("pass", "fail" or "error"), ``message`` and ``score``; scores
of all steps are added. The job must be called "Autograding Tests" to be found.

The workflow runs ``course check`` in the student's own repository, with the visible seed: it is for the student's
information. Whoever can push can change the workflow, so marks come from ``course grade`` on clones of repositories.
"""

import base64
import json
from pathlib import Path

from course_lib.grading.checking import check_notebook
from course_lib.tools.release import release

WORKFLOW = Path(".github/workflows/classroom.yml")
TEXT = """name: Autograding Tests
on: [push, workflow_dispatch]
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  autograding:
    name: Autograding Tests
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Check
        id: course
        run: |
          python course.py check {notebook} || true
          echo "result=$(python course.py check {notebook} --classroom)" >> "$GITHUB_OUTPUT"
      - name: Report
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          COURSE_RESULTS: "${{{{ steps.course.outputs.result }}}}"
        with:
          runners: course
"""


def write_template(assignment, out, settings=None):
    """Pack an assignment as ``release`` does, with the workflow. Returns the paths."""
    paths = release(assignment, out, settings=settings)
    (notebook,) = (path for path in paths if path.suffix == ".ipynb")
    target = Path(out) / WORKFLOW
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(TEXT.format(notebook=notebook.name), encoding="utf-8")
    return [*paths, target]


def results(path):
    """What the reporter reads of a notebook's checks, in base64."""
    return base64.b64encode(json.dumps(as_reported(check_notebook(path))).encode()).decode()


def as_reported(checked):
    """The dict that is read, of ``checking.Checked``; answers in words are not among the scores."""
    tests = [_test(report, result) for report in checked.reports for result in report.results]
    passed = all(test["status"] == "pass" for test in tests)
    full = sum(report.max_points for report in checked.reports)
    return {"version": 1, "status": "pass" if passed else "fail", "max_score": full, "tests": tests}


def _test(report, result):
    test = {"name": f"{report.exercise_id} {result.title}", "score": result.points, "line_no": 0}
    words = " ".join(filter(None, [result.sentence, result.says, result.hint]))
    return test | {"status": "pass" if result.passed else "fail", "message": words}
