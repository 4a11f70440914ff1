"""A class spread over processes of this computer, or over a Dask cluster. Rows are those of one process, to the byte.

A task is a submission as plain data, its answer a row as plain data; the verdict on it is made in the worker, whose
children are confined as they are here. What a worker was marking when it died is marked again.
"""

import ipaddress
import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from functools import cache
from urllib.parse import urlsplit

from course_lib import checks
from course_lib.chapters import OWN
from course_lib.checks.calls import GraderError
from course_lib.grading.assignment import NotGraded
from course_lib.grading.confinement import at_level
from course_lib.grading.files import File
from course_lib.grading.intake import Submission
from course_lib.grading.plan import failed_row, fingerprint, needs, profile_of, row_of
from course_lib.grading.process import Limits, SetAside
from course_lib.grading.programs import environment, start_program
from course_lib.grading.reader import Handed

TRIES = 3  # of one submission in workers that die; then it is marked in this process
MOST_LANES = 64
ANSWERS_WITHIN = "10s"  # of a Dask scheduler
DASK_MISSING = "--scheduler needs Dask, which is not installed here: python course.py install --with dask"


@contextmanager
def lanes(plan, at_home, workers=1, scheduler=None):
    """Functions that each mark one submission at a time, elsewhere: ``(submission, seconds) -> row``.

    Args:
        plan: what ``mark`` needs beside the submission, as plain data.
        at_home: the same in this process, for a submission that no worker survives.
        workers: number of processes to start here, if there is no ``scheduler``.
        scheduler: address of a Dask scheduler, such as ``"tcp://127.0.0.1:8786"``.

    Raises ``NotGraded`` with a sentence.
    """
    alone = threading.Lock()

    def here(submission, seconds):
        with alone:
            return at_home(submission, seconds=seconds)

    with ExitStack() as stack:
        if scheduler:
            client, count = connected(scheduler)
            stack.callback(client.close)
            yield [lambda submission, seconds: on_dask(client, plan, submission, seconds, here)] * count
        else:
            started = [stack.enter_context(Worker(plan, here)) for _ in range(workers)]
            yield [worker.row for worker in started]


# --- What travels --------------------------------------------------------------------------------------


def packed(submission):
    """A ``Submission`` as plain data."""
    whose = {"student": submission.student, "name": submission.name, "platform": submission.platform}
    return whose | {"places": submission.places, "chosen": [handed.plain() for handed in submission.handed_in()]}


def unpacked(data):
    """The ``Submission`` of ``packed``; its files are names, but for those that are marked."""
    files = [File.broken(place, "") for place in data["places"]]
    chosen = [Handed(**handed) for handed in data["chosen"]]
    return Submission(data["student"], files, data["name"], data["platform"], chosen=chosen)


def plan_of(exercises, seed, limits, level, submissions):
    """Everything but the submission, as plain data; exercises travel by name and are compared by their text."""
    names = [exercise.id for exercise in exercises]
    known = checks.asked()
    if any(known.get(exercise.id) is not exercise for exercise in exercises):
        raise NotGraded("Exercises that are not in course_lib.checks are marked in one process: leave out workers.")
    more = {"limits": vars(limits), "level": level, "checks": fingerprint(exercises)}
    more |= {"profile": profile_of(exercises), "submissions": os.path.realpath(submissions)}
    return {"exercises": names, "seed": seed, **more}


# --- In a worker ---------------------------------------------------------------------------------------

_idle: queue.SimpleQueue = (
    queue.SimpleQueue()
)  # zygotes of this process that are not in use: (what they are for, zygote)
_alone = threading.Lock()  # the checks of one submission at a time: random numbers and limits are the process's


@cache
def _fingerprint(names):
    return fingerprint([checks.asked()[name] for name in names])


def mark(plan, data, seconds=None):
    """The row of one packed submission.

    Raises ``NotGraded`` if this worker is not fit for it, ``SetAside`` if it takes longer than ``seconds``.
    """
    if f"{os.getcwd()}{os.sep}".startswith(f"{plan['submissions']}{os.sep}"):
        raise NotGraded("A worker was started among the submissions, whose files it may load: start it elsewhere.")
    names = tuple(plan["exercises"])
    if not set(names) <= set(checks.asked()) or _fingerprint(names) != plan["checks"]:
        raise NotGraded("A worker has another version of the checks: update the course there and start it again.")
    exercises, limits = [checks.asked()[name] for name in names], Limits(**plan["limits"])
    if profile_of(exercises) != plan["profile"]:
        raise NotGraded("A worker has no PyTorch, or the grader has none: install it on both, or on neither.")
    with _alone:
        return _row(plan, unpacked(data), exercises, limits, seconds)


