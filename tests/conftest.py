"""What tests of several files share."""

import gc
import inspect
import os
import sys

import pytest

from course_lib.chapters import CHAPTERS, number_of
from course_lib.claims import CLAIMS, Result
from tests import account, side_by_side
from tests.run_once import Once, shared_folder
from tests.tools.prepared_course import copy_of_the_course, give_environment

AWKWARD = "it's the kürs é" if os.name == "nt" else 'it\'s the "kürs" é'
SLOW = {"prepared_course", "once"}  # fixtures that take their time


def pytest_addoption(parser):
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
    if config.getoption("--quick"):
        slow = [item for item in items if SLOW & set(item.fixturenames) or item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_collection_finish():
    """What was collected stays to the end: no later search for garbage has to look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def prepared_course(tmp_path_factory):
    """A copy of the course that ``course.py`` takes for installed, in a folder whose name is awkward."""
    return give_environment(copy_of_the_course(tmp_path_factory.mktemp("prepared") / AWKWARD))


@pytest.fixture(scope="module", autouse=True)
def caches_are_emptied():
    """What a file's tests computed is not kept for the others: a run has thousands of pictures and trainings."""
    yield
    for name, module in list(sys.modules.items()):
        if name.startswith("course_lib.chapters."):
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()
                getattr(vars(value).get("_kept") if inspect.isclass(value) else None, "clear", lambda: None)()
    gc.collect()


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
