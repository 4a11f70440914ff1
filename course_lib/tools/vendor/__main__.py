"""Fetch what stands here anew: ``python -m course_lib.tools.vendor``, with npm and a network."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from course_lib.tools.vendor import FOLDER, PACKAGES


def archive(name, version, integrity, folder):
    """The path of the package's archive, fetched into ``folder`` by npm; its checksum has been compared."""
    found = subprocess.run(
        ["npm", "pack", "--silent", f"{name}@{version}"], cwd=folder, capture_output=True, text=True, check=True
    )
    path = Path(folder) / found.stdout.split()[-1]
    made = f"sha512-{base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()}"
    if made != integrity:
        raise ValueError(f"{path.name} has the checksum {made}, and packages.json notes {integrity}: nothing was kept.")
    return path


def unpack(path, files, folder):
    """Take ``files`` ({place in the package: place here}; a place that ends with / is a folder) out of an archive."""
    with tarfile.open(path) as packed:
        for member in filter(tarfile.TarInfo.isfile, packed):
            place = member.name.removeprefix("package/")
            for origin, target in files.items():
                if place == origin or (origin.endswith("/*.woff2") and Path(place).match(origin)):
                    to = folder / target / Path(place).name if target.endswith("/") else folder / target
                    to.parent.mkdir(parents=True, exist_ok=True)
                    to.write_bytes(packed.extractfile(member).read())


def main():
    """Fetch every package of packages.json and replace its folder."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, package in PACKAGES.items():
            path = archive(name, package["version"], package["integrity"], scratch)
            shutil.rmtree(FOLDER / name, ignore_errors=True)
            unpack(path, package["files"], FOLDER / name)
            print(f"{name} {package['version']}: {sum(one.is_file() for one in (FOLDER / name).rglob('*'))} files")


if __name__ == "__main__":
    main()
