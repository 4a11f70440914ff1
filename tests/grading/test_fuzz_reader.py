"""Damaged files by the thousand: each ends in cells or in a sentence, and none in an exception, a wait or an end."""

import json
import random
import struct
import sys
import unicodedata
import zipfile

import pytest

from course_lib.grading.reader import TOO_MUCH, Reader
from course_lib.grading.reading import NOT_EXPECTED
from tests.grading.archive_files import encrypted, tarred, zipped
from tests.grading.handed_in import MOMENTUM, NESTEROV, RIGHT, STUB, notebook

BLOCKS = 6  # each fails alone, and says which seed to look at
EACH = 500
UNEXPECTED = NOT_EXPECTED.partition("(")[0]


@pytest.fixture(scope="module")
def reader():
    with Reader() as reader:
        yield reader


def checked(handed, seed):
    """``handed``, which holds cells of text or says in a sentence why there are none."""
    assert not handed.problem or (handed.problem.endswith(".") and len(handed.problem) < 320), (seed, handed)
    assert not handed.problem.startswith(UNEXPECTED) and handed.problem != TOO_MUCH, (seed, handed)
    assert not (handed.problem and handed.cells) and len(handed.digest) == 64, (seed, handed)
    for name, source in handed.cells:
        assert name.startswith("cell ") and source.encode("utf-8") and "\0" not in source, (seed, handed)
    json.dumps(handed.plain())
    return handed


# --- Notebooks -----------------------------------------------------------------------------------------

TEXT = "# Änderung 🎓 \u2028\ny = '\\x41'\n%matplotlib inline\n"
DOCUMENTS = [
    json.dumps(json.loads(notebook(*RIGHT, TEXT, STUB)), indent=1, ensure_ascii=False),
    json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": [*MOMENTUM, TEXT]}]}], "nbformat": 3}),
    "\n\n# %%\n".join(["import numpy as np", MOMENTUM, NESTEROV, TEXT]),
]
ENCODINGS = ["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"]
PIECES = [b"null", b"[", b"{", b'"', b"1e999", b"-", b"\\ud800", b"\\u", b"\x00", b"[" * 2000, b"\xff\xfe", b"\xf0\x9f"]
PIECES += [b"<<<<<<< HEAD\n", b",", b"}", b"]", b'"cells": 3,', b'"source": {},', b"9" * 5000, b"\r", b"\xed\xa0\x80"]
PIECES += [
    b"def momentum_step(",
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


@pytest.mark.parametrize("block", range(BLOCKS))
def test_damaged_notebooks(block, reader, tmp_path):
    path, refused = tmp_path / "a.ipynb", 0
    for seed in range(block * EACH, (block + 1) * EACH):
        rng = random.Random(seed)
        data = rng.choice(DOCUMENTS).encode(rng.choice(ENCODINGS), "replace")
        path.write_bytes(damaged(data, rng, PIECES))
        refused += bool(checked(reader.read("a.ipynb", path), seed).problem)
    assert EACH / 5 < refused < EACH


def odd(rng, depth=0):
    """Any JSON value, often one that a notebook might hold, in the wrong place."""
    kind = rng.randrange(9 if depth < 4 else 6)
    if kind < 6:
        return rng.choice([None, True, -1, 1e308, "", "code", "x = 1", MOMENTUM, "\ud800", "markdown", 10**30])
    if kind == 6:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(4))]
    keys = ["cells", "cell_type", "source", "input", "metadata", "worksheets", "nbformat", "id", "outputs", "course"]
    return {rng.choice(keys): odd(rng, depth + 1) for _ in range(rng.randrange(6))}


def test_documents_of_the_wrong_form(reader, tmp_path):
    path = tmp_path / "a.ipynb"
    for seed in range(1_000):
        rng = random.Random(seed)
        cells = [
            {"cell_type": "code", "source": MOMENTUM, "metadata": {}}
            | {rng.choice(["source", "id", "metadata"]): odd(rng)},
            {"cell_type": odd(rng), "source": odd(rng), "metadata": {"nbgrader": odd(rng), "course": odd(rng)}},
            odd(rng),
        ]
        document = rng.choice([{"cells": cells, "nbformat": odd(rng)}, {"worksheets": [{"cells": cells}, odd(rng)]}])
        path.write_text(json.dumps(document))
        outline = reader.outline("a.ipynb", path)
        assert not checked(outline.handed, seed).problem
        assert all(isinstance(row["source"], str) and isinstance(row["id"], str) for row in outline.rows)


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


@pytest.mark.parametrize("block", range(BLOCKS))
def test_damaged_archives(block, reader, tmp_path):
    path, whole = tmp_path / "a.zip", 0
    for seed in range(block * EACH, (block + 1) * EACH):
        rng = random.Random(seed)
        path.write_bytes(damaged_archive(rng))
        members = reader.members(path)
        assert members and all(member.problem.endswith(".") or not member.problem for member in members), seed
        assert not any(member.problem == TOO_MUCH for member in members), seed
        readable = [member.inside for member in members if not member.problem]
        assert len(set(readable)) == len(readable), seed
        for inside in readable[:3]:
            whole += not checked(reader.read("a.ipynb", path, inside), seed).problem
    assert whole > EACH / 10


SIGNS = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
KINDS = sorted({unicodedata.category(sign) for sign in SIGNS})


def test_names_from_the_whole_of_unicode(reader, tmp_path):
    rng = random.Random(0)
    by_kind = {kind: [sign for sign in SIGNS if unicodedata.category(sign) == kind] for kind in KINDS}
    names = [
        rng.choice(by_kind[rng.choice(KINDS)]) + "".join(rng.choices(SIGNS, k=rng.randrange(30))) for _ in range(3_000)
    ]
    names = [name.replace("/", "").replace("\\", "") + ".ipynb" for name in names]
    names = [name for name in dict.fromkeys(names) if not name.startswith(".")]
    for make in (zipped, tarred):
        path = tmp_path / "a"
        path.write_bytes(make(dict.fromkeys(names, NOTEBOOK)))
        members = reader.members(path)
        assert sorted(member.inside[0] for member in members) == sorted(names)
        for member in members[::60]:
            assert len(checked(reader.read(member.inside[0], path, member.inside), member).cells) == 2
