"""Who handed in what: every person one row, none merged, none lost in silence, whatever the layout and the names."""

import random
import re
import time

import pytest

from course_lib.grading.layouts import LAYOUTS, Unclear, recognise
from course_lib.grading.names import alike, is_notebook, shown, without_copy_mark
from course_lib.grading.platforms import canvas, gradescope_submitters, is_canvas, moodle
from tests.grading.classes import (
    AROUND,
    BY_NAME,
    BY_NUMBER,
    ORDINARY,
    blackboard,
    brightspace,
    composed,
    exchange,
    handed_in,
    seeded,
    some_names,
    week_folders,
    weeks,
)
from tests.grading.classes import canvas as canvas_files
from tests.grading.classes import moodle as moodle_files

EXPORTS = [canvas_files, moodle_files, blackboard, brightspace, exchange]  # that say what they are
ASSIGNMENTS = ["00_start", "01_backprop", "02_sgd_noise", "03_momentum", "04_newton_saddles", "05_adaptive"]


def people(*places, **more):
    """``{key: places}``."""
    reading = recognise(places, ASSIGNMENTS, **more)
    return {person.key: list(found) for person, found in reading.people.items()}


def partition(owner):
    """Places by person, as sets."""
    found = {}
    for place, person in owner.items():
        found.setdefault(person, set()).add(place)
    return {frozenset(places) for places in found.values()}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("layout", [*BY_NAME, *BY_NUMBER, weeks, week_folders], ids=lambda layout: layout.__name__)
def test_exactly_the_people_who_went_in_come_out_each_with_their_own_files(layout, around):
    refused = 0
    for seed in range(20):
        rng = seeded(layout.__name__, around, seed)
        names = some_names(rng, rng.randint(2, 8))
        places, owner = handed_in(layout, names, rng, around)
        try:
            reading = recognise(places, ASSIGNMENTS)
        except Unclear:
            refused += 1
            continue
        found = {place: person for person, mine in reading.people.items() for place in mine}
        assert partition({place: found.get(place) for place in owner}) == partition(owner), (names, reading.layout)
        assert len({person.key for person in reading.people}) == len(partition(owner))
        assert set(places) == set(found) | set(reading.aside)
    assert refused <= 4  # bare numbers beside the name of a task, in a folder of any name


GROUPS = [
    ("group-1.zip", "group-2.zip"),
    ("Tutorial A", "Tutorial B"),
    ("mon.zip", "tue.zip"),
    ("Smith", "Jones"),
    ("section 1/submissions", "section 2/submissions"),
    ("class/g1", "class/g2"),
    ("2026-11-02.zip", "2026-11-03.zip"),
]


@pytest.mark.parametrize("layout", [*BY_NAME, *BY_NUMBER], ids=lambda layout: layout.__name__)
def test_a_class_in_groups_is_read_as_people_or_refused_and_never_as_the_groups(layout):
    for seed, groups in enumerate(GROUPS * 3):
        rng = seeded(layout.__name__, "groups", seed)
        names = rng.sample(ORDINARY, 6)
        owner = {
            f"{groups[person % 2]}/{place}": person
            for person, mine in enumerate(layout(names, rng))
            for place in mine
            if is_notebook(place)
        }
        try:
            reading = recognise(list(owner), ASSIGNMENTS)
        except Unclear as refusal:
            assert layout not in EXPORTS and str(refusal).count("--layout") == 2
            continue
        assert {frozenset(mine) for mine in reading.people.values()} == partition(owner), (groups, reading.layout)


@pytest.mark.parametrize("part", range(5))
def test_whatever_way_is_put_together_people_come_out_or_both_readings(part):
    refused = 0
    for seed in range(300):
        owner = composed(seeded("composed", part, seed))
        try:
            reading = recognise(list(owner), ASSIGNMENTS)
        except Unclear as refusal:
            assert str(refusal).count("--layout") == 2
            refused += 1
            continue
        found = {place: person for person, mine in reading.people.items() for place in mine}
        notebooks = {place: person for place, person in owner.items() if is_notebook(place) and ".ipynb_" not in place}
        assert partition({place: found.get(place) for place in notebooks}) == partition(notebooks), reading.layout
    assert refused < 180  # most of those in groups of any name: a group may be a student


