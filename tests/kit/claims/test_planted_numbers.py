"""Every rule is fed with numbers that it did not measure, and has to say something else."""

from dataclasses import replace

import pytest

from course_lib.claims import CLAIMS, Effect, Measured
from course_lib.claims.kit import Claim, fails, holds, not_shown, partly
from course_lib.claims.planted import plants, wrong_answers
from course_lib.claims.verdicts import NOT_SHOWN
from tests.debts import DEBTS, claims_in_debt

EXPERIMENTS = [claim_id for claim_id, claim in CLAIMS.items() if not claim.identity]


@pytest.mark.parametrize("claim_id", EXPERIMENTS)
def test_a_rule_says_something_else_to_planted_numbers(claim_id, result_of):
    wrong = wrong_answers(CLAIMS[claim_id], result_of(claim_id).numbers)
    if claim_id in claims_in_debt("wrong_answers"):
        assert wrong, f"{claim_id} is right now: take it off the list in tests/debts.py"
    else:
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("claim_id", EXPERIMENTS)
def test_a_claim_names_the_numbers_on_which_its_verdict_hangs(claim_id, result_of):
    effects = CLAIMS[claim_id].effects
    assert bool(effects) != (claim_id in claims_in_debt("without_effects")), "see tests/debts.py"
    assert {effect.name for effect in effects} <= set(result_of(claim_id).numbers)


def test_an_identity_measures_rounding_and_no_samples(result_of):
    for claim_id in set(CLAIMS) - set(EXPERIMENTS):
        assert not CLAIMS[claim_id].effects, claim_id
        assert all(number.low is None for number in result_of(claim_id).numbers.values()), claim_id


def test_only_experiments_are_in_debt():
    for kind in ("wrong_answers", "without_effects"):
        assert claims_in_debt(kind) <= set(EXPERIMENTS)
    assert all(chapter.isdigit() for chapter in DEBTS)


# --- The planting itself --------------------------------------------------------------------------------

NUMBERS = {"gain": Measured(2.0, 1.5, 2.5, "powers of ten gained"), "other": Measured(7.0, label="not looked at")}


def careful(n):
    if n["gain"].lower == n["gain"].upper == 9.0:
        return not_shown("both arms are at the ceiling")
    if n["gain"].lower > 0:
        return holds("it gains")
    return fails("it loses") if n["gain"].upper < 0 else not_shown("the interval holds both answers")


def bold(n):
    return holds("it gains") if n["gain"].value > 0 else fails("it does not")


def lenient(n):
    return holds("nothing speaks against it") if n["gain"].upper > 0 else fails("it does not")


def stubborn(n):
    return holds("as always")


GAIN = Effect("gain", ends=(9.0,))


def a_claim(judge, effects=(GAIN,)):
    texts = dict.fromkeys(("lecture", "statement", "condition", "rule"), "text")
    return Claim(id="C-99-1", experiment=None, judge=judge, effects=effects, **texts)


def kinds(judge, numbers=NUMBERS):
    claim = a_claim(judge)
    return {what: judge(planted).kind for what, planted in plants(claim, numbers).items()}


def test_each_plant_is_what_it_is_called():
    planted = plants(a_claim(careful), NUMBERS)
    assert planted["three times the noise"]["gain"][:3] == (2.0, 0.5, 3.5)
    assert planted["no effect"]["gain"][:3] == (0.0, -0.5, 0.5)
    assert planted["the reversed effect"]["gain"][:3] == (-2.0, -2.5, -1.5)
    assert planted["gain at 9, the end of its scale"]["gain"][:3] == (9.0, 9.0, 9.0)
    assert planted["nothing but noise"]["gain"].lower < -1000
    assert all(numbers["other"] == NUMBERS["other"] for numbers in planted.values())


def test_a_ratio_is_reversed_by_its_inverse():
    effect = Effect("speed", none=1.0, ratio=True)
    assert effect.mirrored(Measured(4.0, 2.0, 8.0))[:3] == (0.25, 0.125, 0.5)
    assert effect.moved(Measured(4.0, 2.0, 8.0), 1.0)[:3] == (1.0, 0.5, 2.0)


def test_a_careful_rule_answers_all_plants_right():
    assert wrong_answers(a_claim(careful), NUMBERS) == []
    assert kinds(careful)["nothing but noise"] == NOT_SHOWN


@pytest.mark.parametrize(
    ("judge", "found"),
    [
        (bold, ["nothing but noise", "end of its scale"]),
        (lenient, ["nothing but noise", "no effect", "end of its scale"]),
        (stubborn, ["nothing but noise", "no effect", "the reversed effect", "end of its scale"]),
    ],
)
def test_a_rule_that_cannot_say_something_else_is_found(judge, found):
    wrong = wrong_answers(a_claim(judge), NUMBERS)
    assert len(wrong) == len(found) and all(any(what in sentence for sentence in wrong) for what in found), wrong


def test_more_noise_is_never_an_easier_pass():
    def easier(n):
        return holds("it gains") if n["gain"].upper > 3 else fails("it does not")

    assert "to three times the noise its rule says 'holds'" in wrong_answers(a_claim(easier), NUMBERS)[0]


def test_without_named_effects_every_interval_is_widened():
    claim = a_claim(bold, effects=())
    assert list(plants(claim, NUMBERS)) == ["three times the noise", "nothing but noise"]
    assert len(wrong_answers(claim, NUMBERS)) == 1
    assert plants(claim, {"exact": Measured(1.0)}) == {}


def test_where_nothing_was_found_none_may_be_the_same_verdict():
    nothing = {"gain": Measured(0.1, -0.4, 0.6)}
    assert careful(nothing).kind == NOT_SHOWN
    assert wrong_answers(replace(a_claim(careful), effects=(Effect("gain"),)), nothing) == []


def test_partly_says_which_half_falls():
    verdict = partly("it is faster", "it needs no learning rate")
    assert str(verdict) == "holds partly: it is faster; what falls: it needs no learning rate"
    assert str(not_shown("two seeds")) == "is not shown: two seeds"
