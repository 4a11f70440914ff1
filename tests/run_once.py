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


def share_claims(folder):
    """From here on a claim that another process of the run has run is not run again in this one."""
    from course_lib.claims.kit import Claim, Result

    once = Once(folder)

    def run(claim):
        numbers, plot = once(claim.id, claim.experiment)
        return Result(claim, numbers, plot, claim.judge(numbers))

    Claim.run = run


def shared_folder(tmp_path_factory):
    """A folder of this run that all its processes see: pytest-xdist gives each worker one below it."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own
