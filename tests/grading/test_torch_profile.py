"""Exercises with models and optimizers: the same report in the notebook and in a confined process that has PyTorch."""

import csv
import importlib.util
import pickle
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from course_lib import switches
from course_lib.checks import VISIBLE_SEED
from course_lib.checks.calls import GraderError
from course_lib.grading import batch, protocol
from course_lib.grading.session import Session
from course_lib.grading.torch_line import TorchLine
from tests.grading import torch_exercises as bank
from tests.grading.handed_in import notebook
from tests.grading.test_fidelity import without_places
from tests.kit.checks.switched import LINES


def at_home(source, name):
    space = {}
    exec(bank.SETUP, space)
    exec(source, space)
    return space[name]


def both(torch_zygote, exercise, source, seed):
    """The report made in the notebook's process, and the one made through the sandbox."""
    with Session(torch_zygote, [("cell 1", bank.SETUP), ("cell 2", source)], [exercise.function]) as session:
        there = exercise.run(session.function(exercise.function), seed)
    here = exercise.run(at_home(source, exercise.function), seed)
    torch.set_grad_enabled(True)
    return without_places(here), without_places(there)


@pytest.mark.parametrize("name", bank.STEPS)
def test_a_training_step_gets_the_same_report_in_both_places(torch_zygote, name):
    for seed in (VISIBLE_SEED, 5):
        here, there = both(torch_zygote, bank.training, bank.STEPS[name], seed)
        assert here == there


@pytest.mark.parametrize("name", bank.EVALUATIONS)
def test_an_evaluation_gets_the_same_report_in_both_places(torch_zygote, name):
    for seed in (VISIBLE_SEED, 5):
        here, there = both(torch_zygote, bank.evaluating, bank.EVALUATIONS[name], seed)
        assert here == there


def test_right_answers_and_mistakes_are_told_apart():
    """The bank is an author's: answers that differ in form pass, each mistake fails its checks and is named."""
    for exercise, answers in ((bank.training, bank.STEPS), (bank.evaluating, bank.EVALUATIONS)):
        for name in {"right", "set to none by hand", "detached", "by autograd.grad", "new data"} & set(answers):
            assert exercise.run(at_home(answers[name], exercise.function), 3).passed, name
        for mistake in exercise.mistakes:
            report = exercise.run(mistake.function, 3)
            assert {result.title for result in report.results if not result.passed} == exercise.failed_by(mistake)
            assert {result.mistake for result in report.results if not result.passed} == {mistake.name}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_switch_that_a_call_leaves_changed_is_told_alike_in_both_places(torch_zygote, line):
    before = [row.now() for row in switches.of("torch")]
    here, there = both(torch_zygote, bank.training, "import sys\n" + leaving(bank.STEPS["right"], line), 5)
    assert here == there and here["notes"]
    assert [row.now() for row in switches.of("torch")] == before


def leaving(source, line):
    """The answer ``source``, of which each call also runs ``line``."""
    return source.replace("    return", f"    {line}\n    return")


@pytest.fixture
def there(torch_zygote):
    """``there(source)``: the function ``f`` of a cell, in a child that has PyTorch."""
    sessions = []

    def there(source):
        sessions.append(Session(torch_zygote, [("cell 1", bank.SETUP + "\n" + textwrap.dedent(source))], ["f"]))
        sessions[-1].revive()
        return sessions[-1].function("f")

    yield there
    for session in sessions:
        session.end_child()


TENSORS = [
    *(torch.tensor(3.5), torch.arange(6.0).reshape(2, 3).T, torch.zeros(0, 3), torch.tensor([True, False])),
    *(torch.ones(2, dtype=torch.bfloat16), torch.ones(2, dtype=torch.float16) / 3, torch.tensor([1 + 2j, 3]).conj()),
    *(torch.arange(3, dtype=torch.uint8), torch.ones(1).expand(3), torch.arange(4.0)[::2]),
]


@pytest.mark.parametrize("tensor", TENSORS, ids=lambda tensor: f"{tensor.dtype}-{list(tensor.shape)}")
def test_tensors_go_there_and_back(there, tensor):
    assert there("def f(x): return x")(tensor) is tensor
    copy = there("def f(x): return x.clone()")(tensor)
    assert copy.dtype == tensor.dtype and torch.equal(copy, tensor) and copy is not tensor


