"""The system calls behind the confinement, by ctypes: namespaces, mounts, Landlock, capabilities.

Every function raises ``OSError`` with the name of the call that failed. Numbers are those of <linux/*.h>; calls
that are newer than the C library's wrappers have the same number on every architecture.
"""

import ctypes
import os
import struct
import sys

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000

MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 4096, 16384, 1 << 18, 2, 4
MNT_DETACH = 2
MOUNT_SETATTR, AT_RECURSIVE, AT_FDCWD, MOUNT_ATTR_RDONLY = 442, 0x8000, -100, 1
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
READ_FILE, READ_DIR = 1 << 2, 1 << 3
ALL_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 1, 4, 38, 24
LAST_CAPABILITY = 63

if sys.platform == "linux":  # elsewhere nothing below is called
    _libc = ctypes.CDLL(None, use_errno=True)
    _libc.syscall.restype = ctypes.c_long


def _checked(name, result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _syscall(name, number, *arguments):
    return _checked(name, _libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option, *arguments):
    _checked(f"prctl {option}", _libc.prctl(option, *[ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]))


def unshare(flags):
    _checked("unshare", _libc.unshare(flags))


def set_host_name(name):
    _checked("sethostname", _libc.sethostname(name.encode(), ctypes.c_size_t(len(name))))


def mount(source, target, kind=None, flags=0):
    encoded = [None if part is None else os.fsencode(part) for part in (source, target, kind)]
    _checked(f"mount {target}", _libc.mount(*encoded, ctypes.c_ulong(flags), None))


def mount_read_only(path):
    """Make a mount and all below it read-only."""
    attributes = struct.pack("<4Q", MOUNT_ATTR_RDONLY, 0, 0, 0)
    _syscall(
        f"mount_setattr {path}",
        MOUNT_SETATTR,
        ctypes.c_int(AT_FDCWD),
        os.fsencode(path),
        ctypes.c_uint(AT_RECURSIVE),
        attributes,
        ctypes.c_size_t(len(attributes)),
    )


def pivot_root(path):
    """Make ``path`` the root; the old one is gone afterwards."""
    os.chdir(path)
    _syscall("pivot_root", PIVOT_ROOT[os.uname().machine], b".", b".")
    _checked("umount", _libc.umount2(b".", MNT_DETACH))
    os.chdir("/")


def become_single_user():
    """After ``unshare(CLONE_NEWUSER)``: one user, without a name, owns what the caller owned."""
    return [("setgroups", "deny"), ("uid_map", f"1000 {os.geteuid()} 1"), ("gid_map", f"1000 {os.getegid()} 1")]


def drop_capabilities():
    """Give up every capability, for this process and what it starts."""
    for capability in range(LAST_CAPABILITY + 1):
        if _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # past the kernel's last one, or none to give up
    header, none = struct.pack("<Ii", 0x20080522, 0), bytes(24)
    _checked("capset", _libc.capset(header, none))


def landlock_version():
    """Landlock's ABI version, 0 where the kernel has none."""
    return max(0, _libc.syscall(ctypes.c_long(LANDLOCK_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def landlock(readable):
    """From now on only files at or below ``readable`` can be opened, for reading; no TCP, no signals outside."""
    version = landlock_version()
    if not version:
        raise OSError("this kernel has no Landlock")
    rights = ALL_FILE_RIGHTS[min(version, 5)]
    network, scope = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    attributes = struct.pack("<3Q", rights, network, scope)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _syscall("landlock", LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    for path in readable:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = READ_FILE | READ_DIR if os.path.isdir(path) else READ_FILE
        rule = struct.pack("<Qi", allowed, fd)
        _syscall("landlock rule", LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0))
        os.close(fd)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _syscall("landlock restrict", LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)
