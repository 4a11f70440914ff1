"""Notebooks that try to be given a mark, to read a secret, or to do harm. None succeeds, and each still gets its row.

An attack says STOLEN (through an exception, whose text the student's page shows) when it got hold of something.
"""

import os
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_lib.checks import VISIBLE_SEED
from course_lib.grading.forks import Zygote
from course_lib.grading.marking import mark_file
from tests.grading.handed_in import (
    GLIDE,
    QUICK,
    RIGHT,
    SEED,
    SETUP,
    TOY,
    TOYS,
    WRONG_GLIDE,
    handed,
    notebook,
    words,
)

LIBRARY = Path(__file__).parents[2] / "course_lib"
SECRET = "a-secret-of-the-grader-9f3b"


def wrong_answers(line="pass", value="0", exercises=TOY):
    """Wrong answers to the exercises; ``line`` runs in each of them, ``value`` is what they return."""
    return "\n".join(f"def {exercise.function}(*given):\n    {line}\n    return {value}" for exercise in exercises)


FORGE = {
    "numpy.testing is patched": (
        "import numpy.testing as t\nfor n in dir(t):\n"
        "    if n.startswith('assert'): setattr(t, n, lambda *a, **k: None)"
    ),
    "numpy is patched": (
        "for n in ('allclose', 'isclose', 'array_equal', 'all'): setattr(np, n, lambda *a, **k: True)\n"
        "np.asarray = np.array = lambda *a, **k: 0"
    ),
    "builtins are patched": "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda x: 2",
    "the checks are replaced": (
        "import sys, types\nfake = types.ModuleType('course_lib.checks')\nfake.check = lambda *a: True\n"
        "fake.EXERCISES = {}\nsys.modules['course_lib.checks'] = fake\nsys.modules['course_lib.checks.kit'] = fake"
    ),
    "everything that can be found is patched": (
        "import gc, types\nfor o in gc.get_objects():\n"
        "    if isinstance(o, types.ModuleType) and 'course' in o.__name__:\n"
        "        for n in list(vars(o)):\n            if callable(vars(o)[n]) and not n.startswith('__'):\n"
        "                try: setattr(o, n, lambda *a, **k: True)\n                except Exception: pass"
    ),
    "the line's own objects are patched": (
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Child':\n"
        "        o.on_call = lambda request: ({'op': 'return', 'points': 99}, {'value': None})"
    ),
    "tracing and audit hooks": "import sys\nsys.settrace(lambda *a: None)\nsys.addaudithook(lambda *a: None)",
    "IPython hooks": (
        "ip = get_ipython()\nip.input_transformers_post.append(lambda lines: ['x = 1'])\n"
        "ip.ast_transformers.append(1)\nip.run_cell('1')"
    ),
}