def test_a_parameter_stays_one_and_carries_its_gradient(there):
    p = nn.Parameter(torch.ones(2))
    p.grad = torch.tensor([1.0, 2.0])
    assert there("def f(p): return type(p).__name__, p.requires_grad, p.grad.tolist()")(p) == (
        "Parameter",
        True,
        [1.0, 2.0],
    )
    there("def f(p): p.grad = None; p.requires_grad_(False)")(p)
    assert p.grad is None and not p.requires_grad


def test_the_optimizer_s_parameters_are_the_model_s(there):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    f = there("def f(m, o): return o.param_groups[0]['params'][0] is m.weight")
    assert f(model, optimizer)
    assert there("def f(o, m): return o.param_groups[0]['params'][0] is m.weight")(optimizer, model)


def test_a_layer_that_is_passed_beside_its_model_is_the_model_s(there):
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    assert there("def f(m, layer): return m[0] is layer")(model, model[0])
    assert there("def f(layer, m): return m[0] is layer")(model[0], model)
    assert there("def f(m): return m, m[1]")(model) == (model, model[1])


@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_a_step_there_is_a_step_here(there, kind):
    torch.manual_seed(0)
    models = [nn.Linear(3, 2).double() for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    optimizers = [getattr(torch.optim, kind)(model.parameters(), lr=0.1) for model in models]
    x = torch.randn(4, 3, dtype=torch.float64)
    f = there("def f(m, o, x):\n    o.zero_grad(); m(x).pow(2).sum().backward(); o.step()")
    for _ in range(3):
        f(models[0], optimizers[0], x)
        optimizers[1].zero_grad()
        models[1](x).pow(2).sum().backward()
        optimizers[1].step()
    assert torch.equal(models[0].weight, models[1].weight)
    assert torch.equal(models[0].weight.grad, models[1].weight.grad)
    states = [optimizer.state[model.weight] for optimizer, model in zip(optimizers, models, strict=True)]
    assert states[0].keys() == states[1].keys()
    for key in states[1]:
        assert torch.equal(torch.as_tensor(states[0][key]), torch.as_tensor(states[1][key])), key


def test_what_the_check_does_between_calls_is_seen_there(there):
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout())
    f = there("def f(m): return m[0].weight.sum().item(), m[1].training")
    f(model)
    with torch.no_grad():
        model[0].weight.fill_(1.0)
    model.eval()
    assert f(model) == (4.0, False)


def test_a_schedule_walks_on_here(there):
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    there("def f(s, o):\n    o.step(); s.step()")(scheduler, optimizer)
    assert (optimizer.param_groups[0]["lr"], scheduler.last_epoch) == (0.5, 1)


def test_stock_functions_classes_types_and_devices_cross(there):
    f = there(
        "def f(loss, kind, dtype, device): return loss(torch.ones(2), torch.zeros(2)).item(), kind is nn.ReLU, "
        "torch.ones(1, dtype=dtype, device=device), dtype, device"
    )
    given = (torch.nn.functional.mse_loss, nn.ReLU, torch.float64, torch.device("cpu"))
    loss, same, ones, *rest = f(*given)
    assert (loss, same, ones.dtype, rest) == (1.0, True, torch.float64, [torch.float64, torch.device("cpu")])
    assert there("def f(g): return g(torch.tensor([-1.0, 2.0]))")(torch.relu).tolist() == [0.0, 2.0]


def test_a_function_of_the_check_s_is_asked_here(there):
    asked = []
    there("def f(g): return g(torch.ones(2))")(lambda x: asked.append(x) or x * 2)
    assert torch.equal(asked[0], torch.ones(2))


def test_a_graph_that_would_end_at_the_process_is_the_author_s_error(there):
    weight = torch.ones(2, requires_grad=True)
    with pytest.raises(GraderError, match="graph"):
        there("def f(x): return x")(weight * 2)
    with pytest.raises(GraderError, match="graph"):
        there("def f(g): return g(torch.ones(2))")(lambda x: (weight * x).sum())


def test_a_class_of_the_checks_is_the_author_s_error(there):
    class Own(nn.Module):
        pass

    with pytest.raises(GraderError, match="Own"):
        there("def f(x): return x")(Own())


def test_a_module_of_the_student_s_can_be_called_here(there):
    block = there("""
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = nn.Linear(2, 2, bias=False)
                nn.init.ones_(self.inner.weight)
            def forward(self, x):
                return x + self.inner(x)
        def f(): return Block()
    """)()
    assert block(torch.ones(1, 2)).tolist() == [[3.0, 3.0]]


