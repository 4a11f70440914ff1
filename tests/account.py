"""The last lines of a run: what ran, what was skipped and why, where the time went, how much memory, what was left.

A process that outlives the run makes it fail: whoever starts one has to end it. What is marked ``clock`` or ``browser``
waits for other processes and measures time; where nothing else failed, it is tried once more, alone, and the account
says so.
"""

import os
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import psutil
import pytest

MARK = "COURSE_TEST_RUN"  # in the environment of everything that a run starts
OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
PATIENCE = 10  # seconds in which what was told to end may do so
LARGEST = 4  # processes that are named
TIMED = {"clock", "browser"}  # marks of what may be tried again
FEW = 4  # more that fail together are no chance
AGAIN = "COURSE_TEST_AGAIN"  # in the environment of that second try


def folder_of(nodeid):
    """Where a test is counted: the folder of its file, the chapters' together."""
    parts = nodeid.split("::")[0].split("/")[:-1]
    return "/".join(parts[:2] if "chapters" in parts else parts) or "."


class Account:
    """A plugin of pytest's, in the process that a person started."""

    def __init__(self):
        self.begun, self.seconds, self.count = time.time(), defaultdict(float), Counter()
        self.failed, self.untimed = [], False
        self.peak, self.largest, self.over = 0, [], threading.Event()
        os.environ[MARK] = self.mark = f"{os.getpid()} {self.begun}"
        self.sampler = threading.Thread(target=self.sample, daemon=True)

    def pytest_sessionstart(self):
        self.sampler.start()

    def sample(self):
        """Keep the largest sum over this process and all below it, looked at once a second, and whose it was."""
        while not self.over.wait(1):
            taken = [(memory(one), one) for one in [psutil.Process(), *psutil.Process().children(recursive=True)]]
            total = sum(size for size, _ in taken)
            if total > self.peak:
                self.peak = total
                self.largest = [(size, shortly(one)) for size, one in sorted(taken, key=lambda row: -row[0])[:LARGEST]]

    def pytest_runtest_logreport(self, report):
        self.seconds[folder_of(report.nodeid)] += report.duration
        if report.when == "call" or report.skipped or report.failed:
            self.count[folder_of(report.nodeid)] += 1
        if report.failed:
            self.failed.append(report.nodeid)
            self.untimed |= TIMED.isdisjoint(report.keywords)

    def pytest_collectreport(self, report):
        self.untimed |= report.failed

    def passes_alone(self, session):
        """Whether what failed waits for others, and passes when there are none: a loaded machine is no fault of it."""
        tests = list(dict.fromkeys(self.failed))
        if self.untimed or not 0 < len(tests) <= FEW or AGAIN in os.environ:
            return False
        command = [sys.executable, "-m", "pytest", "-q", *tests]
        surroundings = {**os.environ, AGAIN: "1", "COURSE_TEST_ACCOUNT": ""}
        folder = session.config.rootpath
        return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True).returncode == 0

    def left(self):
        """What this run started and nobody ended."""
        until = time.monotonic() + PATIENCE
        while (found := started_in(self.mark)) and time.monotonic() < until:
            time.sleep(0.2)
        return found

    @staticmethod
    def line_of(process):
        return f"left running: {process.pid} {shortly(process)}"

    def pytest_unconfigure(self):
        self.over.set()

    @pytest.hookimpl(trylast=True)  # when the other processes of the tests have ended
    def pytest_sessionfinish(self, session):
        self.over.set()
        self.lines = [self.line_of(process) for process in self.left()]
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and not self.lines and self.passes_alone(session):
            session.exitstatus = pytest.ExitCode.OK
            self.lines = [f"failed beside others, and passed alone: {test}" for test in dict.fromkeys(self.failed)]
        elif self.lines and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        lines = list(self.told(terminalreporter.stats))
        terminalreporter.section("what ran")
        terminalreporter.write_line("\n".join(lines))
        if os.environ.get("COURSE_TEST_ACCOUNT"):  # course.py shows it again when all its steps are done
            Path(os.environ["COURSE_TEST_ACCOUNT"]).write_text("\n".join(lines), encoding="utf-8")

    def told(self, stats):
        """The account, line by line."""
        for folder, seconds in sorted(self.seconds.items(), key=lambda item: -item[1]):
            yield f"{seconds:7.1f} s  {self.count[folder]:6} cases  {folder}"
        yield f"{time.time() - self.begun:7.0f} s  {', '.join(self.outcomes(stats)) or 'nothing ran'}"
        for reason, number in reasons(stats.get("skipped", [])).most_common():
            yield f"{number} skipped: {reason}"
        yield f"at most {self.peak / 2**30:.1f} GB of memory, all processes together; then the largest had"
        for size, name in self.largest:
            yield f"{size / 2**30:7.1f} GB  {name}"
        yield from self.lines

    @staticmethod
    def outcomes(stats):
        return [f"{len(stats[name])} {name}" for name in OUTCOMES if stats.get(name)]


def reasons(skipped):
    return Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)


def shortly(process):
    """How a process was started, in so much as fits a line."""
    try:
        return " ".join(" ".join(process.cmdline()).split())[:100]
    except psutil.Error:
        return "has ended"


def memory(process):
    """Bytes of one process, with its share of what it has in common with others where the system says so."""
    try:
        return getattr(process.memory_full_info(), "pss", None) or process.memory_info().rss
    except psutil.Error:
        return 0


def started_in(mark):
    """Processes that hold the mark of a run in their environment, and all below this one, which set it."""
    below = set(psutil.Process().children(recursive=True))
    found = [process for process in psutil.process_iter() if process in below or holds(process, mark)]
    return [process for process in found if lives(process) and not ends_by_itself(process)]


def ends_by_itself(process):
    """Whether it is the watcher that ``multiprocessing`` gives each process: it ends with that one."""
    try:
        return "from multiprocessing.resource_tracker import main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def lives(process):
    """Whether it runs: one that has ended and was not asked for its exit code does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def holds(process, mark):
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == mark
    except (psutil.Error, OSError):
        return False
