"""Notebooks that try to be given a mark with PyTorch's means: patches, odd tensors, files, threads."""

import json

import pytest

pytest.importorskip("torch")

from course_lib.grading.marking import mark_file
from course_lib.grading.process import Limits
from tests.grading import torch_exercises as bank
from tests.grading.handed_in import SEED, handed, notebook, words

QUICK = Limits(cell_seconds=3, call_seconds=2, idle_seconds=1, total_seconds=30, slowness=10, memory=1 << 30)


@pytest.fixture
def mark(torch_zygote):
    def mark(*cells):
        return mark_file(
            handed(notebook(bank.SETUP, *cells), exercises=bank.EXERCISES), bank.EXERCISES, torch_zygote, SEED, QUICK
        )

    return mark


def wrong_answers(value="0.0", line="pass"):
    names = [exercise.function for exercise in bank.EXERCISES]
    return "\n".join(f"def {name}(*given):\n    {line}\n    return {value}" for name in names)


PATCHES = {
    "the loss": "F.cross_entropy = torch.nn.functional.cross_entropy = lambda *a, **k: torch.zeros(())",
    "the loss's class": "nn.CrossEntropyLoss.forward = lambda s, *a: torch.zeros((), requires_grad=True)",
    "the optimizer's step": "torch.optim.SGD.step = torch.optim.Optimizer.step = lambda *a, **k: None",
    "arithmetic": "torch.Tensor.__add__ = torch.Tensor.__sub__ = torch.Tensor.__eq__ = lambda s, o: s",
    "closeness": "torch.allclose = torch.equal = torch.isclose = lambda *a, **k: True",
    "training flags": "nn.Module.training = property(lambda s: True)\nnn.Module.modules = lambda s: iter([])",
    "what the line uses": "torch.Tensor.detach = torch.Tensor.numpy = lambda s: s",
    "seeds": "torch.manual_seed = torch.initial_seed = torch.set_rng_state = lambda *a: None",
    "everything": "for n in dir(torch):\n    if n.islower() and callable(getattr(torch, n)):\n"
    "        try: setattr(torch, n, lambda *a, **k: torch.Tensor())\n        except Exception: pass",
}


@pytest.mark.parametrize("name", PATCHES)
def test_patching_torch_gives_no_mark(mark, name):
    row = mark(PATCHES[name], wrong_answers())
    assert (row["points"], row["status"]) == (0, "graded")


