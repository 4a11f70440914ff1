"""What a lecturer settles for a sheet: how its file is read, and what it makes of raw points. No notebook is run."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from course_lib.grading.exports import TIME_UNKNOWN
from course_lib.grading.sheet.mark import Time, marked, marked_all, span
from course_lib.grading.sheet.settings import Sheet, read_sheet
from course_lib.settings.fields import BadSettings

BERLIN = ZoneInfo("Europe/Berlin")
END = datetime(2026, 11, 9, 23, 59, tzinfo=BERLIN)
DEADLINE = 'deadline = 2026-11-09T23:59:00\ntime_zone = "Europe/Berlin"\n'
FILE = "a.ipynb"


@pytest.fixture
def sheet(tmp_path):
    """``sheet(text)``: what is read of a file with this text."""

    def read(text):
        path = tmp_path / "assignments" / "90.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return read_sheet(path)

    return read


def exercise(id, points, full):
    return {"id": id, "title": id, "points": points, "max_points": full, "checks": [], "notes": [], "source": "x"}


def row(*exercises, student="anna", file=FILE, **more):
    known = [one["points"] for one in exercises if one["points"] is not None]
    sums = {"points": sum(known), "max_points": sum(one["max_points"] for one in exercises)}
    about = {
        "student": student,
        "name": "",
        "platform": {},
        "file": file,
        "status": "graded",
        "sentence": "",
        "notes": [],
    }
    return about | {"exercises": list(exercises)} | sums | more


def at(*, days=0, hours=0, minutes=0):
    """The time of a file that was handed in so long after the deadline."""
    return {FILE: Time(END + timedelta(days=days, hours=hours, minutes=minutes), "the name of the file")}


def points(sheet, times, *exercises, **more):
    return marked(row(*(exercises or [exercise("90-1", 10, 20)])), sheet, times, **more)["points"]


# --- The file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, words",
    [
        ("titel = 'x'", "there is no key titel; is title meant?"),
        ("title = 3", "title must be a line of text, not 3."),
        ("title = 'a'\ntitle = 'b'", "is no TOML: "),
        ("exercises = ['90-99']", "exercises must name exercises of chapter 90, 90-1, 90-2, 90-3"),
        ("exercises = ['90-1', '90-1']", '"90-1" stands there twice'),
        ("exercises = ['90-1']\n[weights]\n'90-2' = 2", 'weights must name exercises of this sheet, 90-1, not "90-2".'),
        ("[points]\n'90-1' = 0", 'numbers above 0, not {90-1 = 0} (that of "90-1" is 0).'),
        ("[points]\n'90-1' = 9\n[weights]\n'90-1' = 2", 'weights must not name "90-1", whose worth stands in points'),
        ("deadline = 2026-11-09", "deadline must be a date with a time, such as 2026-11-09T23:59:00, not 2026-11-09."),
        ("deadline = 2026-11-09T23:59:00", 'a time needs a time zone: add time_zone = "Europe/Berlin"'),
        (
            DEADLINE.replace("Berlin", "Berlim"),
            'time_zone must be the name of a time zone, such as "Europe/Berlin", not',
        ),
        ("exercises = []", 'exercises must be a list of ids such as ["03-1", "03-2"], not [].'),
        ("[weights]\n'90-1' = inf", 'weights must be a table such as "03-2" = 2, numbers of 0 or more'),
        ("[points]\n'90-1' = 1e400", 'points must be a table such as "03-1" = 10, numbers above 0'),
        ("round_to = nan", "round_to must be a number above 0"),
        (DEADLINE + "[late]\ngrace = inf", "late.grace must be"),
        ("[late]\nper_day = 10", "deadline is missing; late must have one."),
        (DEADLINE + "[late]\nper_day = 110", "late.per_day must be a number of percent from 0 to 100, not 110."),
        (DEADLINE + "[late]\nperday = 10", "there is no key late.perday; is per_day meant?"),
        ("hidden_checks = 'all'", "deadline is missing; hidden_checks must have one."),
        ("attempts = 'first'", 'attempts must be "best" or "last", not "first".'),
        ("pass_mark = true", "pass_mark must be a number of percent from 0 to 100, not true."),
        ("bonus = ['90-1']\nexercises = ['90-1']", "bonus must leave an exercise whose points are to be had."),
        ("[[by_hand]]\nid = 'style'\ntitle = 'x'", "the key by_hand[1].rubric is missing"),
        (
            "[[by_hand]]\nid = '90-1'\ntitle = 'x'\nrubric = [{points = 1, says = 'y'}]",
            "by_hand[1].id must be a short word",
        ),
        (
            "[[by_hand]]\nid = 'x'\ntitle = 'x'\nrubric = [{point = 1, says = 'y'}]",
            "has other keys than points and says",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_one_sentence_with_file_key_and_what_it_must_be(text, words, sheet):
    with pytest.raises(BadSettings) as error:
        sheet(text)
    assert str(error.value).startswith("assignments/90.toml") or "90.toml is no TOML" in str(error.value)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_without_a_file_all_exercises_of_the_chapter_are_asked_and_points_stay():
    assert "90-3" in Sheet(chapter="90").ids()
    made = marked(row(exercise("90-1", 4.5, 12)), Sheet(chapter="90"), {})
    assert (made["points"], made["max_points"], made["reasons"]) == (4.5, 12, [])


# --- Points and weights ----------------------------------------------------------------------------------


def test_points_of_a_sheet_scale_those_of_the_checks_which_stay_beside_them(sheet):
    found = sheet("[points]\n'90-1' = 10\n[weights]\n'90-2' = 2")
    made = marked(row(exercise("90-1", 6, 12), exercise("90-2", 4, 16)), found, {})
    assert [(one["points"], one["max_points"], one["raw"]) for one in made["exercises"]] == [
        (5, 10, [6, 12]),
        (8, 32, [4, 16]),
    ]
    assert (made["points"], made["max_points"], made["raw"]) == (13, 42, {"points": 10, "max_points": 28})
    assert made["exercises"][1]["worth"] == "4 of 16 points, each of which counts 2 times."


def test_bonus_points_count_on_top_and_end_at_the_full_mark_only_if_the_sheet_says_so(sheet):
    exercises = [exercise("90-1", 12, 12), exercise("90-3", 6, 8)]
    made = marked(row(*exercises), sheet("bonus = ['90-3']"), {})
    assert (made["points"], made["max_points"]) == (18, 12) and made["reasons"] == [
        "6 bonus points, on top of the 12 to be had."
    ]
    capped = marked(row(*exercises), sheet("bonus = ['90-3']\nabove_full = false"), {})
    assert capped["points"] == 12 and "18 → 12" in capped["reasons"][-1]


def test_a_part_that_waits_for_a_person_leaves_the_pass_mark_open(sheet):
    found = sheet("pass_mark = 50")
    assert marked(row(exercise("90-1", 5, 10)), found, {})["passed"] is True
    assert marked(row(exercise("90-1", 4.9, 10)), found, {})["passed"] is False
    assert marked(row(exercise("90-1", 9, 10), exercise("90-2", None, 10)), found, {})["passed"] is None


@pytest.mark.parametrize("given, step, rounded", [(7.25, 0.5, 7.5), (7.24, 0.5, 7), (0.125, 0.01, 0.13), (2.5, 1, 3)])
def test_marks_are_rounded_half_up(given, step, rounded, sheet):
    assert points(sheet(f"round_to = {step}"), {}, exercise("90-1", given, 10)) == rounded


# --- Handing in late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "late, mark",
    [
        ({"minutes": 0}, 10),
        ({"minutes": 15}, 10),  # within the grace
        ({"minutes": 16}, 8),  # from the deadline on: one day has begun
        ({"days": 1}, 8),
        ({"days": 1, "minutes": 1}, 6),
        ({"days": 4}, 4),  # 80 %, and 60 at most
        ({"days": 5}, 4),
        ({"days": 5, "minutes": 1}, 0),
    ],
)
def test_what_each_day_that_has_begun_costs(late, mark, sheet):
    found = sheet(DEADLINE + "[late]\ngrace = 15\nper_day = 20\ncap = 60\ndays = 5")
    made = marked(row(exercise("90-1", 10, 20)), found, at(**late))
    assert made["points"] == mark and made["handed_in"].startswith("2026-11-")
    assert (mark == 10) == (
        " → " not in " ".join(made["reasons"]) and "nothing counts" not in " ".join(made["reasons"])
    )


def test_a_cost_in_points_to_be_had_is_the_same_for_everybody_and_ends_at_nothing(sheet):
    found = sheet(DEADLINE + "[late]\nper_day = 20\nof = 'full'")
    assert points(found, at(hours=1)) == 6 and points(found, at(days=3)) == 0


def test_the_day_on_which_clocks_change_has_25_hours(sheet):
    text = 'deadline = 2026-10-24T23:59:00\ntime_zone = "Europe/Berlin"\n[late]\nper_day = 10'
    end = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)
    for zone in (UTC, BERLIN):
        first, second = (Time((end + timedelta(hours=hours)).astimezone(zone), "a table") for hours in (24, 24.5))
        assert [points(sheet(text), {FILE: time}) for time in (first, second)] == [9, 8]


def test_an_extension_is_a_moment_or_days_and_names_one_student_by_any_of_their_names(sheet):
    found = sheet(DEADLINE + "[late]\nper_day = 50\n[extensions]\nANNA = 3\n'4711' = 2026-11-11T12:00:00\nzoe = 1")
    rows = [row(exercise("90-1", 10, 20)), row(exercise("90-1", 10, 20), student="b", platform={"canvas_id": "4711"})]
    late = {"anna": at(days=2), "b": at(days=1, hours=13)}
    (anna, ben), told = marked_all(rows, found, late)
    assert (anna["points"], ben["points"]) == (10, 5)
    assert "before the extended deadline, 2026-11-12 23:59 CET" in anna["reasons"][0]
    assert told == ["assignments/90.toml: extensions name zoe, whom nobody here is called."]


def test_an_extension_that_two_students_answer_to_is_refused(sheet):
    found = sheet(DEADLINE + "[extensions]\n'Alex Example' = 3")
    rows = [row(exercise("90-1", 1, 2), student=key, name="Alex Example") for key in ("11", "22")]
    with pytest.raises(BadSettings, match="is a name of 2: write 11 or 22"):
        marked_all(rows, found, {})


def test_an_unknown_time_is_no_mark_unless_the_sheet_says_otherwise_or_nothing_hangs_on_it(sheet):
    rule = DEADLINE + "[late]\nper_day = 10\n"
    open_, trusting = sheet(rule), sheet("unknown_times = 'on time'\n" + rule)
    made = marked(row(exercise("90-1", 10, 20)), open_, {})
    assert made["status"] == TIME_UNKNOWN and "no mark yet" in made["sentence"]
    assert "--times (student,time)" in marked_all([row(exercise("90-1", 10, 20))], open_, {})[1][0]
    assert marked(row(exercise("90-1", 10, 20)), trusting, {})["status"] == "graded"
    late = {FILE: Time(late=True)}
    assert "not known yet how late" in marked(row(exercise("90-1", 10, 20)), trusting, late)["sentence"]
    assert marked(row(exercise("90-1", 10, 20)), sheet(DEADLINE), {})["status"] == "graded"


# --- Attempts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which, mark, file", [("best", 12, "1.ipynb"), ("last", 7, "2.ipynb")])
def test_the_best_mark_after_what_lateness_costs_counts_or_that_of_the_last_attempt(which, mark, file, sheet):
    found = sheet(f"attempts = '{which}'\n" + DEADLINE + "[late]\nper_day = 50")
    first, second = row(exercise("90-1", 12, 20), file="1.ipynb"), row(exercise("90-1", 14, 20), file="2.ipynb")
    times = {"1.ipynb": Time(END, "x"), "2.ipynb": Time(END + timedelta(hours=1), "x")}
    raw = second | {"notes": ["2 files were handed in.", "more"], "others": [first]}
    made = marked(raw, found, times)
    assert (made["points"], made["file"]) == (mark, file) and "others" not in made
    assert "Marks: 1.ipynb: 12, 2.ipynb: 7." in made["reasons"][0] and "2 files were handed in." not in made["notes"]


@pytest.mark.parametrize(
    "seconds, words", [(59, "59 s"), (3600, "1 h"), (3661, "1 h 1 min"), (90000, "1 d 1 h"), (86400 + 59, "1 d")]
)
def test_a_length_of_time_in_words(seconds, words):
    assert span(timedelta(seconds=seconds)) == words
