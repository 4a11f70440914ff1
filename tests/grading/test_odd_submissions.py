"""The odd notebooks that a class hands in: each gets a fair mark and a sentence that its author can act on."""

import json
from dataclasses import replace

import pytest

from tests.grading.handed_in import (
    AHEAD,
    FULL,
    GLIDE,
    PAIR,
    QUICK,
    RIGHT,
    SETUP,
    STUB,
    TOY,
    WRONG_GLIDE,
    notebook,
    points,
    words,
)

OTHERS = (AHEAD, PAIR)
WITHOUT_GLIDE = FULL - TOY[0].points


def test_a_right_notebook_earns_everything_and_has_nothing_to_complain_about(mark):
    row = mark(*RIGHT)
    assert row["points"] == row["max_points"] == FULL
    assert row["status"] == "graded" and not row["notes"] and not row["sentence"]


def test_a_partly_right_one_earns_its_part_and_names_the_mistake(mark):
    row = mark(SETUP, GLIDE.replace("momentum * velocity - ", "-"), *OTHERS)
    assert WITHOUT_GLIDE < row["points"] < FULL
    failed = [check for check in row["exercises"][0]["checks"] if not check["passed"]]
    assert all(check["mistake"] for check in failed)


def test_wrong_answers_earn_nothing_where_they_are_wrong(mark):
    row = mark(SETUP, WRONG_GLIDE, *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert all(check["sentence"] for check in row["exercises"][0]["checks"])


def test_a_blank_one_earns_nothing_and_says_not_written_yet(mark):
    row = mark(SETUP, STUB)
    assert row["points"] == 0
    assert "Not written yet." in words(row)


def test_an_empty_notebook_says_which_functions_are_missing(mark):
    row = mark()
    assert row["points"] == 0
    assert "There is no function `glide_step`" in row["exercises"][0]["notes"][0]


def test_a_syntax_error_costs_its_own_cell_only_and_is_located(mark):
    row = mark(SETUP, GLIDE.replace("return theta +", "return theta + + )"), *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert "cell 2, line 4" in row["exercises"][0]["notes"][0]


def test_an_infinite_loop_in_a_function_costs_that_function_only(mark):
    row = mark(SETUP, GLIDE.replace("    return", "    while True: pass\n    return"), *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert "a loop that never ends" in words(row["exercises"][0])


def test_an_infinite_loop_in_a_cell_costs_that_cell_only(mark):
    row = mark(SETUP, GLIDE, "while True: pass", *OTHERS)
    assert row["points"] == FULL
    assert any("cell 3, line 1 took too long" in note and "left out" in note for note in row["notes"])


def test_sleeping_costs_nothing_since_nobody_sleeps(mark):
    row = mark(SETUP, GLIDE, "import time; time.sleep(1000)", *OTHERS)
    assert row["points"] == FULL and not row["notes"]


def test_waiting_is_noticed_although_it_takes_no_processor_time(mark):
    row = mark(SETUP, GLIDE, "import threading\nthreading.Event().wait()", *OTHERS)
    assert row["points"] == FULL
    assert any("cell 3, line 2 was left out" in note and "waited for something" in note for note in row["notes"])


@pytest.mark.parametrize("size", ["30 * 2**30", "2**62"])
def test_30_gib_of_memory_are_refused_and_said(mark, size):
    row = mark(SETUP, GLIDE.replace("    return", f"    big = np.ones({size} // 8)\n    return"), *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert "needs too much memory" in words(row) or "ValueError" in words(row)


@pytest.mark.parametrize("end", ["import sys; sys.exit(1)", "import os; os._exit(0)", "exit()", "raise SystemExit"])
def test_ending_python_costs_nothing_but_the_cell(mark, end):
    row = mark(SETUP, GLIDE, end, *OTHERS)
    assert row["points"] == FULL
    assert any("cell 3" in note for note in row["notes"])


@pytest.mark.parametrize("end", ["import sys; sys.exit(1)", "import os; os._exit(0)", "raise KeyboardInterrupt"])
def test_a_function_that_ends_python_loses_its_own_points_only(mark, end):
    row = mark(SETUP, GLIDE.replace("    return", f"    {end}\n    return"), *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert row["status"] == "graded"


def test_deleted_check_cells_and_a_deleted_set_up_cell_cost_nothing(mark):
    assert mark(GLIDE, *OTHERS)["points"] == FULL


def test_40_mb_of_prints_and_of_stored_outputs_cost_nothing(mark):
    cells = [SETUP, GLIDE, "for _ in range(40): print('x' * 2**20)", *OTHERS]
    document = json.loads(notebook(*cells))
    document["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (40 << 20)}]
    assert mark(data=json.dumps(document).encode())["points"] == FULL


@pytest.mark.parametrize("data", [b"", b"   ", notebook(*RIGHT)[:-200], b"\xff\xfe\x00", b"[1, 2]", b'{"cells": 3}'])
def test_what_is_no_notebook_gets_a_row_and_says_what_to_do(mark, data):
    row = mark(data=data)
    assert row["status"] == "unreadable" and row["points"] == 0
    assert "hand" in row["sentence"].lower()


def test_a_crash_of_python_itself_costs_its_own_function_only(mark):
    crash = "    import ctypes; ctypes.string_at(0)\n    return"
    row = mark(SETUP, GLIDE.replace("    return", crash), *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert "SIGSEGV" in words(row)


def test_input_has_nobody_to_ask_and_says_so(mark):
    row = mark(SETUP, GLIDE, "name = input('Your name?')", *OTHERS)
    assert row["points"] == FULL
    assert any("nobody to answer" in note for note in row["notes"])


def test_warnings_cost_nothing(mark):
    noisy = GLIDE.replace("    return", "    import warnings; warnings.warn('careful')\n    return")
    assert mark(SETUP, noisy, "import sys; print('!', file=sys.stderr)", *OTHERS)["points"] == FULL


def test_infinite_recursion_is_called_that(mark):
    endless = GLIDE.replace(
        "    return", "    glide_step(theta, velocity, gradient, learning_rate, momentum)\n    return"
    )
    row = mark(SETUP, endless, *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert "RecursionError" in words(row)


def test_infinite_recursion_without_python_s_guard_is_survived(mark):
    deep = "import sys; sys.setrecursionlimit(10**9)\ndef f(x): return f(x + 1)\nf(0)"
    assert mark(SETUP, GLIDE, deep, *OTHERS)["points"] == FULL


def test_changing_an_input_in_place_costs_only_what_the_check_says(mark):
    in_place = """def glide_step(theta, velocity, gradient, learning_rate, momentum):
    velocity *= momentum
    velocity -= learning_rate * gradient(theta)
    theta += velocity
    return theta, velocity"""
    row = mark(SETUP, in_place, *OTHERS)
    failed = [check for check in row["exercises"][0]["checks"] if not check["passed"]]
    assert [check["mistake"] for check in failed] == ["changes its input in place"]


def test_copied_cells_and_copied_ids_cost_nothing(mark):
    cells = [SETUP, GLIDE, GLIDE, *OTHERS, *OTHERS]
    document = json.loads(notebook(*cells))
    for cell in document["cells"]:
        cell["id"] = "same"
    row = mark(data=json.dumps(document).encode())
    assert row["points"] == FULL
    assert any("written 2 times" in note for note in row["notes"])


def test_an_untouched_copy_below_the_written_one_does_not_undo_it(mark):
    row = mark(SETUP, GLIDE, STUB, *OTHERS)
    assert row["points"] == FULL
    assert any("untouched copy" in note for note in row["notes"])


def test_of_two_written_ones_the_last_counts_as_in_jupyter(mark):
    assert mark(SETUP, GLIDE, WRONG_GLIDE, *OTHERS)["points"] == WITHOUT_GLIDE


def test_cells_in_another_order_are_run_again(mark):
    row = mark(GLIDE, "scale = factor * 2", "factor = 1", *OTHERS, SETUP)
    assert row["points"] == FULL and not row["notes"]


def test_magics_and_shell_lines_are_dropped_with_a_note(mark):
    magic = "%matplotlib inline\n!pip install numpy\nfiles = !ls\nglide_step?\nx = 3\n" + GLIDE
    row = mark(SETUP, magic, "%%bash\nrm -rf /", "%%time\ny = 1", *OTHERS)
    assert row["points"] == FULL
    assert sum("left out" in note for note in row["notes"]) == 2


def test_a_renamed_function_is_missed_by_name(mark):
    row = mark(SETUP, GLIDE.replace("glide_step", "momentum_schritt"), *OTHERS)
    assert points(row)["90-1"] == 0
    assert "renamed" in row["exercises"][0]["notes"][0]


def test_a_figure_cell_that_calls_everything_is_harmless(mark):
    figures = """figure, axes = plt.subplots()
fig, (left, right) = plt.subplots(1, 2)
left.plot([1, 2]); right[0].set_title("x"); plt.show()
with plt.style.context("x"): pass
report = check("90-1", glide_step)
if not report.passed: raise RuntimeError("unreachable" * 0)"""
    row = mark(SETUP, GLIDE, figures.rsplit("\n", 1)[0], *OTHERS)
    assert row["points"] == FULL and not row["notes"]


def test_torch_style_answers_from_the_library_are_off_limits_and_said(mark):
    cheat = """def glide_step(theta, velocity, gradient, learning_rate, momentum):
    rule = Momentum(learning_rate, momentum)
    return rule.step(gradient, theta, velocity)"""
    row = mark(SETUP, cheat, *OTHERS)
    assert row["points"] == WITHOUT_GLIDE
    assert "off limits" in words(row)


def test_slow_figures_before_and_after_leave_time_for_the_functions(mark):
    busy = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    limits = replace(QUICK, total_seconds=4.5, cell_seconds=3, statement_seconds=2, slowness=40)
    row = mark(SETUP, *[busy] * 8, GLIDE, *OTHERS, limits=limits)
    assert row["points"] == FULL


def test_a_hundred_broken_cells_make_a_page_that_can_be_read(mark):
    row = mark(SETUP, GLIDE, *["1 / 0"] * 100)
    assert len(row["notes"]) == 21 and row["notes"][-1] == "And 80 more like these."


def test_a_function_that_is_not_written_gets_one_sentence(mark):
    exercise = mark(SETUP, STUB)["exercises"][0]
    assert len(exercise["notes"]) == 1 and not any(check["details"] for check in exercise["checks"])


@pytest.mark.parametrize(
    ("data", "kind"), [(b"%PDF-1.4", "PDF"), (b"\n<!DOCTYPE html>", "web page"), (b"PK\x03\x04..", "zip archive")]
)
def test_another_kind_of_file_is_called_what_it_is(mark, data, kind):
    row = mark(data=data)
    assert row["status"] == "unreadable" and kind in row["sentence"] and ".ipynb" in row["sentence"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_notebook_saved_in_another_encoding_is_read(mark, encoding):
    text = json.dumps(json.loads(notebook(*RIGHT, "# Änderung")), ensure_ascii=False)
    row = mark(data=text.encode(encoding))
    assert (row["status"], row["points"]) == ("graded", row["max_points"])
