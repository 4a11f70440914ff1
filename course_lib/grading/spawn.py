"""Student code where there is no fork and no sandbox (macOS, Windows): a program of its own for each child.

Level ``none``: it cannot reach an answer by accident, but nothing stops one who wants to do harm.
"""

import secrets
import socket
import subprocess
import time

from course_lib.checks.calls import GraderError
from course_lib.grading.process import START_SECONDS, Child, Interrupted, Limits, ready
from course_lib.grading.programs import start_program


class Spawned:
    """A child as a program: the clock on the wall stands in for its processor time."""

    confined = False

    def __init__(self, program):
        self.program, self.began = program, time.monotonic()

    def seconds(self):
        return time.monotonic() - self.began

    busy = seconds

    def ends_within(self, seconds):
        try:
            self.program.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self):
        self.program.kill()
        return self.program.wait()


class Spawner:
    """Starts children as ``forks.Zygote`` does, a little more slowly.

    Args:
        forbidden: modules whose contents student code may not use.
        memory: bytes that a child may take, where the system can hold it to that.
        profile, modules: as for ``Zygote``.
    """

    level = "none"

    def __init__(self, forbidden=(), memory=Limits.memory, profile="numpy", modules=()):
        self.forbidden, self.memory, self.profile, self.modules = sorted(forbidden), memory, profile, sorted(modules)
        self.programs = []

    def fork(self):
        """A new child, ready to take cells; ``GraderError`` if it does not start."""
        token = secrets.token_bytes(32)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            more = f"{self.forbidden!r}, {self.memory}, {self.profile!r}, {self.modules!r}"
            program = start_program(f"serve_alone({port}, {token.hex()!r}, {more})")
            self.programs = [old for old in self.programs if old.poll() is None] + [program]
            try:
                line = _called(server, program)
                line.settimeout(START_SECONDS)
                said = line.recv(len(token))
            except OSError as error:
                raise GraderError(f"a process for student code did not start ({error})") from None
        if not secrets.compare_digest(said, token):
            raise GraderError("something else answered in place of a child")
        return ready(Child(line, Spawned(program)), self.level)

    def close(self):
        for program in self.programs:
            program.kill()
            program.wait()
        self.programs = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _called(server, program, seconds=START_SECONDS):
    """The connection of a program that calls back; ``Interrupted`` if it has ended instead."""
    until = time.monotonic() + seconds
    server.settimeout(0.5)
    while True:
        try:
            return server.accept()[0]
        except TimeoutError:
            if program.poll() is not None:
                raise Interrupted(f"a process for student code ended while it started ({program.poll()})") from None
            if time.monotonic() > until:
                raise