IMPOSTORS = {
    "an array that equals everything": (
        "class Yes(np.ndarray):\n"
        "    __eq__ = __ne__ = __le__ = lambda s, o: True\n"
        "    def __array_ufunc__(s, *a, **k): return True\n"
        "    def __array_function__(s, *a, **k): return True\n"
        "yes = np.zeros(3).view(Yes)",
        "(yes, yes)",
    ),
    "an object that equals everything": (
        "class Yes:\n    shape = (3,)\n    __eq__ = __ne__ = lambda s, o: True\n    __array__ = lambda s, *a, **k: s\n"
        "    __len__ = lambda s: 2\n    __iter__ = lambda s: iter([s, s])\n    __float__ = lambda s: 0.0\nyes = Yes()",
        "(yes, yes)",
    ),
    "a float that equals everything": (
        "class Yes(float):\n    __eq__ = __ne__ = __le__ = __ge__ = lambda s, o: True\nyes = Yes(0)",
        "(yes, yes)",
    ),
    "object arrays": ("a = np.array([np.ones, None, {}], dtype=object)", "(a, a)"),
    "structured arrays": ("a = np.zeros(3, dtype=[('x', float)])", "(a, a)"),
    "text arrays": ("a = np.array(['x', 'y', 'z'])", "(a, a)"),
    "a list inside itself": ("a = []; a.append(a)", "(a, a)"),
    "deep nesting": ("a = 0\nfor _ in range(900): a = [a]", "(a, a)"),
    "a wide list": ("a = list(range(10**6))", "(a, a)"),
    "ten thousand objects": ("class C: pass\na = [C() for _ in range(10000)]", "(a, a)"),
    "huge numbers": ("a = 10**5000", "(a, 10**300)"),
    "nan and infinity": ("a = np.full(3, np.nan); b = np.full(3, np.inf)", "(a, b)"),
    "a generator": ("def g():\n    while True: yield 0", "g()"),
    "the function itself": ("", "(glide_step, rate_pair)"),
    "what was given": ("", "given"),
    "the gradient": ("", "(given[2], given[2]) if len(given) > 2 else given"),
    "an empty array with a huge shape": ("a = np.zeros((0, 10**9))", "(a, a)"),
    "a broadcast view": ("a = np.broadcast_to(np.zeros(1), (10**6, 10**6))", "(a, a)"),
    "a masked array": ("a = np.ma.masked_all(3)", "(a, a)"),
    "a dict of colliding keys": ("a = {i * (2**61 - 1): 0 for i in range(900)}", "(a, a)"),
    "lone surrogates": ("a = '\\ud800'", "(a, {a: a})"),
    "a class with an odd name": ("C = type('<script>alert(1)</script>', (), {})", "(C(), C())"),
    "an exception with an odd name": (
        "E = type('=cmd|x', (Exception,), {'__str__': lambda s: 1/0})",
        "(_ for _ in ()).throw(E())",
    ),
    "an exception that cannot be shown": (
        "class E(Exception):\n    def __str__(self): raise SystemExit",
        "(_ for _ in ()).throw(E())",
    ),
    "an exception that never ends": (
        "class E(Exception):\n    def __str__(self):\n        while True: pass",
        "(_ for _ in ()).throw(E())",
    ),
}


@pytest.mark.parametrize("name", FORGE)
def test_no_mark_for_wrong_answers(mark, name):
    row = mark(SETUP, FORGE[name], wrong_answers())
    assert (row["points"], row["status"]) == (0, "graded")


@pytest.mark.parametrize("name", IMPOSTORS)
def test_no_mark_and_no_broken_check_for_impostors(mark, name):
    made, returned = IMPOSTORS[name]
    row = mark(SETUP, made, wrong_answers(value=returned, exercises=TOY[:1]))
    assert (row["points"], row["status"]) == (0, "graded")
    assert "<script>" not in words(row)


