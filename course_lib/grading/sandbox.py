"""How far student code is confined, and how.

- ``full``: own user, pid, mount, network, ipc and uts namespaces; a root that holds the interpreter, NumPy and
  nothing else, read-only; Landlock on top; a list of system calls (seccomp); limits; no capabilities.
- ``landlock``: no namespaces to be had (a locked-down container): Landlock, seccomp and limits. No file, no network,
  no other process is in reach either; what is missing is the second wall behind the first.
- ``none``: a process of its own with limits, that is all (macOS, Windows, Linux before 5.13).

The zygote enters the namespaces once; a child adds what holds only for it. Any step that fails is an error of
the set-up, never of a submission.
"""

import contextlib
import os
import site
import sys
import sysconfig

from course_lib.grading import linux, seccomp, shelf

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None  # type: ignore[assignment]

LEVELS = ("full", "landlock", "none")
NAMESPACES = (
    linux.CLONE_NEWUSER
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWCGROUP
)


def site_folders():
    """Folders of installed packages, some of which may lie inside the standard library's folder."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
    return sorted(folder for folder in folders if os.path.isdir(folder))


def standard_library():
    """Files and folders of the standard library, installed packages left out."""
    paths = []
    for folder in sorted({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}):
        if os.path.isfile(os.path.join(folder, "os.py")) or folder.endswith("lib-dynload"):
            names = sorted(os.listdir(folder))
            paths += [os.path.join(folder, name) for name in names if name not in ("site-packages", "dist-packages")]
    return paths


def readable_paths(profile="numpy"):
    """All that student code may read."""
    folders = site_folders()
    names = shelf.files_of(shelf.PACKAGES[profile], folders)
    packages = [os.path.join(folder, name) for folder in folders for name in names]
    return standard_library() + [path for path in packages if os.path.exists(path)]


def enter_namespaces():
    """Leave the host: called in the zygote's launcher; returns in a new process, the first of its pid namespace.

    The launcher stays behind, waits, and ends as the zygote ends.
    """
    rows = linux.become_single_user()
    linux.prctl(linux.PR_SET_PDEATHSIG, 9)
    linux.unshare(NAMESPACES)
    for name, line in rows:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)
    zygote = os.fork()
    if zygote:
        os.closerange(0, 3)
        _, status = os.waitpid(zygote, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
    linux.prctl(linux.PR_SET_PDEATHSIG, 9)
    linux.set_host_name("grading")
    if os.getppid() != 0:  # 0: a launcher outside this namespace, alive
        raise OSError("the zygote is not alone in its namespace")


def enter_root(readable):
    """Make a root of ``readable`` only, read-only."""
    linux.mount(None, "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    handles = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC), os.path.isdir(path)) for path in readable]
    root = "/tmp"
    linux.mount("none", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV)
    for path, handle, is_folder in handles:
        target = root + path
        os.makedirs(target if is_folder else os.path.dirname(target), exist_ok=True)
        if not is_folder:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))
        linux.mount(f"/proc/self/fd/{handle}", target, flags=linux.MS_BIND | linux.MS_REC)
        os.close(handle)
    linux.mount_read_only(root)
    linux.pivot_root(root)


def confine_zygote(level, readable=None):
    """Bring this process to ``level``, as far as it holds for all children; ``OSError`` where that is impossible."""
    if level == "none":
        return
    if not seccomp.supported():
        raise OSError(f"there is no list of system calls for {os.uname().machine}")
    readable = readable_paths() if readable is None else readable
    if level == "full":
        enter_namespaces()
        enter_root(readable)
    linux.landlock(readable)
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    prove_files_are_out_of_reach()


def prove_files_are_out_of_reach():
    """Raise ``OSError`` if a file of the host, or this library's own text, can be opened."""
    for path in ("/etc/passwd", "/proc/self/environ", __file__):
        with contextlib.suppress(OSError), open(path):
            raise OSError(f"{path} can still be read")


def confine_child(level, taken, memory):
    """The rest, in the child itself: limits and the list of system calls.

    Args:
        level: one of ``LEVELS``.
        taken: bytes of address space that the zygote has.
        memory: bytes that the child may have in addition.
    """
    if resource is None:
        return
    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform == "linux":
        linux.prctl(linux.PR_SET_PDEATHSIG, 9)
        limits += [(resource.RLIMIT_AS, taken + memory), (resource.RLIMIT_NOFILE, 64)]
    if level != "none":
        limits += [(resource.RLIMIT_NPROC, 0)]
    for limit, value in limits:
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (600, 660))  # the first ends it by a signal that says so
    if level != "none":
        seccomp.restrict()


def address_space():
    """Bytes of address space that this process has taken; asked while /proc is still there."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def search_path():
    """``sys.path`` for student code: the standard library. What else it may import, ``Shelf`` finds by its place."""
    folders = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    inside = [path for path in sys.path if path in folders or os.path.dirname(path) in folders]
    return [path for path in inside if path not in site_folders()]