@pytest.mark.parametrize("groups", [*GROUPS, ("week 1", "week 2")], ids="-".join)
@pytest.mark.parametrize("form", ["03_momentum_{}", "{}_03_momentum", "momentum {}", "hw3_{}", "HW{}", "group-{}"])
def test_short_numbers_in_groups_are_people_or_refused_and_never_the_groups(form, groups):
    for seed in range(10):
        rng = seeded(form, groups, seed)
        numbers = rng.sample(range(1, 1000), rng.randint(4, 9))
        owner = {f"{groups[i % 2]}/{form.format(number)}.ipynb": i for i, number in enumerate(numbers)}
        try:
            reading = recognise(list(owner), ASSIGNMENTS)
        except Unclear as refusal:
            assert str(refusal).count("--layout") == 2
            continue
        assert {frozenset(mine) for mine in reading.people.values()} == partition(owner), (numbers, reading.layout)


@pytest.mark.parametrize(
    "places, layout, keys",
    [
        (["alice.ipynb"], "flat", ["alice"]),
        (["03_momentum_alice.ipynb", "alice-03_momentum.ipynb"], "flat", ["alice"]),
        (["03_momentum.ipynb"], "flat", ["03_momentum"]),
        (["student7.ipynb", "student8.ipynb"], "flat", ["student7", "student8"]),
        (["alice (1).ipynb", "alice (2).ipynb"], "flat", ["alice (1)", "alice (2)"]),
        (["alice.ipynb", "alice (1).ipynb", "alice-Copy1.ipynb", "alice - Copy.ipynb"], "flat", ["alice"]),
        (["anna (1)/x.ipynb", "anna/x.ipynb"], "folder", ["anna", "anna (1)"]),
        (["anna.zip/x.ipynb", "anna (1).zip/x.ipynb", "ben.zip/x.ipynb"], "folder", ["anna", "ben"]),
        (["Anna Copy.ipynb", "Anna.ipynb"], "flat", ["Anna", "Anna Copy"]),
        (["Zoë Müller.ipynb"], "flat", ["Zoë Müller"]),
        (["bob/deep/er/x.ipynb"], "folder", ["bob"]),
        (["submissions/bob/03_momentum.ipynb"], "folder", ["bob"]),
        (["carol.zip/03_momentum.ipynb"], "folder", ["carol"]),
        (["dora.zip/x/a.ipynb", "dora.zip/x/.ipynb_checkpoints/a-checkpoint.ipynb"], "folder", ["dora"]),
        (["gus.zip/a.ipynb", "hal/x.ipynb", "ida.ipynb"], "folder", ["gus", "hal", "ida"]),
        (["__dora__/x.ipynb", ".eve/x.ipynb", "empty/", "dir.ipynb/", "y/.DS_Store"], "folder", None),
        (["anna.ipynb", "ben.pdf", "carl.html", "dan.rar", "eve.tar.gz", "fay.ipynb.txt"], "flat", None),
        (["=cmd|' C calc'!A0.ipynb"], "flat", ["=cmd|' C calc'!A0"]),
        (["week3/03_anna.ipynb", "week3/03_ben.ipynb"], "flat", ["anna", "ben"]),
        (["Tutorium 1/anna.ipynb", "Tutorium 1/ben.ipynb", "Tutorium 2/carl.ipynb"], "flat", ["anna", "ben", "carl"]),
        (["2026-11-02/anna.ipynb", "2026-11-02/ben.ipynb", "2026-11-03/carl.ipynb"], "flat", ["anna", "ben", "carl"]),
        (
            ["anna/03_momentum.ipynb", "ben/notebooks/03_momentum.ipynb", "ben/solutions/x.ipynb"],
            "folder",
            ["anna", "ben"],
        ),
        (["sheet.pdf", "anna/x.ipynb", "ben/x.ipynb"], "folder", ["anna", "ben"]),
    ],
)
def test_the_layout_and_the_keys(places, layout, keys):
    reading = recognise(places, ASSIGNMENTS)
    assert reading.layout == layout
    assert [person.key for person in reading.people] == (keys or sorted(shown(_first(place)) for place in places))


