"""The list of planted faults: every line is still there, every room has some, and a missing line is told."""

import pytest

from tests.planted_faults import FAULTS, ROOT, Fault, planted, rooms


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.file}: {fault.new}")
def test_the_line_of_a_fault_is_there_once_and_so_are_its_tests(fault):
    text = (ROOT / "course_lib" / fault.file).read_text(encoding="utf-8")
    assert planted(text, fault) != text
    assert (ROOT / "tests" / fault.tests.split(" ")[0]).exists()


def test_there_are_forty_and_two_in_every_room():
    assert len(FAULTS) >= 40 and len(set(FAULTS)) == len(FAULTS)
    assert {room: number for room, number in rooms().items() if number < 2} == {}


def test_a_line_that_is_gone_is_an_error():
    with pytest.raises(ValueError, match="0 times instead of once"):
        planted("x = 1\n", Fault("run.py", "x = 2", "x = 3", "library"))
