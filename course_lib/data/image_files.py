"""MNIST, Fashion-MNIST and CIFAR-10 from a folder or, where there is one, from the network.

Looked for in the folder that you name; or else in ``$COURSE_DATA/<set>`` or, without that variable, in the
cache in your home folder, where a download is kept. Every download is compared with the checksum that its
authors published before it is used. CIFAR-10 is read in its binary version: the Python version consists of
pickles, and opening a pickle can run any program.

Sources: LeCun, Cortes and Burges (MNIST); Xiao, Rasul and Vollgraf 2017 (Fashion-MNIST); Krizhevsky 2009 (CIFAR-10).
"""

import gzip
import hashlib
import os
import tarfile
import tempfile
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import numpy as np

from course_lib.data.dataset import Dataset

TIMEOUT = 20  # seconds without an answer
# Where `apt install dataset-fashion-mnist` (Debian, Ubuntu) puts the files.
INSTALLED = {"fashion_mnist": Path("/usr/share/datasets/fashion-mnist")}


class DataNotFound(FileNotFoundError):
    """The files are neither in a folder nor to be had from the network."""


class Source(NamedTuple):
    """Where a set comes from: address of its folder, and file name -> MD5 as published."""

    address: str
    checksums: dict


IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def _idx_source(address, *checksums):
    return Source(address, dict(zip((f"{name}.gz" for name in IDX_FILES), checksums, strict=True)))