def _first(place):
    name = place.split("/")[0]
    return name if "/" in place else re.sub(r"\.(ipynb\.txt|ipynb|pdf|html|rar|tar\.gz)$", "", name)


def test_platforms_numbers_are_the_keys_and_names_stand_beside_them():
    reading = recognise(
        [f"Alex Example_{n}_assignsubmission_{kind}" for n in (1001, 1002) for kind in ("file_/a.ipynb", "file_/b.pdf")]
        + ["Alex Example_1002_assignsubmission_onlinetext_/onlinetext.html"]
    )
    assert [(p.key, p.name, p.platform["moodle_id"]) for p in reading.people] == [
        ("1001", "Alex Example", "1001"),
        ("1002", "Alex Example", "1002"),
    ]
    reading = recognise(["leeann_LATE_12345_678901_a-1.ipynb", "leeann_99_678902_a.ipynb", "zed_7_text.html"])
    assert [(p.key, p.name) for p in reading.people] == [("12345", "leeann"), ("7", "zed"), ("99", "leeann")]
    assert reading.layout == "canvas"


def test_all_attempts_of_a_person_are_one_row_with_what_the_platform_knows():
    front = "03 Momentum_aexa_attempt_2026-11-"
    reading = recognise([f"{front}02-10-00-00_a.ipynb", f"{front}02-10-00-00.txt", f"{front}03-10-00-00_b.ipynb"])
    ((person, places),) = reading.people.items()
    assert (reading.layout, person.key, person.platform) == ("blackboard", "aexa", {"blackboard_login": "aexa"})
    assert len(places) == 3
    reading = recognise([f"{n}-9 - Alex Example - Nov {n}, 2026 1159 PM/a.ipynb" for n in (1, 2)] + ["index.html"])
    assert [(p.key, p.name) for p in reading.people] == [("1", "Alex Example"), ("2", "Alex Example")]
    assert not reading.warnings


def test_one_student_s_file_name_does_not_choose_the_layout_of_the_class():
    names = [
        "x_ben_attempt_2026-11-02-10-00-00_a.ipynb",
        "7-9 - Ben - Nov 2, 2026 1159 PM - a.ipynb",
        "Ben_7_assignsubmission_file_a.ipynb",
        "ben_11_22_a.ipynb",
        "ben+03_momentum+2026-11-02 10:00:00 UTC.ipynb",
    ]
    for name in names:
        assert recognise([name, "anna.ipynb", "ben.ipynb", "carl.ipynb"]).layout == "flat"
        assert len(recognise([name, "anna.ipynb", "ben.ipynb", "carl.ipynb"]).people) == 4


@pytest.mark.parametrize("split", ["drive-download-20261102T101010Z-00{}", "Abgaben-20261102T101010Z-1-00{}.zip"])
def test_the_parts_in_which_google_drive_packs_a_folder_are_nobody(split):
    places = [f"{split.format(1 + i // 2)}/{name}/a.ipynb" for i, name in enumerate(["anna", "ben", "carl"])]
    assert set(people(*places)) == {"anna", "ben", "carl"}
    assert set(people("anna-20261102T101010Z-001.zip/a.ipynb", "ben.zip/a.ipynb")) == {
        "anna-20261102T101010Z-001",
        "ben",
    }


def test_what_systems_leave_on_a_stick_is_nobody():
    left = ["$RECYCLE.BIN/S-1/$I7.ipynb", "System Volume Information/x.dat", "lost+found/", "~$anna.ipynb"]
    reading = recognise(["anna/a.ipynb", "ben/a.ipynb", "anna/~$b.docx", ".~lock.carl.ipynb#", *left])
    assert [person.key for person in reading.people] == ["anna", "ben"]
    assert set(left) < set(reading.aside)


@pytest.mark.parametrize("added", ["", ".txt", ".json", ".part", ".crdownload", "~", "_", ".bak", ".", " (1)", "?dl=1"])
def test_whatever_was_added_to_the_name_of_a_notebook_it_is_one(added):
    assert is_notebook(f"week.1/Anna.IPYNB{added}")
    assert is_notebook(f".ipynb{added}")
    assert len(people(f"anna.ipynb{added}", "ben.ipynb")) == 2


