"""The kit of the ledger: intervals, rounding, texts, and what it says to a wrong id."""

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.claims import CLAIMS, Claim, Measured, Verdict, run_claims
from course_lib.claims.drawing import draw_plot
from course_lib.claims.kit import (
    Evidence,
    Line,
    Plot,
    UnknownClaim,
    fails,
    holds,
    holds_if,
    log_slope,
    mean_interval,
    not_shown,
    partly,
    rounded,
    share_interval,
)
from course_lib.claims.verdicts import BADGES, VERDICTS, badge, heading


def a_claim(value=1.0, label="measured"):
    plot = Plot("t", "loss", (Line("ours", np.arange(3.0), np.array([4.0, 2.0, 1.0])),))
    return Claim(
        id="C-99-1",
        lecture="L0 l.1",
        statement="2 < 3 & <b>bold</b>",
        condition="none",
        rule="Holds above 0.",
        experiment=lambda: Evidence({"x": Measured(value, value - 0.1, value + 0.1, label)}, plot),
        judge=lambda n: holds("above 0") if n["x"].lower > 0 else fails("not above 0"),
    )


def test_the_verdict_follows_from_the_numbers_alone():
    assert a_claim(1.0).run().verdict == Verdict("holds", "above 0")
    assert a_claim(0.05).run().verdict == Verdict("fails", "not above 0")


def test_verdicts_read_as_the_end_of_a_sentence():
    assert str(holds("it does")) == "holds: it does"
    assert str(holds_if("the sun shines")) == "holds if the sun shines"
    assert str(fails("never")) == "fails: never"


def test_a_result_prints_its_sentence_first_and_the_numbers_below():
    text = str(a_claim(0.123456).run())
    assert text.splitlines() == [
        'C-99-1: "2 < 3 & <b>bold</b>." It holds: above 0.',
        "  measured  0.123  [0.0235, 0.223]",
        "  said in: L0 l.1",
    ]


def test_a_notebook_shows_figure_and_sentence_and_folds_the_table(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: shown.append((data, how)))
    result = a_claim(0.123456).run()
    result._ipython_display_()
    (heading, _), (picture, how), (text, _) = shown
    assert picture["image/png"].startswith(b"\x89PNG") and how["metadata"]["image/png"]["alt"] == picture["text/plain"]
    assert text["text/plain"] == str(result)
    assert heading["text/plain"] == "C-99-1 holds"
    assert ">holds</b>" in heading["text/html"] and ">Above 0.</p>" in heading["text/html"]
    unfolded = heading["text/html"] + re.sub("<details>.*</details>", "", text["text/html"])
    assert "0.123" not in unfolded and "L0" not in unfolded
    assert "0.123  [0.0235, 0.223]" in text["text/html"] and "L0 l.1" in text["text/html"]


