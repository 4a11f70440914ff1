"""Archives that students hand in, and archives that are to do harm: what is told of them, and what it costs."""

import io
import stat
import tarfile
import zipfile

import pytest

from tests.grading.archive_files import encrypted, tarred, zipped
from tests.grading.handed_in import RIGHT, notebook, reader_of

NOTEBOOK = notebook(*RIGHT)
READER = reader_of(None)


@pytest.fixture
def look(tmp_path):
    """``look(bytes) -> {names: (problem, number of cells)}`` of an archive with these bytes."""

    def look(data):
        path = tmp_path / "archive"
        path.write_bytes(data)
        found = {}
        for inside, _, problem in READER.members(path):
            assert inside not in found
            handed = None if problem else READER.read("x", path, inside)
            found[inside] = (problem or handed.problem, 0 if problem else len(handed.cells))
        return found

    return look


WHOLE = ("", len(RIGHT))


@pytest.mark.parametrize("make", [zipped, tarred, *(lambda e, m=m: tarred(e, m) for m in ("w", "w:bz2", "w:xz"))])
def test_names_mean_places_below_the_archive_whatever_they_are(look, make):
    names = ["a/x.ipynb", "../../y.ipynb", "/etc/z.ipynb", "b\\c\\w.ipynb", "..\\v.ipynb", "./d//u.ipynb"]
    found = look(make(dict.fromkeys(names, NOTEBOOK)))
    assert found == {
        (name,): WHOLE for name in ("a/x.ipynb", "y.ipynb", "etc/z.ipynb", "b/c/w.ipynb", "v.ipynb", "d/u.ipynb")
    }


def test_files_of_one_name_are_kept_apart(look):
    found = look(zipped([("a.ipynb", NOTEBOOK), ("a.ipynb", b""), ("./a.ipynb", NOTEBOOK), ("b", b""), ("b", b"")]))
    assert {inside for (inside,) in found} == {"a.ipynb", "a (2).ipynb", "a (3).ipynb", "b", "b (2)"}
    assert found["a.ipynb",] == found["a (3).ipynb",] == WHOLE and "empty" in found["a (2).ipynb",][0]


@pytest.mark.parametrize(
    "name", ["Müller.ipynb", "Łukasz.ipynb", "山田.ipynb", "🎓.ipynb", "e\u0301.ipynb", "\u202eabc.ipynb"]
)
def test_names_of_all_alphabets_are_kept_also_where_a_program_does_not_say_that_they_are_utf_8(look, name):
    data = zipped({name: NOTEBOOK})
    assert look(data) == {(name,): WHOLE}
    silent = bytearray(data)
    silent[silent.index(b"PK\x03\x04") + 7] &= ~8
    silent[silent.index(b"PK\x01\x02") + 9] &= ~8
    assert look(bytes(silent)) == {(name,): WHOLE}


def test_names_that_are_not_utf_8_stay_different(look):
    data = zipped({"MXller.ipynb": NOTEBOOK, "MYller.ipynb": NOTEBOOK})
    found = look(data.replace(b"MXller", b"M\xfcller").replace(b"MYller", b"M\xf6ller"))
    assert len(found) == 2 and set(found.values()) == {WHOLE}
    found = look(tarred({f"M{chr(code)}ller.ipynb": NOTEBOOK for code in (0xDCFC, 0xDCF6)}))
    assert len(found) == 2 and set(found.values()) == {WHOLE}


def test_what_systems_leave_behind_is_one_line_and_never_read(look):
    left = dict.fromkeys([f".ipynb_checkpoints/x{i}.ipynb" for i in range(50)], NOTEBOOK)
    left |= dict.fromkeys(["__MACOSX/a/._x.ipynb", "a/.git/objects/1", "a/.git/objects/2", "a/.DS_Store"], b"x")
    found = look(zipped({**left, "a/x.ipynb": NOTEBOOK}))
    assert found.pop(("a/x.ipynb",)) == WHOLE
    assert {inside for (inside,) in found} == {".ipynb_checkpoints/", "__MACOSX/", "a/.git/", "a/.DS_Store/"}
    assert all(problem for problem, _ in found.values())


def test_links_and_empty_folders_are_named(look):
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = look(zipped([(link, "/etc/passwd"), ("empty/", b""), ("win\\", b""), ("full/", b""), ("full/x", b"")]))
    assert "link" in found["link.ipynb",][0] and "empty" in found["empty/",][0] and "empty" in found["win/",][0]
    assert len(found) == 4
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            about = tarfile.TarInfo(f"{kind!r}.ipynb")
            about.type, about.linkname = kind, "/etc/passwd"
            file.addfile(about)
    assert all("link" in problem for problem, _ in look(made.getvalue()).values())


@pytest.mark.parametrize("make", [zipped, tarred])
def test_archives_in_an_archive_are_read_one_level_down(look, make):
    inner = make({"x.ipynb": NOTEBOOK, "deeper.zip": zipped({"y.ipynb": NOTEBOOK})})
    ending = "zip" if make is zipped else "tar.gz"
    found = look(zipped({f"anna.{ending}": inner, "ben.ipynb": NOTEBOOK}))
    assert found.pop(("ben.ipynb",)) == WHOLE and found.pop((f"anna.{ending}", "x.ipynb")) == WHOLE
    ((inside, (problem, _)),) = found.items()
    assert inside == (f"anna.{ending}", "deeper.zip") and "zip archive" in problem


