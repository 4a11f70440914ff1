"""Archives as students and their programs make them, as bytes."""

import io
import tarfile
import warnings
import zipfile


def zipped(entries, packing=zipfile.ZIP_DEFLATED):
    """A zip archive of ``{name: bytes}`` or ``[(name, bytes), ...]``."""
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", packing) as file:
        warnings.simplefilter("ignore")  # names that stand there twice
        for name, data in entries.items() if isinstance(entries, dict) else entries:
            file.writestr(name, data)
    return made.getvalue()


def tarred(entries, mode="w:gz"):
    """A tar archive of ``{name: bytes}``."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as file:
        for name, data in entries.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            file.addfile(about, io.BytesIO(data))
    return made.getvalue()


def encrypted(data):
    """A zip archive whose first entry says that it is encrypted."""
    data = bytearray(data)
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)
