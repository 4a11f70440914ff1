"""The generated pages: up to date, complete, and an orphan equation stops the build."""

import json
import shutil
from pathlib import Path

import pytest

from course_lib.chapters.ch03_momentum.errata import ERRATA
from course_lib.claims import CLAIMS
from course_lib.tools import documents
from course_lib.tools.documents import OrphanEquations, equations_page, write_documents
from course_lib.tools.equations import orphans, read_equations

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory, result_of):
    folder, results = tmp_path_factory.mktemp("docs"), [result_of(claim_id) for claim_id in CLAIMS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "run_claims", lambda: results)  # each is run once by all tests together
        written = write_documents(folder=folder)
    assert [path.name for path in written] == list(documents.PAGES)
    return {path.name: path.read_text(encoding="utf-8") for path in written}


@pytest.mark.parametrize("name", documents.PAGES)
def test_the_page_in_docs_is_what_a_build_writes(pages, name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages[name], "run: python course.py build"


def test_check_writes_nothing_and_names_what_differs(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "PAGES", {"A.md": lambda: "a\n", "B.md": lambda: "b\n"})
    assert write_documents(check=True, folder=tmp_path / "new") == [tmp_path / "new/A.md", tmp_path / "new/B.md"]
    assert not (tmp_path / "new").exists()
    write_documents(folder=tmp_path)
    assert write_documents(check=True, folder=tmp_path) == write_documents(folder=tmp_path) == []
    (tmp_path / "B.md").write_text("edited by hand")
    assert write_documents(check=True, folder=tmp_path) == [tmp_path / "B.md"]
    assert (tmp_path / "B.md").read_text() == "edited by hand"


def test_every_claim_and_erratum_has_its_section(pages):
    assert all(f"\n## {claim_id}\n" in pages["CLAIMS.md"] for claim_id in CLAIMS)
    assert all(f"\n## {erratum.id}\n" in pages["ERRATA.md"] for erratum in ERRATA)


def test_the_overview_counts_verdicts_and_keeps_identities_apart():
    counted = documents._counts([("holds", False), ("holds", True), ("not shown", False)])
    assert counted.splitlines() == [
        "| holds | holds if | partly | fails | not shown | experiments | identities |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | 0 | 0 | 0 | 1 | 2 | 1 |",
    ]


def test_tables_keep_their_columns_whatever_the_texts_contain(pages):
    for text in pages.values():
        for block in text.split("\n\n"):
            if block.startswith("|"):
                widths = {line.replace("\\|", "").count("|") for line in block.strip().splitlines()}
                assert len(widths) == 1, block


def test_links_between_pages_arrive(pages):
    for erratum in ERRATA:
        if erratum.claim:
            assert f"(CLAIMS.md#{erratum.claim.lower()})" in pages["ERRATA.md"]
            assert f"\n## {erratum.claim}\n" in pages["CLAIMS.md"]


# --- Equations ----------------------------------------------------------------------------------------

MODULE = '''"""Text. Source: Polyak 1964."""


def _half(x):
    return x / 2  # (3.2)


def step(x):
    """One step.

    .. math:: x / 2 + 1  \\\\tag{3.1}

    and a half is half, always.  (3.2)

    Source: L0 "Momentum";
    Qian 1999.

    PyTorch: none.
    """
    return _half(x) + 1  # (3.1), (3.3)
'''
TEST = "from course_lib.run import step\n\n\ndef test_step_is_one_more_than_half():\n    assert step(2) == 2\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "tests/library").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "course_lib/run.py").write_text(MODULE.replace(", (3.3)", ""))
    (tmp_path / "tests/library/test_run.py").write_text(TEST)
    return tmp_path


def test_an_equation_knows_its_source_function_and_test(project):
    first, second = read_equations(project)
    assert (first.number, first.functions) == ("3.1", {"run.step": 'L0 "Momentum"; Qian 1999'})
    assert first.tests == ["library/test_run.py::test_step_is_one_more_than_half"]
    # A private helper is tested through the public function that uses it; its source is the module's.
    assert (second.functions, second.tests) == ({"run._half": "Polyak 1964"}, first.tests)
    assert orphans([first, second]) == []


def test_code_without_text_is_an_orphan(project):
    (project / "course_lib/run.py").write_text(MODULE)
    assert orphans(read_equations(project)) == [
        "Equation (3.3) marks a code line (run.step), but no docstring or notebook has it."
    ]


def test_text_without_code_is_an_orphan_also_in_a_notebook(project):
    cells = [{"cell_type": "markdown", "source": ["$x \\\\tag{3.9}$"]}, {"cell_type": "code", "source": ["x = 1"]}]
    cells[0]["source"] = ["$x \\tag{3.9}$"]
    (project / "notebooks/03.ipynb").write_text(json.dumps({"cells": cells}))
    assert orphans(read_equations(project)) == ["Equation (3.9) is in the text, but no code line is marked # (3.9)."]
    cells[1]["source"] = ["y = 1\n", "x = 1  # (3.9)"]
    (project / "notebooks/03.ipynb").write_text(json.dumps({"cells": cells}))
    assert orphans(read_equations(project)) == []


def test_code_that_no_test_names_is_an_orphan(project):
    (project / "tests/library/test_run.py").write_text(
        "from course_lib.run import step\n\n\ndef test_nothing():\n    pass\n"
    )
    assert [line.split(" that")[1] for line in orphans(read_equations(project))] == [" no test names."] * 2


def test_an_orphan_stops_the_build(project):
    shutil.rmtree(project / "tests")
    (project / "tests").mkdir()
    with pytest.raises(OrphanEquations, match=r"Equation \(3\.1\) is code \(run\.step\) that no test names"):
        equations_page(project)


def test_a_number_that_two_equations_have_stops_the_build_also_in_a_chapter_without_claims(project):
    (project / "course_lib/objective.py").write_text('"""Other.\n\n.. math:: g = W^T g  \\\\tag{3.1}\n"""\n')
    sentence = r"\(3\.1\) is numbered twice, in course_lib/objective.py and in course_lib/run.py: .* \(3\.3\)\."
    with pytest.raises(OrphanEquations, match=sentence):
        equations_page(project)
    (project / "course_lib/objective.py").unlink()
    cells = [{"cell_type": "markdown", "source": ["$x \\tag{99.9}$"]}] * 2
    (project / "notebooks/99.ipynb").write_text(json.dumps({"cells": cells}))
    with pytest.raises(OrphanEquations, match=r"\(99\.9\) is numbered twice, in notebooks/99.ipynb and"):
        equations_page(project)


def test_chapters_that_do_not_stand_yet_may_have_orphans(project):
    (project / "course_lib/run.py").write_text(MODULE.replace("3.", "99.").replace(", (99.3)", ""))
    (project / "tests/library/test_run.py").unlink()
    assert "(99.1)" not in equations_page(project)


def test_no_two_errata_have_the_same_name(pages):
    names = [line for line in pages["ERRATA.md"].splitlines() if line.startswith("## ")]
    assert len(names) > 40 and len(set(names)) == len(names)


PAGE = "# Claims\n\nWords.\n\n| claim | verdict |\n| --- | --- |\n{}"


def page_of(*ids, says=""):
    rows = "".join(f"| [{id}](#{id.lower()}) | {says} |\n" for id in ids)
    return PAGE.format(rows) + "".join(f"\n## {id}\n\n{says}\n" for id in ids)


def test_a_chapters_new_sections_go_between_the_stored_ones_and_what_is_gone_goes():
    stored, new = page_of("C-03-1", "C-05-1", "C-05-2", says="old"), page_of("C-05-1", "C-05-3", says="new")
    page = documents.merged(stored, new, ["C-03-1", "C-05-1", "C-05-3"])
    assert [line for line in page.splitlines() if line.startswith("## ")] == ["## C-03-1", "## C-05-1", "## C-05-3"]
    assert page.count("| old |") == 1 and page.count("| new |") == 2 and "C-05-2" not in page


def test_a_page_without_an_overview_is_merged_too():
    old, new = "# Errata\n\nWords.\n\n## E1\n\n| --- | 1 |\n", "# Errata\n\nOther words.\n\n## E2\n\nb\n"
    page = documents.merged(old, new, ["E1", "E2"])
    assert page == "# Errata\n\nOther words.\n\n## E1\n\n| --- | 1 |\n\n## E2\n\nb\n"


def test_counts_of_verdicts_are_read_from_the_page(pages):
    stored = pages["CLAIMS.md"]
    counted = documents._verdicts_in(stored)
    assert len(counted) == len(CLAIMS) and documents._counts(counted) in stored


def test_a_section_that_nobody_has_made_is_said():
    with pytest.raises(KeyError, match=r"There is no section yet for C-05-1: python course\.py build makes all"):
        documents.merged(page_of("C-03-1"), page_of("C-04-1"), ["C-03-1", "C-05-1"])


def test_a_chapter_made_anew_on_the_stored_pages_changes_nothing():
    for name in ("CLAIMS.md", "ERRATA.md", "CONVENTIONS.md"):
        stored = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert documents.chapters_page(name, ["ch11_depth_sequences"], stored) == stored
