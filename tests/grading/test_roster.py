"""The class list: every platform's export works as it is, everyone on it has a row, and nobody is taken for another."""

import pytest

from course_lib.grading.matching import match
from course_lib.grading.platforms import Person
from course_lib.grading.roster import BadRoster, read_roster

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,03 momentum (12)
    Points Possible,,,,,24
"Example, Anna",4711,S1,aexample,CS 1 and CS 2,
"Müller, Ben",4712,S2,bmueller,CS 1,
"Student, Test",99,,abc,CS 1,
"""
MOODLE = """Identifier,"Full name","Email address",Status,Grade
"Participant 1001","Anna Example",anna@example.org,"Submitted for grading",
"Teilnehmer/in1002","Ben Müller",ben@example.org,"No submission",
"""
PARTICIPANTS = """Vorname;Nachname;ID-Nummer;E-Mail-Adresse
Anna;Example;4711;anna@example.org
Ben;Müller;4712;ben@example.org
"""
GRADESCOPE = """First Name,Last Name,SID,Email,Sections
Anna,Example,4711,anna@example.org,
Ben,Müller,4712,ben@example.org,A
"""
GITHUB = """"identifier","github_username","github_id","name"
"Example, Anna (01)","ann-x","40261856",""
"Müller, Ben (02)","","",""
"""
OWN = "name\temail\nAnna Example\tanna@example.org\nBen Müller\tben@example.org\n"


def enrolled(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "students.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


def matched(tmp_path, text, *people):
    people = [person if isinstance(person, Person) else Person(person) for person in people]
    found = match(people, enrolled(tmp_path, text))
    names = {person.key: told.name for person, told in found.people.items()}
    return names, [person.key for person in found.missing], [person.key for person in found.unknown]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", ",;\t")
@pytest.mark.parametrize("text", [CANVAS, MOODLE, PARTICIPANTS, GRADESCOPE, OWN])
def test_lists_are_read_in_every_encoding_with_every_delimiter(text, delimiter, encoding, tmp_path):
    if '"' in text and delimiter != ",":
        return
    text = text if '"' in text else text.replace(";", delimiter).replace("\t", delimiter).replace(",", delimiter)
    anna, ben = enrolled(tmp_path, text, encoding)
    assert "Anna" in anna.name and "Müller" in ben.name


@pytest.mark.parametrize(
    "text, person",
    [
        (CANVAS, Person("4711", "exampleanna", {"canvas_id": "4711"})),
        (CANVAS, "aexample"),
        (CANVAS, "S1"),
        (CANVAS, "Anna Example"),
        (CANVAS, "Example, Anna"),
        (CANVAS, "exampleanna"),
        (MOODLE, Person("1001", "Anna Example", {"moodle_id": "1001"})),
        (MOODLE, "anna@example.org"),
        (MOODLE, "ANNA"),
        (PARTICIPANTS, "4711"),
        (PARTICIPANTS, Person("1001", "Anna Example", {"moodle_id": "1001"})),
        (PARTICIPANTS, "anna  example "),
        (GRADESCOPE, Person("77", "Anna E.", {"gradescope_id": "77", "gradescope_sid": "4711"})),
        (GITHUB, Person("ann-x", "", {"github_login": "ann-x"})),
        (OWN, "Anna Example"),
    ],
)
def test_people_are_found_by_every_identifier_and_name(text, person, tmp_path):
    key = person if isinstance(person, str) else person.key
    names, missing, unknown = matched(tmp_path, text, person, "somebody else")
    assert "Anna" in names[key] or text is GITHUB
    assert len(missing) == 1 and unknown == ["somebody else"]


def test_a_number_of_moodle_is_no_number_of_the_university(tmp_path):
    person = Person("4712", "Anna Example", {"moodle_id": "4712"})
    names, missing, _ = matched(tmp_path, PARTICIPANTS, person)
    assert names == {"4712": "Anna Example"} and missing == ["Ben Müller"]


def test_who_is_missing_is_called_as_the_others_are_found(tmp_path):
    assert matched(tmp_path, CANVAS, "aexample")[1] == ["bmueller"]
    assert matched(tmp_path, CANVAS, "4711")[1] == ["4712"]
    assert matched(tmp_path, OWN, "Anna Example")[1] == ["Ben Müller"]


def test_rows_keep_what_platforms_need(tmp_path):
    found = match([Person("aexample")], enrolled(tmp_path, CANVAS))
    (told,) = found.people.values()
    assert told.key == "aexample" and told.platform["canvas_id"] == "4711"
    assert found.missing[0].platform["canvas_id"] == "4712"


@pytest.mark.parametrize(
    "text, people, words",
    [
        ("name,email\nAnna,a@x.org\nAnna,b@x.org\n", ["Anna"], "Lines 2 and 3"),
        ("id,name\n1,Anna\n1,Ben\n", [], "Lines 2 and 3 .* same id"),
        ("id,name\n1,Anna\n2,Ben\n", ["1", "Anna"], "both answer to line 2"),
        ("email\na@x.org\na@y.org\n", ["a"], "Lines 2 and 3"),
        ("name\nAnna\n anna\n", [], "Lines 2 and 3 .* same name"),
        ("colour,size\nred,1\n", [], "no column for a name"),
        ("", [], "is empty"),
        ("PK\x03\x04", [], "save it as CSV"),
        ('name\n"Anna\x00', [], "save it as CSV"),
        ('name,email\nBen,b@x\n"Anna,a@x\nCarl,c@x\n', [], "Line 3 .* quotation mark"),
        ("id,name\n1,Müller\n2,Mueller\n", ["mueller, "], "Lines 2 and 3"),
    ],
)
def test_what_is_not_clear_stops_with_a_sentence(text, people, words, tmp_path):
    with pytest.raises(BadRoster, match=words):
        matched(tmp_path, text, *people)


def test_the_same_line_twice_is_one_student(tmp_path):
    assert len(enrolled(tmp_path, "id,name\n1,Anna\n1,Anna\n\n2,Ben\n")) == 2


def test_namesakes_with_numbers_are_told_apart_by_them(tmp_path):
    text = "id,name\n1,Alex Example\n2,Alex Example\n"
    assert matched(tmp_path, text, "1", "2")[0] == {"1": "Alex Example", "2": "Alex Example"}


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadRoster, match=r"nowhere\.csv"):
        read_roster(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("title", ["", "\n;;\n", "Kurs: Optimierung;;\nStand: 1.11.2026;;\n", "sep=;\n"])
@pytest.mark.parametrize("head", ["Matrikel-Nr.;Nachname;Vorname", "MatrikelNr;NACHNAME ;vor-name;E-Mail-Adresse"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_as_spreadsheets_write_them(title, head, end, tmp_path):
    text = f"{title}{head.replace('vor-name', 'Vorname')}\n1;Müller;Jürgen\n;;;\n\n2;Exa;Anna\u2028Eva\n"
    found = enrolled(tmp_path, text.replace("\n", end))
    assert [(one.values["id"], one.name) for one in found] == [("1", "Jürgen Müller"), ("2", "Anna\u2028Eva Exa")]
    assert found[0].line == text.split("1;M")[0].count("\n") + 1


def test_a_list_of_one_column_may_hold_commas(tmp_path):
    assert [one.name for one in enrolled(tmp_path, "Name\nExa, Anna\nExb, Ben\n")] == ["Exa, Anna", "Exb, Ben"]


@pytest.mark.parametrize(
    "key",
    [
        "Mueller_Juergen",
        "juergen mueller",
        "Muller, Jurgen",
        "Müller_Jürgen",
        "Mu\u0308ller_Jürgen_jmue_1234",
        "x jm7 Jürgen Müller",
    ],
)
def test_names_are_found_in_the_spellings_of_file_systems(key, tmp_path):
    text = "login,email,name\njmue,jm7@x.org,Jürgen Müller\nanna,a@x.org,Anna Exa\n"
    assert matched(tmp_path, text, key) == ({key: "Jürgen Müller"}, ["Anna Exa"], [])


@pytest.mark.parametrize("key", ["Anna Exa-Meyer", "Anna", "Exa_Eva_Anna", "03 Anna Exa"])
def test_a_longer_or_a_shorter_name_is_somebody_else_s(key, tmp_path):
    assert matched(tmp_path, "login,name\naexa,Anna Exa\n", key)[2] == [key]
