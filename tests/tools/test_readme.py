"""README and CONTRIBUTING promise nothing that is not there."""

import doctest
import re
import sys
import textwrap
import types
from pathlib import Path

import pytest

from course_lib.run import descend
from course_lib.surfaces import SURFACES

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/decisions.md")


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_into_the_repository_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text_of(page))
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
    assert not [path for path in named if "NN" not in path and not (ROOT / path).exists()]


def test_the_optimizer_of_the_recipe_runs_as_it_is_printed(monkeypatch):
    code = textwrap.dedent(re.search(r"( *)```python\n(.*?)\1```", text_of("CONTRIBUTING.md"), re.S).group(2))
    imports = (
        "from dataclasses import dataclass\nimport numpy as np\n"
        "from course_lib.optimizers.descent import MomentumState\n"
        "from course_lib.validation import fraction, non_negative\n"
    )
    module = types.ModuleType("lion")
    monkeypatch.setitem(sys.modules, "lion", module)
    exec(compile(imports + code, "CONTRIBUTING.md", "exec"), module.__dict__)
    examples = doctest.testmod(module)
    assert examples.attempted == 3 and examples.failed == 0
    run = descend(SURFACES["rosenbrock"], module.Lion(0.01), [-1.2, 1.0], 500)
    assert run.values[-1] < 0.1 < run.values[0]
    assert "Source:" in module.Lion.__doc__ and "PyTorch:" in module.Lion.__doc__
