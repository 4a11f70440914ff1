"""What tests of several files share."""

import os

import pytest

from tests.prepared_course import copy_of_the_course, give_environment

AWKWARD = "it's the kürs é" if os.name == "nt" else 'it\'s the "kürs" é'


@pytest.fixture(scope="session")
def prepared_course(tmp_path_factory):
    """A copy of the course that ``course.py`` takes for installed, in a folder whose name is awkward."""
    return give_environment(copy_of_the_course(tmp_path_factory.mktemp("prepared") / AWKWARD))