def test_chance_is_the_same_in_every_call(there):
    f = there("def f(): return torch.rand(3)")
    assert torch.equal(f(), f())
    torch.manual_seed(7)
    assert torch.equal(f(), torch.rand(3))


def test_a_thousand_calls_leave_nothing_behind(there):
    f = there("def f(x): return x + 1, [x]")
    for _ in range(300):
        f(torch.ones(10))
    (session,) = [cell.cell_contents for cell in f.__closure__ if isinstance(cell.cell_contents, Session)]
    session.line.send({"op": "names", "names": []})
    assert (
        len(session.line.torch.held) < 10
        and len(session.line.torch.known) < 10
        and len(session.line.torch.numbers) < 10
    )


def forged(line, **frame):
    line.take({"tensors": [], "objects": [], "changed": [], **frame}, [b"\0" * 8])


def test_forged_frames_are_refused():
    model = nn.Linear(1, 1)
    line = TorchLine(0, lambda value, number: lambda: value, trusted=True)
    line.encode(model, protocol.Encoder(None, None))
    (number,) = [n for n, value in line.alive() if value is model]
    ok = {"values": ["float64", [1], 0], "requires_grad": False, "grad": None}
    forged(line, tensors=[[1, ok, False]])
    for tensors in (
        [[2, ok, False]],
        [[1, ok, False]],
        [[3, ok | {"values": ["object", [1], 0]}, False]],
        [[5, ok | {"values": ["float64", [2**40], 0]}, False]],
        [[7, ok | {"values": ["float64", [-1], 0]}, False]],
        [[9, ok | {"values": ["float64", [1], 7]}, False]],
        [[11, ok | {"grad": ["float32", [2], 0]}, False]],
        [["x", ok, False]],
        [[13, {}, False]],
        7,
    ):
        with pytest.raises(protocol.ProtocolError):
            forged(line, tensors=tensors)
    good = {"training": True, "parameters": [["weight", 1]], "buffers": []}
    forged(line, changed=[[number, good]])
    for row in (
        {},
        good | {"parameters": [["weight", number]]},
        good | {"parameters": [["<b>", 1]]},
        good | {"parameters": [[7, 1]]},
        good | {"buffers": [["x", 999]]},
        {"groups": [], "state": []},
        "text",
    ):
        with pytest.raises(protocol.ProtocolError):
            forged(line, changed=[[number, row]])
    for kind, row in (("tensor", number), ("torch", 999), ("device", "cpu; rm"), ("pickle", ""), ("dtype", 3)):
        with pytest.raises((protocol.ProtocolError, KeyError)):
            line.decode(kind, row)


def test_pickles_are_taken_by_students_processes_only():
    line = TorchLine(0, lambda value, number: lambda: value, trusted=True)
    line.take({"tensors": [], "objects": [[1, 0]], "changed": []}, [pickle.dumps(print)])
    assert not line.held


@pytest.fixture
def no_torch(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "torch" else found(name, *a))


def test_without_torch_an_exercise_is_said_to_be_unchecked(no_torch):
    report = bank.training.run(at_home(bank.TRAINING, "training_step"), 1)
    assert report.unchecked and not report.passed and not report.broken
    assert "not installed" in str(report) and "not installed" in report._repr_html_()


def test_without_torch_no_mark_is_recorded(no_torch, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "anna.ipynb").write_bytes(notebook(*bank.RIGHT))
    summary = batch.grade_folder(tmp_path / "in", tmp_path / "out", exercises=bank.EXERCISES)
    (row,) = summary.rows
    assert row["status"] == "not graded" and "98-1, 98-2" in row["sentence"]
    table = list(csv.DictReader((tmp_path / "out" / "grades.csv").open()))
    assert table[0]["points"] == "" and table[0]["status"] == "not graded"
    assert "not marked yet" in (tmp_path / "out" / "feedback" / table[0]["page"]).read_text()


def test_with_torch_it_is_marked_by_the_same_command(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "anna.ipynb").write_bytes(notebook(*bank.RIGHT))
    summary = batch.grade_folder(tmp_path / "in", tmp_path / "out", exercises=bank.EXERCISES, allow_unsafe=True)
    assert summary.rows[0]["points"] == 11, summary


def test_the_checks_are_imported_without_torch():
    code = "import sys, course_lib.checks; print([m for m in sys.modules if m.split('.')[0] in ('torch', 'scipy')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
