"""Answers that are alike: what makes no difference, what says nothing, and that the page is no verdict."""

from course_lib.grading.similar import known_texts, pairs, pieces, write_similar
from tests.grading.handed_in import PAIR

OWN = """def rate_pair(smallest, largest):
    kappa = largest / smallest
    root = kappa ** 0.5
    ratio = (root - 1) / (root + 1)
    rate = 4 / (smallest * (1 + root) ** 2)
    table = [ratio ** power for power in range(4)]
    return rate, table[2]"""
COPIED = """def rate_pair(lo, hi):
    '''My own work.'''
    k = hi / lo  # condition number
    r = k ** 0.50
    q = (r - 7) / (r + 1)
    step = 4 / (lo * (1 + r) ** 2)
    cells = [q ** n for n in range(4)]
    return step, cells[2]"""
OTHER = """def rate_pair(smallest, largest):
    best = None
    for rate in np.linspace(0, 2 / largest, 50):
        for momentum in np.linspace(0, 1, 50):
            worst = max(radius(rate, momentum, one) for one in (smallest, largest))
            if best is None or worst < best[0]:
                best = worst, rate, momentum
    return best[1:]"""


def row(student, source):
    return {"student": student, "name": "", "exercises": [{"id": "90-3", "function": "rate_pair", "source": source}]}


def names(found):
    return [(one.first["student"], one.second["student"]) for one in found]


def test_other_names_numbers_texts_and_comments_make_no_difference():
    assert pieces(OWN) == pieces(COPIED) and len(pieces(OWN)) > 20
    assert not pieces(OWN) & pieces("def f(:") and len(pieces(OWN) & pieces(OTHER)) < 0.3 * len(pieces(OTHER))


def test_a_copy_under_other_names_is_a_pair_and_work_of_ones_own_is_not():
    found = pairs([row("ann", OWN), row("ben", COPIED), row("cem", OTHER)])
    assert names(found) == [("ann", "ben")] and found[0].share == 1


def test_our_solution_the_known_mistakes_and_what_a_third_of_the_class_has_say_nothing():
    assert pairs([row("ann", PAIR), row("ben", PAIR.replace("low", "a"))], lambda id: [PAIR]) == []
    assert pairs([row(f"s{i}", OWN) for i in range(6)]) == []
    assert any("def " in text for text in known_texts("90-3")) and len(list(known_texts("90-1"))) == 3


def test_the_page_shows_both_answers_escaped_and_calls_them_pairs_to_look_at(tmp_path):
    evil = COPIED.replace("My own work.", "<script>")
    paths, count = write_similar([row("ann", OWN), row("<b>ben", evil)], tmp_path)
    page = paths[0].read_text(encoding="utf-8")
    assert count == 1 and "look at them, and ask" in page and "<script>" not in page and "<b>ben" not in page
    assert paths[1].read_text(encoding="utf-8").splitlines()[1].startswith("90-3,ann,<b>ben,")
