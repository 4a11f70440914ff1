"""Chapter 10's exercises in the sandbox: the same report there as in the notebook, for right and for wrong answers."""

import pytest

pytest.importorskip("torch")

from course_lib.checks import EXERCISES
from course_lib.grading.confinement import best_level
from course_lib.grading.plan import needs
from course_lib.grading.process import Limits
from course_lib.grading.session import Session
from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from tests.grading.test_fidelity import without_places

IDS = ("10-1", "10-2", "10-3")
SETUP = "import copy\nimport math\n\nimport numpy as np\nimport torch\n"
SPOILT = {
    "10-1": ("    optimizer.zero_grad()\n", "", "gradients not cleared"),
    "10-2": ("torch.no_grad()", "torch.enable_grad()", "eval() without no_grad()"),
    "10-3": ("copy.deepcopy(model.state_dict())", "model.state_dict()", "the model is not put back"),
}


@pytest.fixture(scope="module")
def zygote():
    zygote, reasons = best_level(memory=Limits.of("torch").memory, **needs([EXERCISES[id] for id in IDS]))
    with zygote:
        if zygote.level == "none":
            pytest.skip(f"no sandbox here: {reasons}")
        yield zygote


def solution(id):
    cells = read(ROOT / "solutions" / "10_cnn_training.ipynb").cells
    return next(c.source for c in cells if c.metadata.get("course") == {"role": "solution", "exercise": id})


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("spoilt", [False, True])
def test_an_answer_gets_the_same_report_in_the_sandbox_as_in_the_notebook(zygote, id, spoilt):
    exercise, (old, new, name) = EXERCISES[id], SPOILT[id]
    source = solution(id).replace(old, new) if spoilt else solution(id)
    with Session(zygote, [("cell 1", SETUP), ("cell 2", source)], [exercise.function]) as session:
        there = exercise.run(session.function(exercise.function), 7)
    space = {}
    exec(SETUP + source, space)
    here = exercise.run(space[exercise.function], 7)
    assert without_places(here) == without_places(there)
    assert here.passed != spoilt
    assert {result.mistake for result in there.results if not result.passed} == ({name} if spoilt else set())


def test_an_operation_that_pytorch_does_not_have_is_not_taken_for_an_unwritten_answer(zygote):
    source = solution("10-1").replace("loss_function(model(x), y)", "loss_function(y, model(x))")
    exercise, space = EXERCISES["10-1"], {}
    with Session(zygote, [("cell 1", SETUP), ("cell 2", source)], [exercise.function]) as session:
        there = exercise.run(session.function(exercise.function), 7)
    exec(SETUP + source, space)
    for report in (exercise.run(space[exercise.function], 7), there):
        assert {result.kind for result in report.results} == {"NotImplementedError"}
        assert "not implemented for" in report.results[0].sentence