BROKEN = {
    "nothing": b"",
    "a text": b"hello",
    "a start": b"PK\x03\x04 cut off",
    "cut off": zipped({"x.ipynb": NOTEBOOK})[:-30],
    "no archive in gzip": b"\x1f\x8b\x08\x00" + bytes(100),
    "RAR": b"Rar!\x1a\x07\x01\x00" + bytes(100),
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100),
    "nothing in it": zipped({}),
    "encrypted": encrypted(zipped({"x.ipynb": NOTEBOOK})),
    "other packing": zipped({"x.ipynb": NOTEBOOK}, zipfile.ZIP_LZMA),
    "damaged": zipped({"x.ipynb": NOTEBOOK}, zipfile.ZIP_STORED).replace(b"momentum", b"GLIDE"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_archive_is_one_sentence_and_so_is_one_in_an_archive(look, name):
    ((_, (problem, cells)),) = look(BROKEN[name]).items()
    assert problem.endswith(".") and "hand in" in problem and cells == 0
    assert name not in ("RAR", "7z", "encrypted", "damaged") or name in problem
    found = look(zipped({"anna.zip": BROKEN[name], "ben.ipynb": NOTEBOOK}))
    assert found.pop(("ben.ipynb",)) == WHOLE
    ((inside, (problem, cells)),) = found.items()
    assert inside[0] == "anna.zip" and problem.endswith(".") and cells == 0


# --- Too much ------------------------------------------------------------------------------------------


@pytest.fixture
def members(tmp_path):
    """``members(bytes)``: what is told of an archive with these bytes."""

    def members(data, most=2_500):
        (tmp_path / "archive").write_bytes(data)
        return READER.members(tmp_path / "archive", most)

    return members


def test_what_swells_in_an_archive_is_not_unpacked(members):
    swells = [member for member in members(zipped({f"{i}.zip": bytes(60 << 20) for i in range(4)})) if member.problem]
    assert sum("unpacks to far more" in member.problem for member in swells) == 3


def test_a_notebook_that_swells_is_cut_off(look):
    bomb = zipped({"x.ipynb": b"[" * (120 << 20)})
    assert "more than 100 MiB" in look(bomb)["x.ipynb",][0]
    assert "more than 100 MiB" in look(zipped({"a.zip": bomb}))["a.zip", "x.ipynb"][0]
    assert "more than 100 MiB" in look(tarred({"x.ipynb": bytes(120 << 20)}))["x.ipynb",][0]


def test_notebooks_are_told_before_what_else_fills_an_archive(members):
    junk = dict.fromkeys([f"venv/{i}.py" for i in range(4_000)], b"")
    found = members(zipped({**junk, "z.ipynb": NOTEBOOK}, zipfile.ZIP_STORED))
    assert found[0].inside == ("z.ipynb",) and len(found) <= 2_500 and not any(member.problem for member in found)
    found = members(zipped({"mallory.zip": zipped(junk | {"z.ipynb": b""}), "ben.zip": zipped({"x.ipynb": b""})}))
    assert {("mallory.zip", "z.ipynb"), ("ben.zip", "x.ipynb")} < {member.inside for member in found}
    assert len(found) <= 2_500


@pytest.mark.parametrize("name", ["{}/x.ipynb", "a/" * 400 + "{}.ipynb", "🎓" * 200 + "{}.ipynb"])
@pytest.mark.parametrize("most", [2_000, 5_500])
def test_more_notebooks_than_are_told_are_said(members, name, most):
    found = members(zipped({name.format(i): b"" for i in range(6_000)}, zipfile.ZIP_STORED), most)
    assert found[-1].inside == () and "more notebooks than" in found[-1].problem and len(found) <= most + 1
    assert sum(len(member.inside[0]) for member in found[:-1]) <= 4 << 20


def test_more_entries_than_anybody_hands_in_are_refused(members):
    ((inside, _, problem),) = members(zipped({f"{i}": b"" for i in range(100_001)}, zipfile.ZIP_STORED))
    assert inside == () and "more than 100000 files" in problem


def test_one_archive_in_a_class_of_them_displaces_no_other(members):
    crowd = zipped({f"{'x' * 900}{i}.ipynb": b"" for i in range(5_000)})
    others = {f"s{i}.zip": zipped({"a.ipynb": b""}) for i in range(50)}
    found = members(zipped({"a.zip": crowd, "b.zip": crowd, **others}))
    assert {(name, "a.ipynb") for name in others} < {member.inside for member in found}
    assert [member.inside for member in found if "more notebooks" in member.problem] == [("a.zip",), ("b.zip",)]


def test_an_archive_that_lies_about_sizes_is_bounded_all_the_same(look):
    data = bytearray(zipped({"x.ipynb": b"[" * (120 << 20)}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (500).to_bytes(4, "little")
    ((_, (problem, cells)),) = look(bytes(data)).items()
    assert problem and cells == 0


def test_entries_that_share_their_bytes_are_read_one_by_one(look):
    """Many names for one stretch of bytes: small to hand in, large to unpack."""
    data = zipped({"x.ipynb": NOTEBOOK})
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    count = 30
    directory = b"".join(entry.replace(b"x.ipynb", b"%03d.ipy" % i) for i in range(count))
    tail = bytearray(data[end:])
    tail[8:10] = tail[10:12] = count.to_bytes(2, "little")
    tail[12:16] = len(directory).to_bytes(4, "little")
    found = look(data[:start] + directory + bytes(tail))
    assert len(found) == count or all(problem for problem, _ in found.values())
