"""A bound on the memory of the grader itself, for what it computes at the wish of a student's function."""

import contextlib
import sys

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
    with open("/proc/self/statm") as file:
        return int(file.read().split()[5]) * resource.getpagesize()