@pytest.mark.parametrize(
    "name", ["ipynb", "a.ipynb/", "a.ipynb/b.txt", "a.ipynb.zip", "a.ipynbs", ".ipynb_checkpoints"]
)
def test_these_are_no_notebooks(name):
    assert not is_notebook(name)


@pytest.mark.parametrize(
    "name, person",
    [
        ("leeann_12345_678901_03_momentum.ipynb", ("12345", "leeann")),
        ("le_eann_LATE_12345_678901_x.ipynb", ("12345", "le_eann")),
        ("anon_aB3xY_4711_x.ipynb", ("aB3xY", "")),
        ("LATE_anon_aB3xY_4711_x.ipynb", ("aB3xY", "")),
        ("leeann_5_link.html", ("5", "leeann")),
        ("03_momentum_anna.ipynb", None),
        ("anna_03_2026_x.ipynb", None),
        ("anna.ipynb", None),
    ],
)
def test_names_of_canvas(name, person):
    found = canvas(name)
    assert (found and (found.key, found.name)) == person


def test_dates_in_names_are_no_numbers_of_canvas():
    assert not is_canvas(["anna_2026_11_momentum.ipynb", "ben_2026_12_momentum.ipynb"])
    assert not is_canvas(["student_1_3_momentum.ipynb", "student_2_3_momentum.ipynb"])


@pytest.mark.parametrize(
    "name, person",
    [
        ("Ann Lee_123456_assignsubmission_file_", ("123456", "Ann Lee")),
        ("Ann Lee_123456_assignsubmission_file", ("123456", "Ann Lee")),
        ("Ann Lee_123456_assignsubmission_file_03_momentum.ipynb", ("123456", "Ann Lee")),
        ("Group 1-Ann Lee_5_assignsubmission_onlinetext_onlinetext.html", ("5", "Group 1-Ann Lee")),
        ("Default group_assignsubmission_file_", ("Default group", "")),
        ("Ann Lee_123456", None),
    ],
)
def test_names_of_moodle(name, person):
    found = moodle(name)
    assert (found and (found.key, found.name)) == person


METADATA = """---
submission_11:
  :submitters:
  - :name: Solo Student
    :sid: '100'
    :email: solo@example.org
  :created_at: 2026-11-02 10:00:00.000000000 Z
  :results:
    output: "submission_99:"
    tests:
    - :name: a test
submission_12:
  :submitters:
  - :name: Pair One
    :sid: '200'
  - :name: "Pair Two"
    :email: two@example.org
"""


def test_exports_of_several_groups_beside_each_other_are_read_as_one():
    places = [
        f"group {group}.zip/Alex Example_{number}_assignsubmission_file_/a.ipynb"
        for group, number in ((1, 1001), (1, 1002), (2, 1003), (2, 1004))
    ]
    reading = recognise(places)
    assert (reading.layout, [p.key for p in reading.people]) == ("moodle", ["1001", "1002", "1003", "1004"])


def test_gradescope_s_list_names_everyone_of_a_group():
    places = [f"assignment_9_export/submission_{n}/a.ipynb" for n in (11, 12, 13)]
    places.append("assignment_9_export/submission_metadata.yml")
    reading = recognise(places, submitters=gradescope_submitters(METADATA))
    assert [(p.key, p.name) for p in reading.people] == [
        ("11", "Solo Student"),
        ("12-200", "Pair One"),
        ("12-two@example.org", "Pair Two"),
        ("13", ""),
    ]
    assert reading.layout == "gradescope" and list(reading.aside) == places[3:]


def test_repositories_of_github_classroom_are_known_by_the_assignment_the_folder_around_or_git():
    for around, prefix, more in (
        ("", "03-momentum-", []),
        ("hw-submissions/", "hw-", []),
        ("", "hw-", ["hw-ann/.git/", "hw-bob-1/.git/"]),
    ):
        places = [f"{around}{prefix}{login}/03_momentum.ipynb" for login in ("ann", "bob-1")] + more
        reading = recognise(places, ASSIGNMENTS)
        assert (reading.layout, [p.key for p in reading.people]) == ("github-classroom", ["ann", "bob-1"])
    assert list(people("hw-ann/a.ipynb", "hw-bob/a.ipynb")) == ["hw-ann", "hw-bob"]