def test_html_escapes_what_claims_say():
    html = a_claim(label="a<b").run()._repr_html_()
    assert "<b>bold" not in html and "&lt;b&gt;bold" in html and "a&lt;b" in html
    assert ">holds</b>" in html and "Above 0." in html


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return np.dot(
        [0.2126, 0.7152, 0.0722], [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    )


def test_every_verdict_has_a_badge_of_its_own_that_white_text_can_be_read_on():
    assert set(BADGES) == set(VERDICTS) and len(set(BADGES.values())) == len(VERDICTS)
    for color in BADGES.values():
        assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_a_badge_says_its_verdict_in_words_and_a_condition_reads_as_one():
    for verdict in (holds_if("it rains"), partly("a", "b"), not_shown("too few"), fails("never")):
        assert f">{verdict.verb}</b>" in badge(verdict)
    assert ">If it rains.</p>" in heading(a_claim(), holds_if("it rains"))
    assert ">Never.</p>" in heading(a_claim(), fails("never"))


def test_as_dict_is_json_with_the_printed_digits():
    data = json.loads(json.dumps(a_claim(0.123456).run().as_dict()))
    assert data["numbers"] == {"x": {"label": "measured", "value": 0.123, "low": 0.0235, "high": 0.223}}
    assert (data["id"], data["verdict"], data["because"]) == ("C-99-1", "holds", "above 0")


def test_the_figure_says_verdict_and_finding_and_can_be_saved(tmp_path):
    result = a_claim().run()
    figure, alt = result.figure()
    assert alt.startswith("loss against t: ours, from 4 to 1.") and alt.endswith("holds: above 0")
    assert len(figure.axes[0].lines) == 1
    assert result.save_figure(tmp_path / "claim.png").read_bytes().startswith(b"\x89PNG")


def test_an_unknown_claim_names_those_there_are_and_nothing_runs():
    with pytest.raises(UnknownClaim, match=r"There is no claim 'C-03-99'\. Choose one of: C-01-1, ") as caught:
        run_claims(["C-03-10", "C-03-99"], progress=lambda *_: pytest.fail("something ran"))
    assert not str(caught.value).startswith('"')


def test_progress_is_told_before_each_claim_and_at_the_end():
    told = []
    run_claims(
        ["C-03-14", "C-03-10"], progress=lambda done, total, claim: told.append((done, total, claim and claim.id))
    )
    assert told == [(0, 2, "C-03-14"), (1, 2, "C-03-10"), (2, 2, None)]


WITHDRAWN = {"C-03-13"}  # no source says it; its number is not given again


def test_ids_are_numbered_in_order_and_a_number_that_is_missing_was_withdrawn():
    for chapter in sorted({claim_id[2:4] for claim_id in CLAIMS}):
        numbers = [int(claim_id[5:]) for claim_id in CLAIMS if claim_id[2:4] == chapter]
        gone = [int(claim_id[5:]) for claim_id in WITHDRAWN if claim_id[2:4] == chapter]
        assert numbers == sorted(numbers) and sorted(numbers + gone) == list(range(1, len(numbers + gone) + 1))


def test_every_text_of_a_claim_is_there():
    for claim in CLAIMS.values():
        assert all([claim.lecture, claim.statement, claim.condition, claim.rule]), claim.id
        assert not claim.statement.endswith("."), claim.id
        assert claim.rule.endswith("."), claim.id


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.123456, 3, "0.123"),
        (12345.6, 2, "12000"),
        (1e-17, 3, "0"),
        (-1e-12, 3, "0"),
        (1e-9, 2, "1e-09"),
        (3e8, 2, "3e+08"),
    ],
)
def test_numbers_are_rounded_to_digits_that_every_machine_agrees_on(value, digits, text):
    assert rounded(value, digits) == text


def test_a_mean_has_two_standard_errors():
    measured = mean_interval([1.0, 2.0, 3.0, 4.0], "m")
    error = np.sqrt(5 / 3) / 2
    np.testing.assert_allclose(measured[:3], (2.5, 2.5 - 2 * error, 2.5 + 2 * error))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Wilson's interval for 0/10, 5/10 and 81/263 (Newcombe 1998, table I: 0.2553 to 0.3662).
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0)],
)
def test_a_share_has_wilsons_interval(hits, n, low, high):
    measured = share_interval(np.arange(n) < hits, "share")
    np.testing.assert_allclose(measured[:3], (hits / n, low, high), atol=1e-4)


def test_log_slope_finds_the_exponent_of_each_row():
    x = np.array([1.0, 3.0, 10.0])
    np.testing.assert_allclose(log_slope(x, np.stack([5 * x**-2, x**0.5])), [-2, 0.5])


def test_without_an_interval_both_ends_are_the_value():
    assert (Measured(2.0).lower, Measured(2.0).upper) == (2.0, 2.0)
    assert str(Measured(2.0)) == "2"


def test_an_axis_of_words_joins_nothing_and_names_every_place():
    lines = (Line("ours", np.arange(2), np.array([1.0, 10.0]), np.array([0.5, 9.0]), np.array([2.0, 11.0])),)
    ax = Figure().add_subplot()
    draw_plot(ax, Plot("optimizer", "loss", lines, "y", words=("SGD", "Adam")))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["SGD", "Adam"]
    assert all(line.get_linestyle() == "None" for line in ax.lines) and ax.get_yscale() == "log"


@pytest.mark.parametrize("x_label, dashes", [("seed", "None"), ("seed, sorted", "-")])
def test_seeds_are_not_joined_unless_their_order_means_something(x_label, dashes):
    many = np.arange(70.0)
    ax = Figure().add_subplot()
    draw_plot(ax, Plot(x_label, "loss", (Line("ours", many, many),)))
    (line,) = ax.lines
    assert line.get_linestyle() == dashes and (line.get_markevery() is None) == (dashes == "None")


def test_what_is_yes_or_no_is_read_as_a_word():
    assert str(Measured(1.0, label="arrived", yes_or_no=True)) == "yes"
    assert str(Measured(0.0, label="arrived", yes_or_no=True)) == "no"
    assert str(Measured(1.0, label="arrived")) == "1"
