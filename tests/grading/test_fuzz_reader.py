"""Damaged files by the thousand: each ends in cells or in a sentence, and none in an exception, a wait or an end."""

import json
import random
import struct
import sys
import time
import unicodedata
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from course_lib.checks import EXERCISES
from course_lib.grading import reading
from course_lib.grading.handed import Handed
from course_lib.grading.reader import MEMORY, SECONDS, Reader
from course_lib.grading.sandbox import address_space
from tests.grading.archive_files import encrypted, tarred, zipped
from tests.grading.handed_in import AHEAD, GLIDE, RIGHT, STUB, TOY, notebook

BLOCKS = 6  # each fails alone, and says which seed to look at
EACH = 500
FUNCTIONS = list(dict.fromkeys(exercise.function for exercise in (*EXERCISES.values(), *TOY)))
UNEXPECTED = reading.NOT_EXPECTED.partition("(")[0] + "("


def limit_memory():
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (address_space() + MEMORY,) * 2)


@pytest.fixture(scope="module")
def elsewhere():
    """``elsewhere(function, ...)``: what it returns in a process with as much memory as the one that reads.

    There the files of a block are read in one go, and not each after a change of processes.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), limit_memory) as pool:
        yield lambda function, *args: pool.submit(function, *args).result()


def told(path, op, inside=()):
    """What the reading process says of a file. Raises if that takes longer than it may."""
    began = time.process_time()
    with open(path, "rb") as file:
        answer, _ = reading.answer(
            file, {"op": op, "inside": inside, "functions": FUNCTIONS, "name": "a.ipynb", "most": 100_000}
        )
    if time.process_time() - began > SECONDS:
        raise TimeoutError(f"{path} takes too long")
    return answer


def checked(answer, seed):
    """``answer``, which holds cells of text or says in a sentence why there are none."""
    problem, cells = answer.get("problem", ""), answer.get("cells", [])
    assert not problem or (problem.endswith(".") and len(problem) < 320), (seed, answer)
    assert not problem.startswith(UNEXPECTED) and problem != reading.TOO_LARGE, (seed, answer)
    assert ("problem" in answer) != ("cells" in answer) and len(answer["digest"]) == 64, (seed, answer)
    for name, source in cells:
        assert name.startswith("cell ") and source.encode("utf-8") and "\0" not in source, (seed, answer)
    assert json.loads(json.dumps(answer)) == answer, seed
    return answer


# --- Notebooks -----------------------------------------------------------------------------------------

TEXT = "# Änderung 🎓 \u2028\ny = '\\x41'\n%matplotlib inline\n"
DOCUMENTS = [
    json.dumps(json.loads(notebook(*RIGHT, TEXT, STUB)), indent=1, ensure_ascii=False),
    json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": [*GLIDE, TEXT]}]}], "nbformat": 3}),
    "\n\n# %%\n".join(["import numpy as np", GLIDE, AHEAD, TEXT]),
]
ENCODINGS = ["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"]
PIECES = [b"null", b"[", b"{", b'"', b"1e999", b"-", b"\\ud800", b"\\u", b"\x00", b"[" * 2000, b"\xff\xfe", b"\xf0\x9f"]
PIECES += [b"<<<<<<< HEAD\n", b",", b"}", b"]", b'"cells": 3,', b'"source": {},', b"9" * 5000, b"\r", b"\xed\xa0\x80"]
PIECES += [
    b"def glide_step(",
    b"(" * 300,
    b"'''",
    b"\\n\\t",
    b"%%bash\\n",
    b"!a\\n",
    b"\x0c",
    b"\x1a",
    b"NaN",
    b"#" * 99,
]


def damaged(data, rng, pieces):
    """``data`` with one to six faults: bytes that changed, went, came, were said twice, or an end that is missing."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        fault = rng.randrange(6)
        if fault == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif fault == 1:
            del data[at : at + rng.randrange(1, 60)]
        elif fault == 2:
            data[at:at] = rng.choice(pieces)
        elif fault == 3:
            data[at:at] = data[at : at + rng.randrange(1, 200)]
        elif fault == 4 and rng.random() < 0.3:
            del data[at:]
        elif at < len(data):
            data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


def damaged_notebooks(path, seeds):
    """How many of them are refused."""
    refused = 0
    for seed in seeds:
        rng = random.Random(seed)
        data = rng.choice(DOCUMENTS).encode(rng.choice(ENCODINGS), "replace")
        path.write_bytes(damaged(data, rng, PIECES))
        refused += "problem" in checked(told(path, "read"), seed)
    return refused


@pytest.mark.parametrize("block", range(BLOCKS))
def test_damaged_notebooks(block, elsewhere, tmp_path):
    refused = elsewhere(damaged_notebooks, tmp_path / "a.ipynb", range(block * EACH, (block + 1) * EACH))
    assert EACH / 5 < refused < EACH


def odd(rng, depth=0):
    """Any JSON value, often one that a notebook might hold, in the wrong place."""
    kind = rng.randrange(9 if depth < 4 else 6)
    if kind < 6:
        return rng.choice([None, True, -1, 1e308, "", "code", "x = 1", GLIDE, "\ud800", "markdown", 10**30])
    if kind == 6:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(4))]
    keys = ["cells", "cell_type", "source", "input", "metadata", "worksheets", "nbformat", "id", "outputs", "course"]
    return {rng.choice(keys): odd(rng, depth + 1) for _ in range(rng.randrange(6))}