ODD = {
    "a subclass that equals everything": (
        "class Yes(torch.Tensor):\n    __eq__ = __ne__ = __le__ = lambda s, o: True\n"
        "    @classmethod\n    def __torch_function__(c, f, t, a=(), k=None): return True\n"
        "odd = torch.zeros(()).as_subclass(Yes)"
    ),
    "an object that runs when unpickled": (
        'class Evil:\n    def __reduce__(s): return (exec, (\'open("/tmp/trace-of-torch", "w")\',))\nodd = Evil()'
    ),
    "a module with such an object": (
        "class Evil(nn.Module):\n    def __reduce__(s): return (exec, ('1/0',))\n"
        "    def forward(s, x): return x\nodd = Evil()"
    ),
    "a huge tensor": "odd = torch.zeros(20_000_000)",
    "a huge view": "odd = torch.zeros(1).expand(10**6, 10**6)",
    "no numbers": "odd = torch.tensor(float('nan'))",
    "infinity": "odd = torch.tensor(float('inf'), requires_grad=True)",
    "another device": "odd = torch.empty(3, device='meta')",
    "CUDA": "odd = torch.device('cuda:0')",
    "sparse": "odd = torch.eye(3).to_sparse()",
    "quantized": "odd = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)",
    "complex": "odd = torch.ones(3, dtype=torch.complex64)",
    "bfloat16": "odd = torch.ones((), dtype=torch.bfloat16)",
    "conjugated": "odd = torch.ones(3, dtype=torch.complex64).conj()",
    "a dtype": "odd = torch.float32",
    "an optimizer of its own": "odd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)",
    "a list of tensors": "odd = [torch.zeros(1)] * 5000",
    "many tensors": "odd = [torch.zeros(1) for _ in range(20_000)]",
    "a parameter": "odd = nn.Parameter(torch.zeros(()))",
    "a state dict": "odd = nn.Linear(2, 2).state_dict()",
    "packed": "odd = nn.utils.rnn.pack_sequence([torch.ones(2)])",
    "nested": "odd = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])",
    "a generator": "odd = torch.Generator()",
    "a function": "odd = torch.relu",
    "undefined": "odd = torch._C._functions.UndefinedGrad",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_values_give_no_mark_and_break_no_check(mark, name):
    row = mark(ODD[name], wrong_answers("odd"))
    assert (row["points"], row["status"]) == (0, "graded")
    assert json.loads(words(row))


STATE = {
    "a parameter of another shape": "given[0][0].weight.data = torch.zeros(7)",
    "no parameters": "for m in given[0].modules(): m._parameters.clear()",
    "a huge parameter": "given[0][0].weight.data = torch.zeros(30_000_000)",
    "a parameter of another dtype": "given[0].half()",
    "whole numbers": "given[0][0].weight.data = torch.zeros(3, 3, dtype=torch.int8)",
    "odd names": "given[0][0]._parameters['<script>'] = nn.Parameter(torch.zeros(1))",
    "names of methods": "given[0][0]._parameters['forward'] = nn.Parameter(torch.zeros(1))",
    "texts for flags": "given[0].__dict__['training'] = 'yes'",
    "hooks": "given[0].register_forward_hook(lambda m, a, o: o * 0)",
    "a patched forward": "given[0].forward = lambda x: x[:, :2] * 0",
    "another layer": "given[0][0] = nn.Identity()",
    "no layers": "given[0]._modules.clear()",
    "a model inside itself": "given[0].itself = given[0]",
    "the loss": "given[-2 if len(given) == 3 else 2].reduction = 'none'",
    "the optimizer's groups": "given[1].param_groups.clear() if len(given) > 3 else 0",
    "texts for rates": "given[1].param_groups[0]['lr'] = 'fast' if len(given) > 3 else 0",
    "the optimizer's state": "given[1].state[given[0][0].weight] = {'x': nn} if len(given) > 3 else 0",
    "gradients of another shape": "given[0][0].weight.grad = None; given[0][0].bias.grad = torch.ones(4).double()",
    "everything is not a number": "[p.data.fill_(float('nan')) for p in given[0].parameters()]",
}


@pytest.mark.parametrize("name", STATE)
def test_what_is_done_to_a_model_gives_no_mark(mark, name):
    line = f"try: {STATE[name]}\n    except (AttributeError, IndexError, TypeError): pass"
    row = mark(wrong_answers(line=line))
    assert row["points"] == 0
    assert row["status"] in ("graded", "check broken")
    assert "<script>" not in words(row)


OUT = {
    "a file": "torch.save(torch.zeros(1), '/tmp/trace-of-torch')",
    "files of the host": "torch.load('/etc/passwd', weights_only=False)",
    "memory-mapped files": "torch.from_file('/tmp/trace-of-torch', shared=True, size=8)",
    "the hub": "torch.hub.load('pytorch/vision', 'resnet18')",
    "a download": "torch.hub.load_state_dict_from_url('https://download.pytorch.org/x.pth')",
    "a compiler": "from torch.utils.cpp_extension import load_inline; load_inline('x', ['int f() { return 1; }'])",
    "torch.compile": "torch.compile(lambda x: x + 1)(torch.ones(3))\n    raise RuntimeError('compiled')",
    "workers": "next(iter(torch.utils.data.DataLoader([1, 2], num_workers=2)))",
    "processes": "import torch.multiprocessing as m; m.spawn(print)",
    "shared memory": "torch.zeros(3).share_memory_()",
    "a group of processes": "torch.distributed.init_process_group('gloo', init_method='tcp://127.0.0.1:29511', "
    "rank=0, world_size=1)",
    "threads": "torch.set_num_threads(4); import threading; threading.Thread(target=print).start()",
    "CUDA": "torch.zeros(3).cuda()",
    "the checks": "import course_lib.checks.torch_side as t; t.state_of.__code__",
}


@pytest.mark.parametrize("name", OUT)
def test_out_of_reach_with_torch(mark, name):
    row = mark(
        f"try:\n    {OUT[name]}\nexcept Exception as e:\n    raise ValueError('out of reach') from e\n"
        "else:\n    raise RuntimeError('STOLEN')",
        wrong_answers(),
    )
    assert row["points"] == 0
    assert "STOLEN" not in words(row).replace("raise RuntimeError('STOLEN')", "")
    assert row["notes"]


def test_no_file_was_written():
    from pathlib import Path

    assert not Path("/tmp/trace-of-torch").exists()


def test_a_deadlock_of_threads_ends(mark):
    row = mark("import threading\nlock = threading.Lock()", wrong_answers(line="lock.acquire()"), bank.EVALUATE)
    assert row["exercises"][0]["points"] == 0
    assert row["exercises"][1]["points"] == bank.evaluating.points


def test_an_endless_loop_in_torch_ends(mark):
    row = mark(wrong_answers(line="while True: torch.ones(10) + 1"), bank.EVALUATE)
    assert [exercise["points"] for exercise in row["exercises"]] == [0, bank.evaluating.points]


def test_the_next_student_is_marked_as_if_nothing_had_happened(mark):
    mark(*PATCHES.values(), wrong_answers())
    row = mark(*bank.RIGHT)
    assert (row["points"], row["notes"]) == (row["max_points"], [])
