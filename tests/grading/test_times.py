"""When something was handed in, as each platform says it; and what is said where none does."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from course_lib.grading.platforms import gradescope_times, is_marked_late
from course_lib.grading.roster import BadRoster
from course_lib.grading.sheet.settings import Sheet
from course_lib.grading.sheet.times import from_name, times_of

BERLIN = ZoneInfo("Europe/Berlin")
SHEET = Sheet(time_zone=BERLIN, chapter="90")
NINE = datetime(2026, 11, 9, 22, 58, 7, tzinfo=UTC)
METADATA = """submission_123:
  :submitters:
  - :name: Ann Example
    :sid: '4711'
  :created_at: 2026-11-09 22:58:07.123456789 Z
  :history:
    - :created_at: 2026-11-01 10:00:00.000000000 Z
submission_124:
  :created_at: '2026-11-09 23:58:07 +0100'
"""


def one(*places, student="ann", texts=None, **platform):
    """A submission whose files lie at these places; ``texts``: what those that are copied hold."""

    def file(place):
        copy = (lambda path: Path(path).write_text((texts or {}).get(place, "")) and "") if texts else None
        return SimpleNamespace(place=place, copy=copy)

    return SimpleNamespace(student=student, name="", platform=platform, files=[file(place) for place in places])


def found(submission, sheet=SHEET, folder="nowhere", **more):
    times, told = times_of([submission], sheet, folder, **more)
    return times[submission.student], told


@pytest.mark.parametrize(
    "name, moment",
    [
        ("Sheet 3_aexa_attempt_2026-11-09-23-58-07_03.ipynb", NINE),
        ("Sheet 3_aexa_attempt_2026-11-09-23-58-07.txt", NINE),
        ("101-99 - Ann Example - Nov 9, 2026 1158 PM", NINE.replace(second=0)),
        ("101-99 - Ann Example - Nov 9, 2026 1258 AM - 03.ipynb", datetime(2026, 11, 8, 23, 58, tzinfo=UTC)),
        ("ann+03_momentum+2026-11-09 22:58:07 UTC", NINE),
        ("ann+03_momentum+2026-11-09 22:58:07.250000 UTC", NINE.replace(microsecond=250000)),
        ("Sheet 3_aexa_attempt_2026-13-09-23-58-07_03.ipynb", None),  # no month
        ("101-99 - Ann Example - 9 novembre, 2026 2358", None),  # in a language that is not read
        ("ann_2026-11-09_03_momentum.ipynb", None),  # anybody's name for a file
        ("03_momentum.ipynb", None),
    ],
)
def test_a_name_says_when_only_in_the_form_of_a_platform(name, moment):
    assert from_name(name, SHEET) == moment


def test_gradescope_s_list_says_when_each_submission_was_made():
    assert gradescope_times(METADATA)["submission_123"] == "2026-11-09 22:58:07.123456789 Z"
    times, _ = found(one("x/submission_123/a.ipynb", "x/submission_124/a.ipynb"), metadata=METADATA)
    first, second = times.values()
    assert first.at.replace(microsecond=0) == NINE and first.at.microsecond == 123456 and "Gradescope" in first.source
    assert second.at == NINE


def test_nbgrader_s_stamp_lies_beside_the_notebook():
    places = ("ann/03/03.ipynb", "ann/03/timestamp.txt")
    times, _ = found(one(*places, texts={places[1]: "2026-11-09 22:58:07.000000 UTC"}))
    assert times[places[0]] == (NINE, "timestamp.txt", False)


@pytest.mark.parametrize(
    "name, late",
    [("exampleann_LATE_4711_88_03.ipynb", True), ("exampleann_4711_88_03.ipynb", False), ("LATE_ann.ipynb", False)],
)
def test_canvas_says_that_something_was_late_and_not_how_late(name, late):
    assert is_marked_late(name) == late
    times, _ = found(one(name))
    assert times[name].at is None and times[name].late == late


def test_a_file_s_own_time_counts_only_where_the_sheet_says_so(tmp_path):
    import os

    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "a.ipynb").write_text("")
    os.utime(tmp_path / "ann" / "a.ipynb", (NINE.timestamp(), NINE.timestamp()))
    assert found(one("ann/a.ipynb"), folder=tmp_path)[0]["ann/a.ipynb"].at is None
    believing = Sheet(time_zone=BERLIN, chapter="90", times="files")
    time = found(one("ann/a.ipynb"), believing, tmp_path)[0]["ann/a.ipynb"]
    assert time.at == NINE and time.source == "the time of the file"


@pytest.mark.parametrize(
    "words, moment",
    [
        ("2026-11-09 23:58:07", NINE),
        ("2026-11-09T22:58:07Z", NINE),
        ("2026-11-09 22:58:07 UTC", NINE),
        ('"Monday, 9 November 2026, 11:58 PM"', NINE.replace(second=0)),
        ('"Monday, 9 November 2026, 23:58"', NINE.replace(second=0)),
        ("-", None),
    ],
)
def test_a_table_s_times_are_read_where_they_leave_no_doubt(words, moment, tmp_path):
    table = tmp_path / "times.csv"
    table.write_text(f"student,time\nann,{words}\n")
    times, told = found(one("ann.ipynb"), table=table)
    assert times["ann.ipynb"].at == moment and bool(told) == (moment is None)


@pytest.mark.parametrize("words", ["09/11/2026 10:00", "9.11.2026", "yesterday", "2026-13-01", "Monday"])
def test_a_time_that_can_be_read_in_two_ways_or_none_is_refused(words, tmp_path):
    table = tmp_path / "times.csv"
    table.write_text(f"student,time\nann,{words}\n")
    with pytest.raises(BadRoster, match=r"Line 2 of .* is no time that leaves no doubt: write 2026-11-02 10:00"):
        found(one("ann.ipynb"), table=table)


def test_a_table_without_a_column_for_times_is_refused(tmp_path):
    (tmp_path / "times.csv").write_text("student,points\nann,3\n")
    with pytest.raises(BadRoster, match="says of nobody when they handed in: it needs a column called time"):
        found(one("ann.ipynb"), table=tmp_path / "times.csv")