UNCLEAR = [
    (["tutorA/anna.ipynb", "tutorA/ben.ipynb", "tutorB/carl.ipynb"], {"folder": 2, "flat": 3}),
    (["group-1/anna.ipynb", "group-1/ben.ipynb", "group-2/carl.ipynb"], {"folder": 2, "flat": 3}),
    (["A/anna/x.ipynb", "A/ben/x.ipynb", "B/carl/x.ipynb", "B/dan/x.ipynb"], {"folder": 2, "subfolder": 4}),
    (["tutorA/al.ipynb", "tutorA/ben.ipynb", "tutorB/al.ipynb", "tutorB/cy.ipynb"], {"folder": 2, "flat": 4}),
    (["A/submissions/anna/x.ipynb", "A/submissions/ben/x.ipynb", "B/carl/x.ipynb"], {"folder": 2, "subfolder": 3}),
    (["03_momentum.ipynb", "03_momentum (1).ipynb", "03_momentum (2).ipynb"], {"flat": 3, "one": 1}),
    (["02_sgd_noise.ipynb", "03_momentum.ipynb"], {"flat": 2, "one": 1}),
    (["exercise1.ipynb", "exercise2.ipynb"], {"flat": 2, "one": 1}),
    (["week2/02_sgd_noise.ipynb", "week3/03_momentum.ipynb"], {"folder": 2, "one": 1}),
    (["dora/03_momentum.ipynb", "dora/anna.ipynb"], {"folder": 1, "flat": 2}),
    (["all/anna/x.ipynb", "all/ben/x.ipynb", "notes/x.pdf"], {"folder": 2, "subfolder": None}),
]


@pytest.mark.parametrize("places, counts", UNCLEAR)
def test_what_can_be_read_in_two_ways_is_refused_with_both_and_how_to_choose(places, counts):
    with pytest.raises(Unclear) as refusal:
        recognise(places, ASSIGNMENTS)
    for layout, count in counts.items():
        if count is None:
            continue
        assert f"--layout {layout}: {LAYOUTS[layout]}, {count} student" in str(refusal.value)
        assert len(people(*places, layout=layout)) == count
    assert str(refusal.value).count("for example: '") == 2


def test_two_names_for_one_number_stop_the_run_and_both_places_are_named():
    with pytest.raises(Unclear, match=r"'7'.*Ben_7_assign.*Anna_7_assign|'7'.*Anna_7_assign.*Ben_7_assign"):
        people("Anna_7_assignsubmission_file_/a.ipynb", "Ben_7_assignsubmission_file_/a.ipynb")
    with pytest.raises(Unclear, match="'7'"):
        people("Anna_7_assignsubmission_file_/a.ipynb", "7/a.ipynb")


def test_a_layout_that_is_not_there_is_said():
    for layout in ("moodle", "canvas", "gradescope", "nbgrader"):
        with pytest.raises(Unclear, match=f"looks like --layout {layout}"):
            people("anna.ipynb", "ben.ipynb", layout=layout)


def test_the_example_shows_a_notebook():
    reading = recognise(["anna/data/x.csv", "anna/03_momentum.ipynb", "ben/03_momentum.ipynb"])
    assert str(reading) == "a folder for each student, 2 students, for example: 'anna' from anna/03_momentum.ipynb"


def test_files_of_one_student_and_names_that_look_alike_are_said():
    reading = recognise(["anna.ipynb", "anna (1).ipynb", "Anna.ipynb", "bob.ipynb"])
    several, twins = reading.warnings
    assert "'anna'" in several and "'anna (1).ipynb'" in several
    assert "'Anna', 'anna'" in twins
    (alone,) = recognise(["dora/notebooks/03_momentum.ipynb", "dora/exercises/03_momentum.ipynb"]).warnings[:1]
    assert "one student's, 'dora', with 2 notebooks" in alone


def test_results_of_an_earlier_run_are_nobody_s():
    places = ["grades/grades.sqlite", "grades/run.json", "grades/feedback/anna-1.html", "anna.ipynb", "ben.ipynb"]
    assert list(people(*places)) == ["anna", "ben"]
    here = [
        "grades.sqlite",
        "run.json",
        "feedback/anna-1.html",
        "gradescope/a/results.json",
        "anna/x.ipynb",
        "ben/x.ipynb",
    ]
    assert list(people(*here)) == ["anna", "ben"]