READ = {
    "a file of the host": "open('/etc/passwd').read()",
    "the checks' text": f"open({str(TOYS / 'ch90_toy' / 'checks.py')!r}).read()",
    "the library's folder": f"__import__('os').listdir({str(LIBRARY)!r})[0]",
    "the grader's text": f"open({str(LIBRARY / 'grading' / 'child.py')!r}).read()",
    "the answers' text": f"open({str(LIBRARY / 'optimizers' / 'descent.py')!r}).read()",
    "home folders": "__import__('os').listdir('/root') or __import__('os').listdir('/home')",
    "processes": "__import__('os').listdir('/proc')",
    "own memory map": "open('/proc/self/maps').read()",
    "the parent's environment": "open('/proc/1/environ').read()",
    "a secret in the environment": f"[v for v in __import__('os').environ.values() if {SECRET!r} in v][0]",
    "the checks by import": (
        "__import__('course_lib.chapters.ch90_toy.checks', fromlist=['x']).CHAPTER[0].checks[0].title.upper()"
    ),
    "the checks from a loader": (
        "__import__('importlib.machinery').machinery.SourceFileLoader("
        f"'x', {str(TOYS / 'ch90_toy' / 'checks.py')!r}).load_module()"
    ),
    "torch": "__import__('torch').optim.SGD([], lr=1)",
    "the optimizers by import": "__import__('course_lib.optimizers', fromlist=['x']).Momentum.step.__code__",
    "the exact rates by import": (
        "__import__('course_lib.chapters.ch03_momentum.experiments', fromlist=['x']).optimal_momentum(1, 2)"
    ),
    "an answer left in memory": (
        "[o for o in __import__('gc').get_objects() if getattr(o, '__module__', '') is not None and "
        "str(getattr(o, '__module__', '')).startswith(('course_lib.optimizers', 'course_lib.chapters', "
        "'course_lib.checks', 'course_lib.claims')) and type(o).__name__ in ('function', 'type')][0]"
    ),
    "a subprocess": "__import__('subprocess').check_output(['id'])",
    "a shell": "1 / (__import__('os').system('true') == 0)",
    "a socket": "__import__('socket').socket()",
    "a name server": "__import__('socket').gethostbyname('localhost')",
    "a fork": "__import__('os').fork() or __import__('os')._exit(0)",
    "a thread": "__import__('threading').Thread(target=print).start()",
    "memory files": "__import__('os').memfd_create('x')",
    "a new file": "open('/tmp/trace-of-an-attack', 'w')",
    "a start-up file": "open(__import__('sysconfig').get_path('purelib') + '/usercustomize.py', 'w')",
    "signals to all": "__import__('os').kill(-1, 9)",
    "a signal to the zygote": "__import__('os').kill(__import__('os').getppid() or 1, 9)",
    "a signal through a file": "__import__('fcntl').fcntl(3, __import__('fcntl').F_SETOWN, 1)",
    "limits of others": "__import__('resource').prlimit(1, __import__('resource').RLIMIT_CPU)",
    "more memory": "__import__('resource').setrlimit(__import__('resource').RLIMIT_AS, (-1, -1))",
    "another open file": "[__import__('os').fstat(fd) for fd in range(4, 64)]",
    "a terminal": "__import__('os').ttyname(0)",
}
CALLS = {
    "ptrace": (101, "16, 1, 0, 0"),
    "process_vm_readv": (310, "1, 0, 0, 0, 0, 0"),
    "mount": (165, "b'none', b'/tmp', b'tmpfs', 0, 0"),
    "unshare": (272, "0x10000000"),
    "bpf": (321, "0, 0, 0"),
    "io_uring_setup": (425, "8, 0"),
    "userfaultfd": (323, "0"),
    "perf_event_open": (298, "0, 0, -1, -1, 0"),
    "keyctl": (250, "0, 0, 0"),
    "execve": (59, "b'/bin/true', 0, 0"),
    "clone3": (435, "0, 0"),
    "pidfd_open": (434, "1, 0"),
    "the 32-bit numbers": (0x40000000 + 41, "1, 1, 0"),
}


@pytest.mark.parametrize("name", READ)
def test_out_of_reach(mark, monkeypatch, name):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", SECRET)
    attack = f"got = repr({READ[name]})\nraise RuntimeError('STOLEN ' + got[:200] if got else 'a stand-in')"
    row = mark(SETUP, attack, wrong_answers())
    assert "STOLEN" not in words({**row, "exercises": 0, "notes": [n.split("(`")[0] for n in row["notes"]]})
    assert row["points"] == 0
    assert any("cell 2" in note for note in row["notes"]), "the attack has to fail, not to be left out"


def test_out_of_reach_without_namespaces_too():
    """A locked-down container gives no namespaces: Landlock and the list of system calls hold alone."""
    forbidden = {module for exercise in TOY for module in exercise.forbidden}
    with Zygote("landlock", forbidden) as zygote:
        names = [name for name in READ if name != "a signal to the zygote"]
        for name in names:
            attack = f"got = repr({READ[name]})\nraise RuntimeError('STOLEN ' + got if got else '')"
            row = mark_file(handed(notebook(SETUP, attack)), TOY, zygote, SEED, QUICK)
            assert row["notes"] and "Error: STOLEN" not in row["notes"][0], name


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of system calls are those of x86-64")
@pytest.mark.parametrize("name", CALLS)
def test_system_calls_that_are_not_permitted(mark, name):
    number, arguments = CALLS[name]
    attack = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"result = libc.syscall({number}, {arguments})\n"
        "raise RuntimeError(f'result {result} error {ctypes.get_errno()}')"
    )
    row = mark(SETUP, attack)
    assert "result -1 error 1" in words(row)


