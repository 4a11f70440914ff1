"""What tests of several files share."""

import os

import pytest

from course_lib.chapters import CHAPTERS, number_of
from course_lib.claims import CLAIMS
from tests.tools.prepared_course import copy_of_the_course, give_environment

AWKWARD = "it's the kürs é" if os.name == "nt" else 'it\'s the "kürs" é'


@pytest.fixture(scope="session")
def prepared_course(tmp_path_factory):
    """A copy of the course that ``course.py`` takes for installed, in a folder whose name is awkward."""
    return give_environment(copy_of_the_course(tmp_path_factory.mktemp("prepared") / AWKWARD))


@pytest.fixture(scope="session")
def result_of():
    """``claim id -> Result``; what was run is remembered."""
    known = {}

    def result_of(claim_id):
        if claim_id not in known:
            known[claim_id] = CLAIMS[claim_id].run()
        return known[claim_id]

    return result_of


@pytest.fixture(scope="module")
def results(request, result_of):
    """``{claim id: Result}`` of the chapter in whose folder the tests stand; elsewhere of all chapters."""
    chapters = [part for part in request.path.parts if part in CHAPTERS] or CHAPTERS
    starts = tuple(f"C-{number_of(chapter)}-" for chapter in chapters)
    return {claim_id: result_of(claim_id) for claim_id in CLAIMS if claim_id.startswith(starts)}
