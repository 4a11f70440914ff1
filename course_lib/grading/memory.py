"""A bound on the memory of the grader itself, for what it computes at the wish of a student's function."""

import contextlib
import os
import sys
from functools import cache

if sys.platform == "linux":
    import resource


@contextlib.contextmanager
def at_most(extra):
    """Within, this process gets no more than ``extra`` bytes beyond what it has: a ``MemoryError`` instead.

    Where the system has no such limit (macOS, Windows) nothing is bounded. Holds for all threads.
    """
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = taken() + extra
    bound = min([wanted, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)])
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def taken():
    """Bytes of data that this process has, as the limit counts them."""
    return int(os.pread(_sizes_of(os.getpid()), 200, 0).split()[5]) * resource.getpagesize()


@cache
def _sizes_of(process):
    """The file in which the system says how large a process is, kept open: it is asked at every answer of a check's."""
    return os.open(f"/proc/{process}/statm", os.O_RDONLY)
