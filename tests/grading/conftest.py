"""One zygote for all tests of a run, and ``mark``, which makes a student's row of cells."""

import pytest

from course_lib import chapters
from course_lib.grading.confinement import best_level
from course_lib.grading.marking import mark_file
from course_lib.grading.plan import needs
from tests.grading.handed_in import MEMORY, QUICK, READERS, SEED, TOY, TOYS, handed, notebook


@pytest.fixture(scope="package", autouse=True)
def toy_course():
    """The toy assignment is one of the course's, here and in all programs that the tests of this folder start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(chapters.OWN, str(TOYS))
        chapters.add(TOYS)
        yield
        chapters.forget()


@pytest.fixture(scope="session")
def zygote():
    """At the best level that this computer has; without a sandbox there is nothing to test."""
    forbidden = sorted({module for exercise in TOY for module in exercise.forbidden})
    zygote, reasons = best_level(forbidden, memory=MEMORY)
    with zygote:
        if zygote.level == "none":
            pytest.skip(f"no sandbox here: {reasons}")
        yield zygote


@pytest.fixture(scope="session", autouse=True)
def readers_end():
    yield
    for reader in READERS.values():
        reader.close()


@pytest.fixture
def mark(zygote):
    """``mark(*cells)``: the row of a notebook with these cells, as a student's would be made."""

    def mark(*cells, data=None, limits=QUICK, exercises=TOY):
        return mark_file(
            handed(notebook(*cells) if data is None else data, exercises=exercises), exercises, zygote, SEED, limits
        )

    return mark


@pytest.fixture(scope="session")
def torch_zygote():
    """One that has PyTorch."""
    pytest.importorskip("torch")
    from tests.grading.torch_exercises import EXERCISES

    zygote, reasons = best_level(memory=2 * MEMORY, **needs(EXERCISES))
    with zygote:
        if zygote.level == "none":
            pytest.skip(f"no sandbox here: {reasons}")
        yield zygote
