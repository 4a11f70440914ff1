"""docs/decisions.md: its index is complete, dated and says how each decision stands."""

import datetime
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATUS = {"stands", "given up", "replaced"}


def headings(text):
    """The second-level headings, but for those inside of code blocks."""
    return re.findall(r"^## (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)


def anchor(heading):
    """The address that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def index(text):
    """``[(heading, address, date, status)]`` of the table at the top."""
    return re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \| (.+?) \| (.+?) \|$", text, re.M)


def faults(text):
    """What is wrong with the index, as sentences."""
    rows = index(text)
    wrong = [] if [row[0] for row in rows] == headings(text) else ["the index is not the list of headings, in order"]
    for title, address, date, status in rows:
        wrong += [f"{title}: leads to #{address}"] if address != anchor(title) else []
        wrong += [f"{title}: {status} is no status"] if status.split(":")[0] not in STATUS else []
        try:
            datetime.date.fromisoformat(date)
        except ValueError:
            wrong.append(f"{title}: {date} is no date")
    return wrong


TEXT = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")


def test_every_heading_is_in_the_index_with_a_date_and_a_status():
    assert len(index(TEXT)) > 30 and faults(TEXT) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: f"{text}\n## One more\n\nText.\n",
        lambda text: re.sub(r"^\| \[.*\n", "", text, count=1, flags=re.M),
        lambda text: re.sub(r"\(#", "(#x", text, count=1),
        lambda text: re.sub(r"\| 20\d\d-", "| 20xx-", text, count=1),
        lambda text: text.replace("| stands |", "| undecided |", 1),
    ],
)
def test_a_fault_in_the_index_is_found(spoil):
    assert faults(spoil(TEXT)) != []


def chapters_in(section):
    """The numbers of the chapters that a text names: "chapter 7", "chapters 2", "ch07_batchnorm"."""
    return {int(number) for number in re.findall(r"\b(?:chapters? |ch)(\d+)", section, re.I)}


@pytest.mark.parametrize("section", re.split(r"^## ", TEXT, flags=re.M)[1:], ids=lambda text: text.partition("\n")[0])
def test_no_section_is_about_one_chapter_only(section):
    assert len(chapters_in(section)) != 1, "what belongs to one chapter stands in its README.md"


def test_the_chapters_of_a_text_are_seen():
    assert chapters_in("Chapter 7 and ch07_batchnorm, `tests/chapters/ch03_momentum`, chapters of a book") == {7, 3}
