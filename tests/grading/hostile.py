"""Notebooks whose answers turn on the grader: its memory, its time, its patience, its line, the class behind them."""

from tests.grading.handed_in import SETUP, notebook

LINE = """
import os, struct, json, select, sys
def nap(seconds): select.select([], [], [], seconds)  # time.sleep returns at once
def frame(message, body=b'', header=None):
    header = json.dumps({'sizes': [len(body)] if body else [], **message}).encode() if header is None else header
    return struct.pack('<II', len(header), len(body)) + header + body
def write(data):
    while data: data = data[os.write(3, data):]
def read(count):
    data = b''
    while len(data) < count: data += os.read(3, count - len(data))
    return data
def answer():
    header, body = struct.unpack('<II', read(8))
    return json.loads(read(header)), read(body)
ASK = {'op': 'callback', 'number': 0, 'kwargs': {'dict': []}, 'changed': []}
def callbacks(args, body=b''):
    while True:
        write(frame({**ASK, 'args': {'tuple': args}}, body)); answer()
def empty(i):
    return {'array': {'dtype': '<f8', 'buffer': i, 'shape': [0], 'frozen': False, 'number': 2 * i + 10**6 + 1}}
"""
# Of each exercise with a callable as its third argument: lines of a function of *given.
ASKING = {
    "asks for ever": "while True: given[2](given[0])",
    "asks about large arrays": "while True: given[2](np.zeros(120_000))",
    "asks about huge arrays": "while True: given[2](np.zeros(10**7))",
    "asks about wide views": "while True: given[2](np.broadcast_to(np.zeros(1), 130_000))",
    "asks about many parts": "while True: given[2](list(range(19_000)))",
    "asks about deep lists": "a = 0\n    for _ in range(18): a = [a] * 2\n    given[2](a)",
    "asks by names": "while True: given[2](theta=given[0])",
    "asks about huge numbers": "while True: given[2](10**300); given[2](1e308)",
    "asks about text": "while True: given[2]('x' * 4000)",
    "asks about its own objects": "while True: given[2](object())",
    "asks about the function itself": "given[2](given[2])",
    "asks in circles": "given[2](lambda *a: given[2](given[0]))\n    while True: given[2](glide_step)",
    "asks with colliding keys": "callbacks([{'dict': [[i * (2**61 - 1), 0] for i in range(999)]}])",
    "asks with dicts of colliding keys": "callbacks([{'dict': [[i * (2**61 - 1), 0] for i in range(999)]}] * 20)",
    "asks with empty buffers": "callbacks([{'tuple': []}], b'') if 0 else write(frame({**ASK, 'args': {'tuple': []}, "
    "'sizes': [0] * 400_000}))",
    "asks with ten thousand empty arrays": "write(frame({**ASK, 'args': {'tuple': [empty(i) for i in range(9999)]}, "
    "'sizes': [0] * 9999}))",
    "asks with forged numbers": "write(frame({**ASK, 'number': -1, 'args': {'tuple': []}}))",
    "asks and changes all": "while True:\n        given[0][...] = np.random.rand(*given[0].shape); given[2](given[0])",
}
RETURNING = {
    "returns all that can cross": "return np.ones(10**6), np.ones(10**5)",
    "returns a million ones in turns": "kept.append(np.ones(10**6)); return kept[-1], kept[-1]",
    "returns views of everything": "big = np.ones(10**6); return tuple(big[i:] for i in range(50))",
    "returns small arrays in masses": "return tuple(np.zeros(1) for _ in range(5000))",
    "returns a thousand objects": "return tuple(object() for _ in range(1000))",
    "returns what shares memory": "a = np.broadcast_to(np.zeros(1), 10**6); return a, a",
    "returns nothing of an array": "return given[0][:0], given[1][:0]",
    "returns truth": "return given[0] > 0",
    "returns truth twice": "return given[0] > 0, given[1] > 0",
    "returns 1e308": "return np.full_like(given[0], 1e308), np.full_like(given[0], -1e308)",
    "returns huge whole numbers": "return 10**300, 10**300",
    "returns deep dicts": "a = {}\n    for i in range(15): a = {i: a}\n    return a, a",
    "returns long text": "return 'x' * 4000, 'y' * 4000",
    "returns nan of every kind": "return np.array(np.nan), np.array([np.inf, -np.inf])",
    "grows what it was given": "given[0].resize((10**6,), refcheck=False); return given[0], given[0]",
    "returns unsigned numbers": "return given[0].astype(np.uint8), given[1].astype(np.uint8)",
    "returns complex numbers": "return given[0] * 1j, given[1] * 1j",
    "returns half precision": "return given[0].astype(np.float16), given[1].astype(np.float16)",
    "returns matrices": "return np.outer(given[0], given[0]), np.matrix(np.ones((3, 3)))",
    "returns functions": "return (lambda: 0), (lambda: 0)",
    "returns an endless generator": "return (np.zeros(3) for _ in iter(int, 1))",
}
DYING = {
    "ends itself after a while": "import os; given[2](given[0]); os._exit(0)",
    "kills itself": "import os; os.kill(os.getpid(), 9)",
    "kills everybody": "import os; os.kill(-1, 9)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "takes all memory": "hold = []\n    while True: hold.append(np.ones(10**6))",
    "takes memory, then sleeps": "hold = [np.ones(10**6) for _ in range(30)]; nap(4); return 0, 0",
    "sleeps": "nap(4); return given[0], given[1]",
    "sleeps in small pieces": "\n    for _ in range(1000): nap(0.05); sum(range(1000))\n    return 0, 0",
    "sleeps between questions": "\n    while True: nap(0.2); given[2](given[0])",
    "loops": "while True: pass",
    "hangs up and loops": "os.close(3)\n    while True: pass",
    "hangs up and sleeps": "os.close(3); nap(1000)",
    "drips": "\n    while True: nap(0.2); os.write(3, b'\\x10')",
    "floods the line": "\n    while True: write(frame({'op': 'return', 'value': 0, 'changed': []}))",
    "floods with bodies": "\n    while True: write(frame({**ASK, 'args': {'tuple': []}}, bytes(8 << 20)))",
    "announces and sleeps": "write(struct.pack('<II', 100, 100)); nap(1000)",
    "announces too much": "write(struct.pack('<II', 2**32 - 1, 2**32 - 1))",
    "sends half a million parts": "write(frame({}, header=b'[' + b'0,' * 500_000 + b'0]'))",
    "sends deep brackets": "write(frame({}, header=b'[' * 900_000))",
    "sends a number of a million digits": "write(frame({}, header=b'{\"op\": ' + b'9' * 10**6 + b'}'))",
    "stops the clock": "import signal; signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01); nap(3)",
    "lowers its limits": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n    while True: pass",
    "recurses without end": "sys.setrecursionlimit(10**9); return glide_step(*given)",
    "prints without end": "\n    while True: print('x' * 10**6)",
}
CELLS = {
    "a cell that sleeps": "import select\nfor _ in range(200): select.select([], [], [], 4); sum(range(10**5))",
    "a cell that loops": "while True: pass",
    "a cell that floods memory": "hold = []\nwhile True: hold.append(bytearray(10**7))",
    "a cell that kills": "import os; os.kill(os.getppid(), 9)",
    "a cell that hangs up": "import os, select; os.close(3); select.select([], [], [], 1000)",
}


def hostile_class():
    """``{name: bytes of a notebook}``: none has earned a point."""
    bodies = ASKING | RETURNING | DYING
    made = {}
    for name, body in bodies.items():
        made[name] = notebook(SETUP, LINE + "kept = []", f"def glide_step(*given):\n    {body}")
    for name, cell in CELLS.items():
        made[name] = notebook(SETUP, *[cell] * 3, "def glide_step(*given): return 0, 0", *[cell] * 3)
    sleepers = ["import select\nfor _ in range(3): select.select([], [], [], 4 / 3)\nsum(range(10**6))"] * 100
    made["a hundred cells that sleep"] = notebook(SETUP, *sleepers, "def glide_step(*given): return 0, 0")
    return made
