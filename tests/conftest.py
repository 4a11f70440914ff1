"""What tests of several files share."""

import contextlib
import ctypes
import gc
import inspect
import os
import sys

import psutil
import pytest

from course_lib.chapters import CHAPTERS, number_of
from course_lib.checks import EXERCISES, VISIBLE_SEED
from course_lib.claims import CLAIMS, Result
from tests import account, sample, side_by_side
from tests.run_once import Once, shared_folder
from tests.tools.prepared_course import copy_of_the_course, give_environment

AWKWARD = "it's the kürs é" if os.name == "nt" else 'it\'s the "kürs" é'
SLOW = {"prepared_course", "once"}  # fixtures that take their time
CLOCKS = {"subprocess", "threading", "time"}  # in a test's file: it starts processes, waits for them, or measures
HELD, MOST_KEPT = {}, 250 << 20  # bytes when all was let go, and how many more make that happen again
LIMITED = "grading"  # the tests there run answers in processes that have so many seconds


def pytest_addoption(parser):
    parser.addoption(
        "--sample", action="store_true", help="of what is tried at many places, some at each: a whole run's"
    )
    parser.addoption("--quick", action="store_true", help="one seed, and nothing that runs claims or other programs")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # one account a run, not one a process
        config.pluginmanager.register(account.Account())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return side_by_side.scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    side_by_side.sort(config, items)
    for item in filter(looks_at_the_clock, items):
        item.add_marker("clock")
    left = {item for item in items if is_left_out(item, config)}
    if left:
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


def looks_at_the_clock(item):
    return LIMITED in item.path.parts or not CLOCKS.isdisjoint(vars(getattr(item, "module", item)))


def is_left_out(item, config):
    """Whether a run is too short for a test: a quick one for what is slow, a whole one for what is the night's."""
    quick, whole = config.getoption("--quick"), config.getoption("--sample")
    slow = SLOW & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("slow")  # a cell has none
    return (quick and slow) or ((quick or whole) and item.get_closest_marker("night"))


def pytest_collection_finish():
    """What was collected stays to the end: no later search for garbage has to look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def prepared_course(tmp_path_factory):
    """A copy of the course that ``course.py`` takes for installed, in a folder whose name is awkward."""
    return give_environment(copy_of_the_course(tmp_path_factory.mktemp("prepared") / AWKWARD))


@pytest.fixture(scope="module", autouse=True)
def nothing_is_kept():
    """What a file's tests computed is not kept for the others: a run has thousands of pictures and trainings."""
    HELD["bytes"] = memory_taken()
    yield
    let_go()


@pytest.fixture(autouse=True)
def little_is_kept():
    """Nor much of it for the other tests of the file."""
    yield
    if memory_taken() > HELD["bytes"] + MOST_KEPT:
        let_go()


def memory_taken():
    """Bytes of this process."""
    return psutil.Process().memory_info().rss


def let_go():
    """Empty the caches of the chapters, close the widgets, and note how much memory is left in use."""
    for name, module in list(sys.modules.items()):
        if name.startswith("course_lib.chapters."):
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()
                getattr(vars(value).get("_kept") if inspect.isclass(value) else None, "clear", lambda: None)()
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()  # it keeps every widget that was ever made
    gc.collect()
    give_back_memory()
    HELD["bytes"] = memory_taken()


def give_back_memory():
    """What was freed goes back to the system, where the C library holds on to it otherwise."""
    with contextlib.suppress(OSError, TypeError, AttributeError):  # it is the GNU library's
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """A test that leaves the process another environment or working directory fails, not one that comes after it."""
    before, folder = dict(os.environ), os.getcwd()
    yield
    after, left_at = dict(os.environ), os.getcwd()
    ours = before.keys() | {name for name in after if name.startswith("COURSE")}  # libraries add some of their own
    left = sorted(ours - {"PYTEST_CURRENT_TEST"} - {name for name in ours if before.get(name) == after.get(name)})
    for name in left:
        os.environ.pop(name, None)
    os.environ.update({name: before[name] for name in left if name in before})
    os.chdir(folder)
    assert not left, f"environment variables were changed and left so: {left}"
    assert left_at == folder, f"the working directory was left at {left_at}"


@pytest.fixture
def share(request):
    """``share(things, place)``: all of them, or one in four where a run is a sample, others at the next place.

    For a test that tries many things at many places: each thing is tried somewhere, and something at each place.
    """
    some = request.config.getoption("--sample") or request.config.getoption("--quick")
    return lambda things, place: sample.turn(things, place) if some else list(things)


@pytest.fixture
def seeds(request):
    """``exercise id -> seeds`` of its checks: twenty; in a sample three, not the same for all; in a quick run the one
    of the notebook's own check.

    Half as many, and two at least, for exercises with PyTorch's objects, which take ten times as long.
    """

    def seeds(id):
        if request.config.getoption("--quick"):
            return [VISIBLE_SEED]
        every = sample.seeds(id) if request.config.getoption("--sample") else list(sample.SEEDS)
        return every[: max(2, len(every) // 2)] if EXERCISES[id].profile == "torch" else every

    return seeds


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """``once(name, compute)``: see ``run_once``."""
    return Once(shared_folder(tmp_path_factory) / "once")


@pytest.fixture(scope="session")
def result_of(once):
    """``claim id -> Result``; a claim is run once, however many processes ask for it. One chapter's are at hand."""
    known = {}

    def result_of(claim_id):
        if claim_id not in known:
            if known and number_in(next(iter(known))) != number_in(claim_id):
                known.clear()
            claim = CLAIMS[claim_id]
            numbers, plot = once(claim_id, claim.experiment)
            known[claim_id] = Result(claim, numbers, plot, claim.judge(numbers))
        return known[claim_id]

    return result_of


def number_in(claim_id):
    return claim_id.split("-")[1]


@pytest.fixture(scope="module")
def results(request, result_of):
    """``{claim id: Result}`` of the chapter in whose folder the tests stand; elsewhere of all chapters."""
    chapters = [part for part in request.path.parts if part in CHAPTERS] or CHAPTERS
    starts = tuple(f"C-{number_of(chapter)}-" for chapter in chapters)
    return {claim_id: result_of(claim_id) for claim_id in CLAIMS if claim_id.startswith(starts)}
