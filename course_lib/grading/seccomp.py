"""The list of system calls that student code may make, as a seccomp filter.

What is not on it fails with "operation not permitted", which Python shows as an ordinary ``PermissionError``:
no process, thread, socket, signal, mount, or new program; memory, files that are open or readable, and clocks only.
"""

import ctypes
import errno
import os
import struct

from course_lib.grading.linux import PR_SET_NO_NEW_PRIVS, prctl

# name: (x86_64, aarch64); None where the architecture has no such call.
ALLOWED = {
    "read": (0, 63),
    "write": (1, 64),
    "open": (2, None),
    "close": (3, 57),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "poll": (7, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "access": (21, None),
    "select": (23, None),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "nanosleep": (35, 101),
    "setitimer": (38, 103),
    "getitimer": (36, 102),
    "getpid": (39, 172),
    "exit": (60, 93),
    "uname": (63, 160),
    "getcwd": (79, 17),
    "readlink": (89, None),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "getuid": (102, 174),
    "getgid": (104, 176),
    "geteuid": (107, 175),
    "getegid": (108, 177),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "time": (201, None),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "getdents64": (217, 61),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "openat": (257, 56),
    "newfstatat": (262, 79),
    "readlinkat": (267, 78),
    "faccessat": (269, 48),
    "pselect6": (270, 72),
    "ppoll": (271, 73),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "statx": (332, 291),
    "rseq": (334, 293),
    "faccessat2": (439, 439),
}
ON_REQUEST = {"recvmsg": (47, 212)}  # a file that comes over a socket
IOCTL = (16, 29)
FCNTL, FCNTL_COMMANDS = (72, 25), (0, 1, 2, 3, 4, 1030)  # duplicate, get and set flags
PRLIMIT64 = (302, 261)

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
PR_SET_SECCOMP, MODE_FILTER = 22, 2


def _instruction(code, value, then=0, otherwise=0):
    return struct.pack("<HBBI", code, then, otherwise, value)


def program(machine, also=()):
    """The filter for ``machine`` (``os.uname().machine``) as bytes of BPF; ``also``: names in ``ON_REQUEST``."""
    column = ("x86_64", "aarch64").index(machine)
    lines = [
        _instruction(LOAD, 4),  # architecture
        _instruction(EQUAL, AUDIT_ARCH[machine], 1, 0),
        _instruction(RETURN, KILL),
        _instruction(LOAD, 0),  # number of the call
        _instruction(AT_LEAST, X32, 0, 1),
        _instruction(RETURN, ERRNO | errno.EPERM),
        # Files ask whether they are a terminal: none is.
        _instruction(EQUAL, IOCTL[column], 0, 1),
        _instruction(RETURN, ERRNO | errno.ENOTTY),
        # The C library asks for limits: of process 0, oneself, and without new ones (a null pointer). Who could lower
        # the limit of processor time would be killed by the system, as if from outside.
        _instruction(EQUAL, PRLIMIT64[column], 0, 8),
        _instruction(LOAD, 16),
        _instruction(EQUAL, 0, 0, 5),
        _instruction(LOAD, 32),
        _instruction(EQUAL, 0, 0, 3),
        _instruction(LOAD, 36),
        _instruction(EQUAL, 0, 0, 1),
        _instruction(RETURN, ALLOW),
        _instruction(RETURN, ERRNO | errno.EPERM),
    ]
    # Not F_SETOWN and the like, which send signals to other processes.
    commands = [_instruction(EQUAL, c, len(FCNTL_COMMANDS) - i, 0) for i, c in enumerate(FCNTL_COMMANDS)]
    lines += [_instruction(EQUAL, FCNTL[column], 0, len(commands) + 3), _instruction(LOAD, 24), *commands]
    lines += [_instruction(RETURN, ERRNO | errno.EPERM), _instruction(RETURN, ALLOW)]
    for numbers in [*ALLOWED.values(), *[ON_REQUEST[name] for name in also]]:
        if numbers[column] is not None:
            lines += [_instruction(EQUAL, numbers[column], 0, 1), _instruction(RETURN, ALLOW)]
    return b"".join([*lines, _instruction(RETURN, ERRNO | errno.EPERM)])


def supported():
    """Whether there is a list of calls for this machine."""
    return os.uname().machine in AUDIT_ARCH


def restrict(also=()):
    """Hold this process to ``ALLOWED`` for good; ``also``: names in ``ON_REQUEST``."""
    code = program(os.uname().machine, also)
    buffer = ctypes.create_string_buffer(code, len(code))
    filters = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    header = ctypes.create_string_buffer(filters, len(filters))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.addressof(header))
