"""What takes long is computed once in a run of the tests, whichever process asks first."""

import pickle
from pathlib import Path

from filelock import FileLock


class Once:
    """``once(name, compute)``: what ``compute()`` returned in the first of the processes that share ``folder``.

    The others wait for it and read it. What is computed has to be data that can be pickled.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)

    def __call__(self, name, compute):
        file = self.folder / f"{name}.pickle"
        with FileLock(f"{file}.lock"):
            if not file.exists():
                half_written = file.with_suffix(".new")
                half_written.write_bytes(pickle.dumps(compute()))
                half_written.rename(file)
        return pickle.loads(file.read_bytes())


def shared_folder(tmp_path_factory):
    """A folder of this run that all its processes see: pytest-xdist gives each worker one below it."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own