# --- Names from the whole of Unicode ------------------------------------------------------------------------


SIGNS = "\n\r\t\x7f\u2028\u202e\u200b\ufeff \\'\"(){}[]%_-.~"
WORDS = ["copy ", " (1)", "-Copy1", "03_momentum", "_LATE_", "_assignsubmission_", "Copy of ", "12345_"]


def strange_name(rng):
    """A name that a file system allows, bytes that are no UTF-8 included."""
    kinds = [
        lambda: chr(rng.randrange(1, 0xD800)),
        lambda: chr(rng.randrange(0xE000, 0x110000)),
        lambda: chr(rng.randrange(0xDC80, 0xDD00)),
        lambda: rng.choice(SIGNS),
        lambda: rng.choice(WORDS),
        lambda: rng.choice("abcé王"),
    ]
    name = "".join(rng.choice(kinds)() for _ in range(rng.choice([1, 3, 8, 40]))).replace("/", "")[:200]
    return name if name not in ("", ".", "..") else "a"


def test_strange_names_of_folders_stay_apart_in_time():
    rng, started = random.Random(7), time.process_time()
    for _ in range(300):
        names = list(dict.fromkeys(strange_name(rng) for _ in range(rng.randint(2, 12))))
        places = [f"{name}/03_momentum.ipynb" for name in names]
        try:
            reading = recognise(places, ASSIGNMENTS)
        except Unclear as refusal:
            assert "--layout" in str(refusal) or "Rename one" in str(refusal)
            continue
        kept = [place for place in places if place not in reading.aside]
        assert len(reading.people) == len(kept) or any("read as one student's" in text for text in reading.warnings)
        for person in reading.people:
            person.key.encode()
            assert not set("\n\r\t\x7f\u2028\u202e\u200b") & set(person.key)
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "name",
    [
        "mallory " + "copy " * 40 + "x",
        *(part * (250 // len(part)) for part in (" copy", " (1)", "Copy of ", "(", "-", "1_", "03_momentum_", " - ")),
        "_assignsubmission_" * 13,
    ],
)
def test_no_name_costs_time(name):
    started = time.process_time()
    for place in (f"{name}.ipynb", f"{name}/03_momentum.ipynb"):
        for _ in range(50):
            recognise([place, "anna.ipynb", "ben/x.ipynb"], ASSIGNMENTS)
    assert time.process_time() - started < 2


def test_a_thousand_students_with_whole_courses_are_read_in_a_moment():
    places = [f"s{i}/{folder}/{n:02}_x.ipynb" for i in range(1000) for folder in ("a", "b", "c") for n in range(10)]
    started = time.process_time()
    assert len(recognise(places, ASSIGNMENTS).people) == 1000
    assert time.process_time() - started < 10


def test_different_names_are_shown_differently_and_visibly():
    names = ["a\nb", "a\\nb", "a\\\nb", "M\udcfcller", "M\udcf6ller", "M?ller", "bob", "bob ", "Zoë", "Zoe\u0308"]
    names += ["x" * 300 + end for end in "ab"] + ["\u202eabc", "abc"]
    made = [shown(name) for name in names]
    assert len(set(made)) == len(names)
    assert all("\n" not in name and "\u202e" not in name and name.encode() for name in made)
    assert len({alike(name) for name in ("Bob", "bob ", " BOB", "ｂｏｂ")}) == 1


@pytest.mark.parametrize(
    "stem, base",
    [
        ("anna (1)", "anna"),
        ("anna(12)", "anna"),
        ("anna copy", "anna"),
        ("anna copy 2", "anna"),
        ("anna - Copy", "anna"),
        ("anna-Copy1", "anna"),
        ("anna - Kopie", "anna"),
        ("group-1", None),
        ("Anna Copy", None),
        ("anna_copy", None),
        ("anna 2", None),
        ("Copy", None),
        ("(1)", None),
    ],
)
def test_marks_of_copies_are_those_that_machines_write(stem, base):
    assert without_copy_mark(stem) == base
