"""What others wrote is here whole, with its licence, and what is made of it asks nobody for the rest."""

import base64
import hashlib
import io
import tarfile

import pytest

from course_lib.tools import vendor
from course_lib.tools.vendor import __main__ as fetching


@pytest.mark.parametrize("name", vendor.PACKAGES)
def test_every_file_that_is_listed_is_here_with_its_licence(name):
    about, folder = vendor.PACKAGES[name], vendor.FOLDER / name
    for place in about["files"].values():
        found = list((folder / place).glob("*.woff2")) if place.endswith("/") else [folder / place]
        assert found and all(path.stat().st_size > 900 for path in found)
    assert about["licence"] in (folder / "LICENSE").read_text(encoding="utf-8")


def test_only_the_fonts_that_formulas_need_are_taken_and_no_address_is_left():
    plain, script = vendor.katex_css(r"$x^2$"), vendor.katex_css(r"$\mathcal{L}$")
    assert "KaTeX_Caligraphic;" not in plain and "KaTeX_Caligraphic;" in script
    for css in (plain, script):
        assert "url(fonts" not in css and "http" not in css
    assert plain.count("@font-face") == plain.count("data:font/woff2") == len(vendor.fonts_for("$x^2$")) > 5
    assert set(vendor.fonts_for(r"\mathcal\mathfrak\mathsf\mathscr\mathtt\boldsymbol")) == {
        path.name for path in (vendor.FOLDER / "katex/fonts").iterdir()
    }


@pytest.fixture
def npm(monkeypatch):
    """``npm pack`` gives an archive with one file and a font; returns its checksum."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as packed:
        for name in ("package/dist/one.js", "package/dist/fonts/a.woff2", "package/dist/two.js"):
            packed.addfile(tarfile.TarInfo(name), io.BytesIO())

    def run(command, cwd, **options):
        (fetching.Path(cwd) / "one-1.0.tgz").write_bytes(data.getvalue())
        return type("Done", (), {"stdout": "one-1.0.tgz\n"})

    monkeypatch.setattr(fetching.subprocess, "run", run)
    return f"sha512-{base64.b64encode(hashlib.sha512(data.getvalue()).digest()).decode()}"


def test_another_archive_than_the_noted_one_is_refused(npm, tmp_path):
    with pytest.raises(ValueError, match="nothing was kept"):
        fetching.archive("one", "1.0", "sha512-other", tmp_path)
    path = fetching.archive("one", "1.0", npm, tmp_path)
    fetching.unpack(path, {"dist/one.js": "here.js", "dist/fonts/*.woff2": "fonts/"}, tmp_path / "kept")
    kept = {one.relative_to(tmp_path / "kept").as_posix() for one in (tmp_path / "kept").rglob("*.*")}
    assert kept == {"here.js", "fonts/a.woff2"}