LINE = """
import os, struct, json
def frame(message, body=b'', header=None):
    header = json.dumps({'sizes': [len(body)] if body else [], **message}).encode() if header is None else header
    return struct.pack('<II', len(header), len(body)) + header + body
def write(data):
    while data: data = data[os.write(3, data):]
"""
FRAMES = {
    "a verdict": "write(frame({'op': 'verdict', 'points': 22, 'passed': True}))",
    "an answer before the answer": "write(frame({'op': 'return', 'value': None, 'changed': []}))",
    "noise": "write(os.urandom(4096))",
    "a frame of 4 GiB": "write(struct.pack('<II', 2**32 - 1, 2**32 - 1))",
    "a frame that never comes": "write(struct.pack('<II', 100, 100)); import time; time.sleep(100)",
    "deep JSON": "write(frame({}, header=b'[' * 100000))",
    "JSON that is no object": "write(frame({}, header=b'[1, 2]'))",
    "a number of a million digits": (
        'write(frame({}, header=b\'{"op": "return", "sizes": [], "value": \' + b\'9\' * 10**6 + b\'}\'))'
    ),
    "text that is no UTF-8": 'write(frame({}, header=b\'{"op": "\\xff\\xfe"}\'))',
    "negative sizes": "write(frame({'op': 'return', 'sizes': [-1, 1]}))",
    "an object dtype": (
        "write(frame({'op': 'return', 'value': {'array': {'dtype': '|O', 'buffer': 0, 'shape': [1], 'frozen': False, "
        "'number': 1}}}, b'x' * 8))"
    ),
    "a wrong shape": (
        "write(frame({'op': 'return', 'value': {'array': {'dtype': '<f8', 'buffer': 0, 'shape': [10**6, 10**6], "
        "'frozen': False, 'number': 1}}}, b'x' * 8))"
    ),
    "a view out of bounds": ("write(frame({'op': 'return', 'value': {'view': [0, -4096, [10000], [8]]}}))"),
    "a view with wild strides": "write(frame({'op': 'return', 'value': {'view': [0, 0, [3], [2**61]]}}))",
    "an array that was never sent": "write(frame({'op': 'return', 'value': {'known': 77}}))",
    "an unhashable key": "write(frame({'op': 'return', 'value': {'dict': [[[], 1]]}}))",
    "a pickle": "write(frame({'op': 'return', 'value': {'pickle': 'gASVAAAA'}}))",
    "changes of a wrong size": "write(frame({'op': 'return', 'value': 1, 'changed': [[0, 0]]}, b'x'))",
    "a callback of nobody": (
        "write(frame({'op': 'callback', 'number': 999, 'args': {'tuple': []}, 'kwargs': {'dict': []}}))"
    ),
    "a callback with odd arguments": ("write(frame({'op': 'callback', 'number': 0, 'args': 3, 'kwargs': None}))"),
    "a closed line": "os.close(3)",
    "a flood of frames": "write(frame({'op': 'return', 'value': 0}) * 10000)",
    "a flood of bytes": "\n    for _ in range(10): write(frame({'op': 'callback', 'number': 0}, bytes(30 << 20)))",
}


@pytest.mark.parametrize("name", FRAMES)
def test_forged_frames_earn_nothing_and_break_nothing(mark, name):
    row = mark(SETUP, LINE, wrong_answers(FRAMES[name], exercises=TOY[:1]))
    assert (row["points"], row["status"]) == (0, "graded")


@pytest.mark.parametrize("name", FRAMES)
def test_forged_frames_in_a_cell_cost_only_that_cell(mark, name):
    attack = f"{LINE}\ndef attack():\n    {FRAMES[name]}\nattack()"
    row = mark(SETUP, GLIDE, attack)
    assert row["status"] == "graded" and row["points"] == TOY[0].points


HARM = {
    "a flood of asking": "while True: given[2](given[0])",
    "a flood of large questions": "while True: given[2](np.zeros(10**6))",
    "a flood of huge questions": "while True: given[2](np.zeros(10**8))",
    "a flood of output": "while True: print('x' * 10**6)",
    "a flood of memory": "hold = []\n    while True: hold.append(np.ones(10**6))",
    "a flood of objects": "hold = []\n    while True: hold.append([hold])",
    "a slow drip": "import time, os\n    while True: time.sleep(0.3); os.write(3, b'\\x10')",
    "alarms": "import signal; signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)",
    "no end": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True: pass",
}