SOURCES = {
    "mnist": _idx_source(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "fashion_mnist": _idx_source(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    "cifar10": Source(
        "https://www.cs.toronto.edu/~kriz/", {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"}
    ),
}

DIGITS = tuple("0123456789")
CLOTHES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def mnist(folder=None, download=True):
    """``(train, test)``: 60 000 and 10 000 handwritten digits, ``x (N, 1, 28, 28)`` float32 from 0 to 1.

    Args:
        folder: where the four IDX files lie, packed (.gz) or not; see the top of this file if left out.
        download: whether to try the network when no folder has them.

    Raises:
        DataNotFound: neither folder nor network has them; the text says what to do.
        ValueError: a file is damaged or no IDX file.
    """
    return _idx_set("mnist", DIGITS, folder, download)


def fashion_mnist(folder=None, download=True):
    """``(train, test)``: 60 000 and 10 000 pieces of clothing, otherwise as ``mnist``."""
    return _idx_set("fashion_mnist", CLOTHES, folder, download)


def cifar10(folder=None, download=True):
    """``(train, test)``: 50 000 and 10 000 colour photographs, ``x (N, 3, 32, 32)`` float32 from 0 to 1.

    ``folder`` holds ``cifar-10-binary.tar.gz``, or what it unpacks to; otherwise as ``mnist``.
    """
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    found = _find("cifar10", folder, download, lambda place: _cifar_reader(place, names))
    batches = [_cifar_batch(found(name), name) for name in names]
    train = Dataset(np.concatenate([x for x, _ in batches[:5]]), np.concatenate([y for _, y in batches[:5]]), OBJECTS)
    return train, Dataset(*batches[5], OBJECTS)


# --- The formats -------------------------------------------------------------------------------------


def read_idx(data, name="the file"):
    """Read an IDX file of bytes, the format of MNIST: 0, 0, type, dimensions, sizes (big-endian), then the entries.

    Raises ``ValueError`` for another format, and for a file that is cut off or too long.
    """
    if len(data) < 4 or data[:3] != b"\x00\x00\x08" or not 1 <= data[3] <= 4:
        raise ValueError(f"{name} is no IDX file of bytes: it starts with {data[:4].hex(' ')}, not with 00 00 08.")
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise ValueError(f"{name} ends inside its header: download it again.")
    shape = tuple(int(size) for size in np.frombuffer(data, ">u4", data[3], offset=4))
    expected = int(np.prod(shape, dtype=object))
    if len(data) - start != expected:
        raise ValueError(
            f"{name} should hold {expected} entries, shape {shape}, but it holds {len(data) - start}: it is damaged, "
            "download it again."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _idx_set(title, classes, folder, download):
    found = _find(title, folder, download, _idx_reader)
    arrays = [read_idx(found(name), name) for name in IDX_FILES]
    return tuple(_labelled_images(*pair, classes, title) for pair in (arrays[:2], arrays[2:]))


def _labelled_images(images, labels, classes, title):
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise ValueError(f"The files of {title} do not belong together: images {images.shape}, labels {labels.shape}.")
    if labels.size and labels.max() >= len(classes):
        raise ValueError(f"The labels of {title} must be 0 to {len(classes) - 1}, but one is {labels.max()}.")
    return Dataset((images[:, None] / np.float32(255)).astype(np.float32), labels.astype(int), classes)


def _idx_reader(place):
    """``name -> bytes`` if ``place`` has all four files, else ``None``."""
    paths = {}
    for name in IDX_FILES:
        # Some archives write a dot: train-images.idx3-ubyte
        spellings = [name + end for end in ("", ".gz")] + [name.replace("-idx", ".idx") + end for end in ("", ".gz")]
        paths[name] = next((place / spelling for spelling in spellings if (place / spelling).is_file()), None)
    return None if None in paths.values() else lambda name: _unpacked(paths[name])


def _unpacked(path):
    data = path.read_bytes()
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be unpacked ({error}): it is damaged, download it again.") from None


CIFAR_RECORD = 1 + 3 * 32 * 32


def _cifar_batch(data, name):
    """Records of a label and 3 x 32 x 32 pixels, one byte each."""
    if not data or len(data) % CIFAR_RECORD:
        raise ValueError(f"{name} should be records of {CIFAR_RECORD} bytes, but it has {len(data)}: it is damaged.")
    records = np.frombuffer(data, np.uint8).reshape(-1, CIFAR_RECORD)
    if records[:, 0].max() > 9:
        raise ValueError(f"{name} has the label {records[:, 0].max()}, CIFAR-10 has 0 to 9: is it CIFAR-100?")
    return (records[:, 1:].reshape(-1, 3, 32, 32) / np.float32(255)).astype(np.float32), records[:, 0].astype(int)


def _cifar_reader(place, names):
    for inside in (place, place / "cifar-10-batches-bin"):
        if all((inside / name).is_file() for name in names):
            return lambda name: (inside / name).read_bytes()
    archive = place / "cifar-10-binary.tar.gz"
    if archive.is_file():
        return lambda name: _member(archive, name)
    if (place / "cifar-10-python.tar.gz").is_file() or (place / "cifar-10-batches-py").is_dir():
        raise DataNotFound(
            f"{place} holds CIFAR-10 in its Python version, made of pickles, which could run any program: get "
            f"the binary version, {SOURCES['cifar10'].address}cifar-10-binary.tar.gz."
        )
    return None


def _member(archive, name):
    """One file out of the archive, read in place: nothing is unpacked to the disk."""
    try:
        with tarfile.open(archive) as opened:
            return opened.extractfile(f"cifar-10-batches-bin/{name}").read()
    except (tarfile.TarError, KeyError, EOFError, OSError) as error:
        raise ValueError(f"{archive} cannot be read ({error}): it is damaged, download it again.") from None


# --- Folder, cache, network --------------------------------------------------------------------------


def cache_folder(title):
    """Where downloads of a set are kept: ``$COURSE_DATA/<set>``, or in the cache of your home folder."""
    root = os.environ.get("COURSE_DATA") or Path.home() / ".cache" / "optimisation-course"
    return Path(root) / title


def _find(title, folder, download, reader):
    """``name -> bytes`` from the first place that has the set."""
    place = cache_folder(title) if folder is None else Path(folder).expanduser()
    found = reader(place)
    if found is None and folder is None and title in INSTALLED:
        found = reader(INSTALLED[title])
    if found is not None:
        return found
    reason = "download=False"
    if download and folder is None:
        try:
            _download(title, place)
            return reader(place)
        except (OSError, HTTPException) as error:
            reason = f"the network did not give them ({error})"
    source = SOURCES[title]
    raise DataNotFound(
        f"{title} is not in {place}" + (f", and {reason}" if folder is None else "") + ". Put the files "
        f"{', '.join(source.checksums)} from {source.address} into a folder and name it, {title}(folder=...), or "
        "take a set that needs no download: course_lib.data.digits() or shapes(...)."
    )


def _download(title, place):
    source = SOURCES[title]
    place.mkdir(parents=True, exist_ok=True)
    for name, checksum in source.checksums.items():
        if not (place / name).is_file():
            _fetch(source.address + name, place / name, checksum)


def _fetch(url, path, checksum):
    """Download to a temporary file, which gets its name only when its checksum is right."""
    digest = hashlib.md5(usedforsecurity=False)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            with urlopen(url, timeout=TIMEOUT) as answer:
                while block := answer.read(1 << 20):
                    digest.update(block)
                    file.write(block)
            if digest.hexdigest() != checksum:
                raise OSError(f"{url} came with the wrong checksum {digest.hexdigest()}, not {checksum}")
            file.close()
            os.replace(file.name, path)
        finally:
            Path(file.name).unlink(missing_ok=True)
