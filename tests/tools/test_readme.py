"""README and CONTRIBUTING promise nothing that is not there."""

import re
from pathlib import Path

import pytest

from tests.tools.recipes import made, outside_of_blocks, recipes

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/decisions.md")


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_into_the_repository_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", outside_of_blocks(text_of(page)))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not ((ROOT / page).parent / link).exists()]


@pytest.mark.parametrize("folder", ["notebooks", "exercises"])
def test_every_notebook_has_its_link_in_the_table(folder):
    linked = set(re.findall(rf"\]\({folder}/([^)]+)\)", text_of("README.md")))
    assert linked == {path.name for path in (ROOT / folder).glob("*.ipynb")}


def test_the_two_commands_stand_at_the_top():
    first = re.search(r"```\n(.*?)```", text_of("README.md"), re.S).group(1)
    assert re.findall(r"^python course\.py (\w+)", first, re.M) == ["lab", "test"]
    assert text_of("README.md").index(first) < 1000


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_in_code_type_exists(page):
    named = re.findall(r"`((?:course_lib|tests|notebooks|solutions|exercises|docs)/[\w./]+)`", text_of(page))
    named = set(named) - made(text_of("CONTRIBUTING.md"))
    assert not [path for path in named if "NN" not in path and not (ROOT / path).exists()]


def test_the_recipes_at_the_top_of_contributing_are_those_below():
    page = text_of("CONTRIBUTING.md")
    top = re.findall(r"\]\(#(a-new-[a-z-]+)\)", page.partition("\n## ")[0])
    assert top == [title.lower().replace(" ", "-") for title in recipes(page)]


def test_the_addresses_of_binder_and_colab_name_a_notebook_and_what_they_install():
    page = " ".join(text_of("README.md").split())
    opened = re.findall(r"(?:/lab/tree/|urlpath=lab/tree/|/blob/main/)(notebooks/\w+\.ipynb)", page)
    assert len(opened) == 2 and all((ROOT / path).is_file() for path in opened)
    (installed,) = re.findall(r"\(which installs `([\w.]+)`", page)
    assert (ROOT / installed).is_file()
    others = ("binder", ".binder", "Dockerfile", "Project.toml", "REQUIRE", "default.nix", "install.R")
    assert not [name for name in others if (ROOT / name).exists()], "Binder would take that and not environment.yml"