@pytest.mark.parametrize("name", HARM)
def test_floods_end_in_time_and_earn_nothing(mark, name):
    began = time.monotonic()
    row = mark(SETUP, wrong_answers(HARM[name], exercises=TOY[:1]), limits=replace(QUICK, slowness=2))
    assert (row["points"], row["status"]) == (0, "graded")
    assert time.monotonic() - began < 120


def test_a_fork_bomb_does_not_start(mark):
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: break"
    before = len(list(Path("/proc").glob("[0-9]*")))
    assert mark(SETUP, bomb, GLIDE)["points"] == TOY[0].points
    assert len(list(Path("/proc").glob("[0-9]*"))) < before + 30


def hidden_digits():
    """Digits of every number that the checks hand to a function with the secret seed, and not with the visible one."""
    seen = {}
    for seed in (VISIBLE_SEED, SEED):
        digits = seen[seed] = set()

        def spy(*given, digits=digits):
            for value in given:
                if not callable(value):
                    digits |= {f"{number:.17g}".replace("-", "")[:8] for number in np.ravel(value)}
            raise ValueError

        for exercise in TOY:
            exercise.run(spy, seed)
    return {digits for digits in seen[SEED] - seen[VISIBLE_SEED] if len(digits) == 8}


EXFILTRATION = {
    "in a message": "raise ValueError(repr([np.asarray(g).tolist() for g in given if not callable(g)]))",
    "in the name of an exception": "raise type('E' + repr(given[0]).replace('.', 'p')[:50], (Exception,), {})",
    "in the name of a type": "return type('E' + repr(given[0]).replace('.', 'p')[:50], (), {})()",
    "in a value": "return given[:2]",
    "in text": "return repr(given)",
    "in a shape": "return np.zeros([int(abs(100 * x)) + 1 for x in np.ravel(given[0])][:2]), 0",
    # Without the functions: half an address, cut off by the student, cannot be told from a number.
    "in what is remembered": "kept.append(repr([g for g in given if not callable(g)])); "
    "raise ValueError(''.join(kept)[-400:])",
}


@pytest.mark.parametrize("name", EXFILTRATION)
def test_no_hidden_input_reaches_the_student_s_page(mark, name):
    secrets = hidden_digits()
    assert len(secrets) > 20
    row = mark(SETUP, "kept = []", wrong_answers(EXFILTRATION[name]))
    assert row["points"] == 0
    text = words(row).replace("p", ".")
    assert not [digits for digits in secrets if digits in text]


def test_two_runs_with_different_seeds_say_the_same_about_wrong_answers(zygote):
    """Nothing that a student reads depends on the hidden inputs, whatever the function says about them."""
    for name, attack in EXFILTRATION.items():
        file = handed(notebook(SETUP, "kept = []", wrong_answers(attack)))
        rows = [mark_file(file, TOY, zygote, seed, QUICK) for seed in (1, 2)]
        for one, other in zip(rows[0]["exercises"], rows[1]["exercises"], strict=True):
            assert one == other, name
        assert rows[0] == rows[1], name


def test_the_next_student_is_marked_as_if_nothing_had_happened(mark):
    mark(SETUP, *FORGE.values(), wrong_answers("os.close(3)"))
    row = mark(*RIGHT)
    assert row["points"] == row["max_points"] and not row["notes"]


def test_no_attack_left_a_trace(zygote):
    assert not Path("/tmp/trace-of-an-attack").exists()
    assert not [path for path in LIBRARY.rglob("usercustomize.py")]
    children = subprocess.run(["ps", "--ppid", str(zygote.program.pid), "-o", "pid="], capture_output=True, text=True)
    assert len(re.findall(r"\d+", children.stdout)) <= 1


def test_wrong_answers_alone_earn_nothing(mark):
    """The attacks above are stopped by something: without them, the same answers earn as little."""
    assert mark(SETUP, wrong_answers())["points"] == mark(SETUP, WRONG_GLIDE)["points"] == 0


def test_views_that_are_small_there_and_huge_here_cost_the_grader_no_memory(mark):
    row = mark(
        SETUP,
        "wide = [np.lib.stride_tricks.as_strided(np.zeros(3), (4_000_000,), (0,))] * 5000",
        wrong_answers("given[2](wide) if len(given) > 2 else 0", "(wide, wide)"),
    )
    assert (row["points"], row["status"]) == (0, "graded")
    assert "far larger" in words(row)
