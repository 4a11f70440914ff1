"""Every claim and erratum of every chapter: what came out, and that it could have come out otherwise.

What each chapter expects stands in ``tests/chapters/chNN_name/verdicts.py``.
"""

import math
from importlib import import_module
from pathlib import Path

import pytest

from course_lib.chapters import CHAPTERS, parts
from course_lib.claims import CLAIMS
from tests.kit.figures.looks import looks, strange

WITH_CLAIMS, WITH_ERRATA = parts("claims"), parts("errata")
FOLDER = Path(__file__).parents[2] / "chapters"
WITH_TABLE = [chapter for chapter in CHAPTERS if (FOLDER / chapter / "verdicts.py").exists()]
TABLES = {chapter: import_module(f"tests.chapters.{chapter}.verdicts") for chapter in WITH_TABLE}
VERDICTS = {claim_id: kind for table in TABLES.values() for claim_id, kind in table.VERDICTS.items()}
OTHERWISE = [row for table in TABLES.values() for row in table.OTHERWISE]
TWICE = [claim_id for table in TABLES.values() for claim_id in table.TWICE]
CLOSE = [row for table in TABLES.values() for row in getattr(table, "CLOSE", ())]
ERRATA = {erratum.id: erratum for module in WITH_ERRATA.values() for erratum in module.ERRATA}


def test_every_claim_has_a_verdict_in_the_table_of_its_chapter():
    assert list(VERDICTS) == list(CLAIMS), "a chapter's table is tests/chapters/chNN_name/verdicts.py"
    for chapter, table in TABLES.items():
        ids = [claim.id for claim in WITH_CLAIMS[chapter].CHAPTER]
        assert list(table.VERDICTS) == ids and {row[0] for row in table.OTHERWISE} <= set(ids)


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_a_claim_has_the_verdict_that_its_chapter_quotes(result_of, claim_id):
    assert result_of(claim_id).verdict.kind == VERDICTS[claim_id]


@pytest.mark.parametrize(("claim_id", "changes", "kind"), OTHERWISE)
def test_a_rule_can_say_something_else(result_of, claim_id, changes, kind):
    numbers = dict(result_of(claim_id).numbers)
    assert not set(changes) - set(numbers), "the rule reads a number that the experiment does not return"
    for name, value in changes.items():
        numbers[name] = numbers[name]._replace(value=value, low=value, high=value)
    assert CLAIMS[claim_id].judge(numbers).kind == kind


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_every_rule_has_been_made_to_say_something_else(claim_id):
    assert any(row[0] == claim_id and row[2] != VERDICTS[claim_id] for row in OTHERWISE)


@pytest.mark.parametrize("claim_id", TWICE)
def test_an_experiment_comes_out_the_same_twice(result_of, claim_id):
    assert str(CLAIMS[claim_id].run()) == str(result_of(claim_id))


@pytest.mark.parametrize("chapter", TABLES)
def test_some_experiments_of_every_chapter_are_run_twice(chapter):
    twice, verdicts = set(TABLES[chapter].TWICE), set(TABLES[chapter].VERDICTS)
    assert twice <= verdicts and len(twice) >= min(2, len(verdicts))


@pytest.mark.parametrize(("claim_id", "name", "bound"), CLOSE)
def test_a_measurement_stays_close_to_the_closed_form(result_of, claim_id, name, bound):
    assert abs(result_of(claim_id).numbers[name].value) < bound


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_the_texts_of_a_claim_are_stable_and_quote_no_unrounded_number(result_of, claim_id):
    assert all(len(str(number)) < 40 and "nan" not in str(number) for number in result_of(claim_id).numbers.values())


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_a_claim_can_be_drawn_and_its_alt_text_says_the_verdict(result_of, claim_id):
    result = result_of(claim_id)
    figure, alt = result.figure()
    figure.canvas.draw()
    assert result.claim.statement in alt and str(result.verdict) in alt and "nan" not in alt
    assert strange(looks(figure)) == []


# --- Errata ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", WITH_ERRATA)
def test_the_errata_of_a_chapter_are_all_there_and_point_to_claims_that_exist(chapter):
    found = WITH_ERRATA[chapter].ERRATA
    assert {erratum.id for erratum in found} >= set(getattr(TABLES.get(chapter), "ERRATA", ()))
    assert all(erratum.claim in CLAIMS for erratum in found if erratum.claim)


def test_no_two_errata_have_the_same_id():
    assert len(ERRATA) == sum(len(module.ERRATA) for module in WITH_ERRATA.values())


@pytest.mark.parametrize(
    "erratum",
    [pytest.param(one, id=f"{chapter}-{one.id}") for chapter in WITH_ERRATA for one in WITH_ERRATA[chapter].ERRATA],
)
def test_printed_and_right_are_numbers_that_differ(erratum):
    rows = erratum.compare()
    assert rows and all(math.isfinite(row.printed) for row in rows)
    right = [row for row in rows if row.right is not None]
    assert all(math.isfinite(row.right) for row in right)
    assert not right or any(row.cells()[1] != row.cells()[2] for row in right)