def odd_documents(path, seeds):
    for seed in seeds:
        rng = random.Random(seed)
        cells = [
            {"cell_type": "code", "source": GLIDE, "id": "a"} | {rng.choice(["source", "id", "metadata"]): odd(rng)},
            {"cell_type": odd(rng), "source": odd(rng), "metadata": {"nbgrader": odd(rng), "course": odd(rng)}},
            odd(rng),
        ]
        document = rng.choice([{"cells": cells, "nbformat": odd(rng)}, {"worksheets": [{"cells": cells}, odd(rng)]}])
        path.write_text(json.dumps(document))
        answer = checked(told(path, "outline"), seed)
        assert all(isinstance(row["source"], str) and isinstance(row["id"], str) for row in answer["rows"]), seed


def test_documents_of_the_wrong_form(elsewhere, tmp_path):
    elsewhere(odd_documents, tmp_path / "a.ipynb", range(1_000))


# --- Archives ------------------------------------------------------------------------------------------

NOTEBOOK = notebook(*RIGHT[:2])
INNER = zipped({"03_momentum.ipynb": NOTEBOOK, "a/b.txt": b"hello"})
ARCHIVES = [
    zipped({"anna/03_momentum.ipynb": NOTEBOOK, "readme.txt": b"hello", "ben/": b""}),
    zipped({"03_momentum.ipynb": NOTEBOOK, "x.ipynb": NOTEBOOK}, zipfile.ZIP_STORED),
    zipped({"gus.zip": INNER, "hal/x.ipynb": NOTEBOOK, "ida.zip": encrypted(INNER), "joe.zip": INNER[:-20]}),
    zipped({"gus.zip": INNER, "kim.tar.gz": tarred({"x.ipynb": NOTEBOOK})}, zipfile.ZIP_STORED),
    encrypted(zipped({"x.ipynb": NOTEBOOK, "y.ipynb": NOTEBOOK})),
    tarred({"anna/x.ipynb": NOTEBOOK, "gus.zip": INNER}, "w"),
    tarred({"anna/x.ipynb": NOTEBOOK}),
]
MARKS = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x07\x08", b"\xff" * 4, b"\xff" * 8, bytes(4)]
MARKS += [struct.pack("<I", n) for n in (1, 1 << 20, 1 << 31, (1 << 32) - 2)] + [b"../", b"\\", b"\0", b"ustar", INNER]


def damaged_archive(rng):
    """Faults anywhere, or in one field of a record: flags, packing, sizes, offsets, lengths."""
    data = bytearray(rng.choice(ARCHIVES))
    records = [at for mark in MARKS[:3] for at in range(len(data)) if data.startswith(mark, at)]
    if records and rng.random() < 0.6:
        for _ in range(rng.randint(1, 3)):
            at = rng.choice(records) + rng.randrange(4, 46)
            field = rng.choice([rng.randbytes(1), rng.randbytes(2), b"\xff" * 4, bytes(4), b"\x01", b"\x09", b"\x63"])
            data[at : at + len(field)] = field
        return bytes(data)
    return damaged(data, rng, MARKS)


def damaged_archives(path, seeds):
    """How many notebooks in them are read."""
    whole = 0
    for seed in seeds:
        path.write_bytes(damaged_archive(random.Random(seed)))
        members = told(path, "members")["members"]
        assert members and all(problem.endswith(".") or not problem for _, _, problem in members), seed
        assert not any(problem.startswith(UNEXPECTED) for _, _, problem in members), seed
        readable = [inside for inside, _, problem in members if not problem]
        assert len(set(readable)) == len(readable), seed
        for inside in readable[:3]:
            whole += "cells" in checked(told(path, "read", inside), seed)
    return whole


@pytest.mark.parametrize("block", range(BLOCKS))
def test_damaged_archives(block, elsewhere, tmp_path):
    whole = elsewhere(damaged_archives, tmp_path / "a.zip", range(block * EACH, (block + 1) * EACH))
    assert whole > EACH / 10


def names_in(path):
    """Names that are told of an archive; a few of the files are read."""
    members = told(path, "members")["members"]
    for inside, _, problem in members[::60]:
        assert not problem and len(checked(told(path, "read", inside), inside)["cells"]) == 2
    return sorted(inside[0] for inside, _, _ in members)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_names_from_the_whole_of_unicode(make, elsewhere, tmp_path):
    signs = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    rng, by_kind = random.Random(0), {}
    for sign in signs:
        by_kind.setdefault(unicodedata.category(sign), []).append(sign)
    first = [rng.choice(rng.choice(list(by_kind.values()))) for _ in range(3_000)]
    names = {f"{sign}{''.join(rng.choices(signs, k=rng.randrange(30)))}.ipynb" for sign in first}
    names = sorted(name for name in names if not set(name) & set("/\\") and not name.startswith("."))
    (tmp_path / "a").write_bytes(make(dict.fromkeys(names, NOTEBOOK)))
    assert elsewhere(names_in, tmp_path / "a") == names


def test_the_confined_process_says_what_an_unconfined_one_says(elsewhere, tmp_path):
    """It has imported all that it will need: afterwards it cannot."""
    path, made = tmp_path / "a", []
    with Reader(FUNCTIONS) as reader:
        for encoding in sorted(set(ENCODINGS)):
            path.write_bytes(DOCUMENTS[0].encode(encoding, "replace"))
            answer = elsewhere(told, path, "read")
            assert reader.read("a.ipynb", path) == Handed("a.ipynb", **answer) and answer["cells"]
        for data in [*ARCHIVES, *map(damaged_archive, map(random.Random, range(8)))]:
            path.write_bytes(data)
            members = elsewhere(told, path, "members")["members"]
            assert [list(member) for member in reader.members(path)] == [list(member) for member in members]
            for inside, _, problem in members[:3]:
                if not problem:
                    made.append(reader.read("a.ipynb", path, inside))
                    assert made[-1] == Handed("a.ipynb", **elsewhere(told, path, "read", inside))
    assert sum(not handed.problem for handed in made) > 10
