"""Every cell of the notebook that has a branch for a card, run on a simulated one; and the table that lists them."""

import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib.chapters.ch10_cnn_training import experiments as cnn
from course_lib.chapters.ch10_cnn_training.experiments import colour, throughput
from course_lib.devices import pick_device
from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from tests.chapters.ch10_cnn_training.card import simulated_card

CELLS = read(ROOT / "notebooks" / "10_cnn_training.ipynb").cells
NOT_RUN = ("predict(", "quiz(", "CLAIMS[", "for claim in", "dashboard")
FEW = 120


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setattr(throughput, "ON_CARD", {**throughput.ON_CARD, "batch_sizes": (1, 16), "seconds": 0.01})
    with simulated_card(monkeypatch) as asked:
        yield asked


def sections():
    """``[(section, code)]`` of the cells that run code: "8", or the words of a heading without a number."""
    found, section = [], ""
    for cell in CELLS:
        if heading := re.match(r"## (?:(\d+) · )?(.+)", cell.source):
            section = heading[1] or heading[2]
        if cell.cell_type == "code" and not cell.source.startswith(NOT_RUN):
            found.append((section, cell.source))
    return found


def test_every_cell_with_a_device_runs_on_a_card_and_asks_it(card, monkeypatch):
    whole = cnn.load_images
    monkeypatch.setattr(cnn, "load_images", lambda name, limit=FEW, **more: whole(name, limit=min(limit, FEW), **more))
    monkeypatch.setattr(colour.train_in_colour, "__defaults__", (colour.Work(70, 4, 1, 16), None, lambda text: None))
    monkeypatch.setattr(colour, "WHOLE", colour.Work(70, 4, 1, 16))
    space, with_a_device = {}, set()
    for section, source in sections():
        before = len(card)
        exec(compile(source.replace("num_workers=2", "num_workers=0"), section, "exec"), space)
        if "device" in source and "device_line" not in source:
            assert len(card) > before, f"section {section}: {source[:60]!r} asked nothing of the card"
            with_a_device.add(section)
    assert space["device"].type == "cuda"
    assert {section.removeprefix("The same in ") for section in with_a_device} <= _listed()
    assert "the question of the day" in _listed(), "the dashboard, which is not run here, is listed, too"


def _listed():
    """Sections in the table of what was run where."""
    (table,) = (cell.source for cell in CELLS if "on a simulated card | on a real card" in cell.source)
    rows = [line.split(" | ")[0].strip("| ") for line in table.splitlines() if line.startswith("| ")][1:]
    return {part for row in rows for part in row.split(", ")}


def test_a_training_on_the_card_is_the_training_on_the_cpu(card):
    images = cnn.load_images("digits", limit=FEW)
    settings = cnn.Settings(2, 32, augment=(cnn.RandomShift(1),))
    here, there = (
        cnn.train_network(cnn.lenet(drop_rate=0.5, seed=0), images, settings, device)
        for device in (torch.device("cpu"), pick_device())
    )
    assert "to" in card
    assert here.curve("train", "loss") == there.curve("train", "loss")


def test_16_bits_on_an_old_card_are_float16_and_said(monkeypatch):
    said = []
    with simulated_card(monkeypatch, units=False):
        images = cnn.load_images("digits", limit=FEW)
        settings = cnn.Settings(1, precision="bfloat16", channels_last=True)
        history = cnn.train_network(cnn.lenet(seed=0), images, settings, pick_device(), say=said.append)
        table = throughput.throughput(pick_device(), image_shape=(1, 8, 8), batch_sizes=(4,), seconds=0.01)
    assert np.isfinite(history.epochs[-1].train.loss)
    assert said == ["cuda has no units for bfloat16: float16 with a scaled loss instead."]
    assert list(table) == ["float32", "float16"]


def test_nothing_waits_for_the_card_inside_of_what_is_timed(card):
    """One wait after the warm-up, one after the steps that tell how many to take, one at the end."""
    waits = []

    def step():
        waits.append(card.count("synchronize"))

    throughput.seconds_a_step(step, pick_device(), seconds=0.0)
    assert waits == [0] * throughput.WARM_UP + [1] * throughput.WARM_UP + [2] * 5
    assert card.count("synchronize") == 3


def test_a_network_that_does_not_fit_is_called_a_network(monkeypatch):
    def full(self, *args, **more):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.nn.Module, "to", full)
    with pytest.raises(MemoryError, match=r"The network does not fit .* its parameters alone are 0 MB"):
        cnn.train_network(cnn.lenet(seed=0), cnn.load_images("digits", limit=20), device=torch.device("cpu"))


@pytest.mark.parametrize("last", [False, True])
def test_precisions_and_layouts_are_rows_of_one_table(last):
    table = throughput.throughput(
        torch.device("cpu"), "residual net", (1, 8, 8), (4,), ("float32",), seconds=0.01, layouts=(False, last)
    )
    assert list(table) == ["float32"] + ["float32, channels last"] * last
