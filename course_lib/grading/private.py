"""Files that are the lecturer's alone: how they are made, how they are named, and what is said when the disk is full.

Marks, feedback and the seed are nobody else's on a computer that is shared: folders that are made here have mode
0700, files 0600. Every file is written all at once.
"""

import errno
import hashlib
import hmac
import os
import re
from pathlib import Path

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
TOKEN = 20  # hexadecimal digits: 80 bits, nobody guesses or meets one
OF_A_PAGE = re.compile(rf".{{1,60}}-[0-9a-f]{{{TOKEN}}}\.html")


class CannotWrite(ValueError):
    """A file could not be written; its text says which one, why, and that nothing is lost."""

    def __init__(self, path, why):
        super().__init__(
            f"{path} cannot be written ({why}). Make room, or mend it, and give the same command again: what was "
            "marked until now is kept."
        )


def cannot_write(path, error):
    """The ``CannotWrite`` of an ``OSError``."""
    return CannotWrite(path, "the disk is full" if error.errno in FULL else error.strerror or str(error))


def make_folder(path):
    """Make a folder, and those above it, that only its owner can look into; one that is there stays as it is."""
    if path.is_dir():
        return
    if path.parent != path:
        make_folder(path.parent)
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None


def claim_file(path):
    """Make an empty file that only its owner can read, or make one that is there so. Raises ``OSError``."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    os.chmod(path, 0o600)


def write_text(path, text):
    """As ``write_bytes``, of a text."""
    write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path, content):
    """Write a file all at once: whoever reads it finds the old content or the new one, never half of it.

    Raises ``CannotWrite``; the old file is then as it was.
    """
    path = Path(path)
    make_folder(path.parent)
    partial = path.with_name(path.name + ".part")
    try:
        partial.unlink(missing_ok=True)  # of a run that was cut off; a link there is not followed
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        os.replace(partial, path)
    except OSError as error:
        if error.errno in FULL:
            partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from None


# --- Names ---------------------------------------------------------------------------------------------


def readable(name, limit=40):
    """The part of ``name`` that can stand in a file's name on every system; a letter may take four bytes of 255."""
    return re.sub(r"[^\w-]+", "_", name[: 4 * limit]).strip("_-")[:limit].strip("_-") or "student"


def file_name(student):
    """A folder's name for a student: readable, safe on every system, and different for different students.

    It can be computed by anyone who knows the student's name, so it protects nothing: see ``page_name``.
    """
    safe = readable(student)
    plain = safe == student == safe.lower() and safe.isascii()
    if plain and not (WINDOWS_DEVICE.fullmatch(safe) or LIKE_A_DIGEST.search(safe)):
        return safe
    return f"{safe}-{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:TOKEN]}"


WINDOWS_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
LIKE_A_DIGEST = re.compile(rf"-[0-9a-f]{{{TOKEN}}}$")  # nobody may choose the name that another one gets


def page_key(seed):
    """The key of the names of a run's pages, made from its secret seed.

    The names must come out the same when the same run is repeated, and must not betray the seed to those who know their
    own page's name: trying one seed costs a tenth of a second and 32 MB (scrypt, RFC 7914).
    """
    return hashlib.scrypt(str(seed).encode(), salt=b"names of feedback pages", n=1 << 14, r=8, p=1, dklen=32)


def page_name(student, key):
    """The file name of a student's page, which nobody can guess without the ``page_key`` or take from another."""
    token = hmac.new(key, student.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:TOKEN]
    return f"{readable(student)}-{token}.html"
