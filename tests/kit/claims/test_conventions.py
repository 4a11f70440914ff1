"""The page of conventions: numbers agree where it says so and differ elsewhere, and PyTorch's are PyTorch's."""

import builtins
import math

import pytest

from course_lib.chapters.ch01_backprop import conventions as conventions_ch01
from course_lib.chapters.ch05_adaptive.conventions import adam as conventions_ch05_adam
from course_lib.chapters.ch05_adaptive.conventions import rates as conventions_ch05
from course_lib.chapters.ch09_convolution import conventions as conventions_ch09
from course_lib.claims import pytorch_numbers
from course_lib.claims.conventions import conventions
from course_lib.claims.pytorch_numbers import MEASUREMENTS, by_pytorch, measured, read_store
from course_lib.tools.documents import conventions_page

CONVENTIONS = conventions()
ROWS = {convention.id: convention.compare() for convention in CONVENTIONS}
OF_RANDOM_DRAWS = {
    "ch06_initialisation.conventions",
    "ch07_batchnorm.conventions.torch_dropout",
}  # shown with one or two digits
by_id = pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda convention: convention.id)


def tolerance(name):
    """Relative: five standard errors of a share of 0.2 in 100 000 draws, or rounding."""
    return 0.04 if OF_RANDOM_DRAWS & {name, name.partition(".")[0]} else 1e-9


def test_ids_are_in_order_and_each_occurs_once():
    places = [tuple(int(part) for part in convention.id.split("-")[1:]) for convention in CONVENTIONS]
    assert places == sorted(set(places))


@by_id
def test_numbers_agree_where_the_page_says_so_and_differ_elsewhere(convention):
    rows = ROWS[convention.id]
    assert all(math.isfinite(row.printed) and math.isfinite(row.right) for row in rows)
    for row in rows:
        same_text, equal = (
            row.cells()[1] == row.cells()[2],
            row.printed == pytest.approx(row.right, rel=1e-9, abs=1e-12),
        )
        assert convention.same(row.quantity) == ("yes" if equal else "nearly" if same_text else "no"), row


@by_id
def test_what_agrees_is_a_row_of_its_table(convention):
    quantities = [row.quantity for row in ROWS[convention.id]]
    assert {*convention.agree, *convention.nearly} <= set(quantities) and len(set(quantities)) == len(quantities)


@pytest.mark.parametrize(
    "convention", [one for one in CONVENTIONS if one.confirmed], ids=lambda convention: convention.id
)
def test_the_left_column_is_pytorchs_too_where_its_heading_says_so(convention):
    rows = ROWS[convention.id]
    random = convention.id in ("V-06-1", "V-06-2", "V-08-1")
    for row, theirs in zip(rows, convention.confirmed(), strict=True):
        assert row.printed == pytest.approx(theirs, rel=0.04 if random else 1e-9, abs=1e-12)


def test_a_heading_that_names_pytorch_has_numbers_of_pytorch():
    assert all(convention.confirmed for convention in CONVENTIONS if "PyTorch" in convention.ours)


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_a_stored_number_is_what_pytorch_computes(name):
    pytest.importorskip("torch")
    assert read_store()["numbers"][name] == pytest.approx(measured(name), rel=tolerance(name), abs=1e-12)


def test_the_store_holds_what_the_conventions_use_and_nothing_else():
    assert list(read_store()["numbers"]) == sorted(MEASUREMENTS)


def test_a_number_that_is_not_stored_says_how_to_store_it(monkeypatch):
    monkeypatch.setattr(pytorch_numbers, "MEASUREMENTS", {})
    with pytest.raises(LookupError, match=r"course_lib\.claims\.pytorch_numbers"):
        by_pytorch(lambda torch: [1.0])()


def test_a_planted_wrong_number_is_found(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(conventions_ch05, "EPS", 1e-7)
    name = "ch05_adaptive.conventions.rates.torch_eps"
    assert read_store()["numbers"][name] != pytest.approx(measured(name), rel=tolerance(name))


def test_measuring_leaves_the_default_type_and_the_random_state_of_pytorch_alone():
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype(), torch.random.get_rng_state()
    measured("ch06_initialisation.conventions.torch_layers")
    assert torch.get_default_dtype() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])


def test_the_page_is_the_same_where_pytorch_is_missing(monkeypatch):
    page, plain_import = conventions_page(), builtins.__import__

    def without_torch(name, *more, **named):
        if name.partition(".")[0] == "torch":
            raise ImportError("No module named 'torch'")
        return plain_import(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(ImportError):
        measured("ch05_adaptive.conventions.rates.torch_eps")
    assert conventions_page() == page


def test_a_store_that_is_written_is_the_store_that_is_read(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(pytorch_numbers, "STORE", tmp_path / "numbers.json")
    name = "ch01_backprop.conventions.accumulated"
    monkeypatch.setattr(pytorch_numbers, "MEASUREMENTS", {name: MEASUREMENTS[name]})
    pytorch_numbers.write_store()
    assert read_store()["numbers"] == {name: [6.0, 12.0]}
    assert conventions_ch01._accumulated() == [6.0, 12.0]


# --- What is written out by hand here, because no library has it ---------------------------------------


def test_a_loop_from_zero_with_t_plus_one_is_the_loop_from_one():
    counted = [conventions_ch05_adam.way_counted_from(*start, 20) for start in ((1, 0), (0, 1))]
    assert counted[0] == pytest.approx(counted[1], rel=1e-15) == pytest.approx(20)


def test_adadelta_with_eps_outside_starts_with_eps():
    assert conventions_ch05.adadelta_with_eps_outside(1.0, 1, rho=0.0, eps=1e-6) == pytest.approx(1e-6, rel=1e-5)


def test_sizes_without_the_floor_are_right_where_the_stride_divides():
    assert conventions_ch09.size_without_floor(7, 3, 2, 0) == 3.0