def _row(plan, submission, exercises, limits, seconds):
    wanted = {"level": plan["level"], "memory": limits.memory, **needs(exercises)}
    kind = json.dumps(wanted)
    try:
        zygote = _borrowed(kind) or at_level(**wanted)
    except GraderError as error:
        return failed_row(submission, exercises, plan["level"], f"in a worker, {error}")
    try:
        return row_of(submission, exercises, zygote, plan["seed"], limits, seconds)
    finally:
        _idle.put((kind, zygote))


def _borrowed(kind):
    """An idle zygote of this kind; those of another kind are ended."""
    while True:
        try:
            found, zygote = _idle.get_nowait()
        except queue.Empty:
            return None
        if found == kind:
            return zygote
        zygote.close()


def serve():
    """A worker process: lines of JSON in, lines of JSON out; ends with its parent, whatever it is doing."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    waiting = queue.SimpleQueue()

    def listen():
        for line in sys.stdin:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        task = json.loads(waiting.get())
        try:
            answer = {"row": mark(task["plan"], task["submission"], task["seconds"])}
        except SetAside:
            answer = {"aside": True}
        except NotGraded as error:
            answer = {"refused": str(error)}
        print(json.dumps(answer), file=answers, flush=True)


# --- Processes of this computer ------------------------------------------------------------------------


class Worker:
    """One process that marks; started again should it die.

    Args:
        plan, at_home: as for ``lanes``.
    """

    def __init__(self, plan, at_home):
        self.plan, self.at_home, self.closed, self.program = plan, at_home, False, None

    def start(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        own = {OWN: os.environ[OWN]} if os.environ.get(OWN) else {}
        self.program = start_program("serve()", "spread", env=environment() | own, **pipes)

    def row(self, submission, seconds):
        """The row of a submission. Raises ``NotGraded`` if the worker is not fit for it, ``SetAside`` if it is slow."""
        task = json.dumps({"plan": self.plan, "submission": packed(submission), "seconds": seconds})
        for _ in range(TRIES):
            if self.closed:
                raise NotGraded("The run was ended.")
            if self.program is None or self.program.poll() is not None:
                self.start()
            try:
                print(task, file=self.program.stdin, flush=True)
                answer = json.loads(self.program.stdout.readline())
            except (OSError, ValueError):  # it died: a broken pipe, or half a line
                self._end()
                continue
            if "refused" in answer:
                raise NotGraded(answer["refused"])
            if "aside" in answer:
                raise SetAside("It takes long.")
            return answer["row"]
        return self.at_home(submission, seconds)

    def _end(self):
        if self.program is not None:
            self.program.kill()
            self.program.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True
        self._end()


# --- Dask ----------------------------------------------------------------------------------------------


def is_private(address):
    """Whether nobody else can read what is sent there: TLS, or this computer. Seeds and notebooks travel."""
    parts = urlsplit(address)
    if parts.scheme == "tls":
        return True
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "inproc"


def connected(address):
    """``(client, number of lanes)`` of a Dask scheduler, if it and its workers can be trusted with a class."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise NotGraded(f"{address} is no address of a scheduler: write it as tcp://127.0.0.1:8786 or tls://name:8786.")
    if not is_private(address):
        raise NotGraded(f"{address} would send notebooks and the secret seed in the clear: use tls://, or 127.0.0.1.")
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise NotGraded(DASK_MISSING) from None
    try:
        client = Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise NotGraded(f"The Dask scheduler at {address} does not answer ({reason}): is it running?") from None
    workers = client.scheduler_info(n_workers=-1)["workers"]
    open_ones = [worker for worker in workers if not is_private(worker)]
    if not workers or open_ones:
        client.close()
        if not workers:
            raise NotGraded(f"The Dask scheduler at {address} has no workers: start some (dask worker {address}).")
        raise NotGraded(f"The worker {open_ones[0]} is reached in the clear: start it with TLS, or on this computer.")
    threads = sum(worker["nthreads"] for worker in workers.values())
    return client, min(threads + len(workers), MOST_LANES)  # one more than it computes, so that none waits


def on_dask(client, plan, submission, seconds, at_home):
    """The row of a submission, marked by a worker of the cluster; at home, if workers keep dying of it."""
    from distributed import KilledWorker

    future = client.submit(mark, plan, packed(submission), seconds, pure=False)
    try:
        return future.result()
    except (NotGraded, SetAside):
        raise
    except KilledWorker:
        return at_home(submission, seconds)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise NotGraded(f"The Dask cluster failed ({reason}). What was marked is kept: run it again.") from None
    finally:
        future.release()
