"""Archives of the kinds that are read, alike to those who read them. Runs in the reading process."""

import stat
import tarfile
import zipfile
from typing import NamedTuple

from course_lib.grading.kinds import other_than_text
from course_lib.grading.source import Unreadable

NOT_READ = "The file cannot be read from its archive ({}): hand in the notebook (.ipynb) itself."
ENCRYPTED = "it is encrypted, and nobody can type a password here"
OTHERWISE = "it is packed in a way that is not read here, number {}"
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Entry(NamedTuple):
    """A thing in an archive: ``kind`` is "file", "folder" or "link"; ``item`` is what the archive knows it by."""

    name: str
    kind: str
    size: int
    item: object
    problem: str = ""


class Zip:
    """A zip archive in an open file."""

    def __init__(self, file):
        self.zip = zipfile.ZipFile(file)

    def __iter__(self):
        for item in self.zip.infolist():
            link = stat.S_ISLNK(item.external_attr >> 16)
            kind = "folder" if item.filename.endswith(("/", "\\")) else "link" if link else "file"
            problem = NOT_READ.format(ENCRYPTED) if item.flag_bits & 1 else ""
            if item.compress_type not in PACKINGS:
                problem = NOT_READ.format(OTHERWISE.format(item.compress_type))
            yield Entry(_in_utf8(item), kind, item.file_size, item, problem)

    def open(self, item):
        return self.zip.open(item)


def _in_utf8(item):
    """The name of an entry; many programs write UTF-8 and do not say so."""
    try:
        return item.filename if item.flag_bits & 0x800 else item.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return item.filename


class Tar:
    """A tar archive in an open file, packed or not."""

    def __init__(self, file):
        self.tar = tarfile.TarFile.open(fileobj=file, mode="r:*")

    def __iter__(self):
        for item in self.tar:
            kind = "folder" if item.isdir() else "file" if item.isreg() else "link"
            yield Entry(item.name, kind, item.size, item)

    def open(self, item):
        return self.tar.extractfile(item)


def container(file):
    """The ``Zip`` or ``Tar`` in an open file. Raises ``Unreadable``, or whatever Python says of damaged ones."""
    start = file.read(512)
    file.seek(0)
    if start.startswith((b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable(other_than_text(start))
    packed = start.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) or start[257:262] == b"ustar"
    return Tar(file) if packed else Zip(file)
