"""The training dashboard without a browser: every control from end to end, stop, results kept, bad values."""

import sys
import threading

import pytest

pytest.importorskip("torch")

from course_lib.chapters.ch10_cnn_training import widgets as ch10
from course_lib.chapters.ch10_cnn_training.widgets import training_dashboard


@pytest.fixture
def dashboard(monkeypatch):
    """Trains on 80 images for two epochs, so that forty settings take seconds."""
    few = {
        "digits": ch10.load_images("digits", limit=80),
        "digits, 20 % wrong labels": ch10.load_images("digits", wrong=0.2, limit=80),
        "MNIST, 5 000 images": ch10.load_images("mnist5000", limit=20),
        "MNIST, 20 % wrong labels": ch10.load_images("mnist5000", wrong=0.2, limit=20),
    }
    monkeypatch.setattr(ch10, "_images", few.__getitem__)
    ch10.TrainingDashboard._kept.clear()
    figure = training_dashboard(num_epochs=2)
    figure.join()
    yield figure
    figure.stop()
    figure.join()


def test_a_finished_run_is_kept_and_shown_at_once(dashboard):
    said, payload = dashboard.caption, dashboard.payload
    dashboard.learning_rate = 0.05
    dashboard.join()
    assert dashboard.payload is not payload
    dashboard.learning_rate = 0.03
    assert dashboard.payload is payload and dashboard.caption == said and dashboard.progress == 1


def test_a_stop_ends_the_training_and_keeps_what_is_there(dashboard):
    reported = threading.Event()
    dashboard.observe(lambda change: reported.set() if 0 < change["new"] < 1 else None, names="progress")
    dashboard.num_epochs = 40
    assert reported.wait(30)
    dashboard.stop()
    assert dashboard.join(10)
    assert 0 < len(dashboard.payload.history.epochs) < 40 and not dashboard.running
    assert "of 40 epochs" in dashboard.caption


def test_the_caption_counts_what_the_network_gets_wrong(dashboard):
    history, num_wrong, shown = dashboard.payload
    size = len(ch10._images("digits").validation.y)
    assert num_wrong == round(size * (1 - history.accuracy)) and len(shown) == min(num_wrong, 10)
    assert f"{num_wrong} wrong" in dashboard.caption
    assert all(label != read for _, label, read in shown)


def test_a_run_that_leaves_the_numbers_says_so(dashboard):
    dashboard.set(learning_rate=100.0, optimizer="SGD", initialisation="too large")
    dashboard.join()
    assert "take a smaller learning rate" in dashboard.caption and dashboard.png().startswith(b"\x89PNG")


WRONG = [
    {"network": "AlexNet"},
    {"data": "cats"},
    {"optimizer": "Lion"},
    {"initialisation": "best"},
    {"switches": ["batchnorm", "magic"]},
    {"learning_rate": -1.0},
    {"learning_rate": float("nan")},
    {"num_epochs": 0},
    {"num_epochs": 1000},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_bad_value_gets_one_sentence_and_the_old_picture_stays(dashboard, wrong):
    picture, trait = dashboard.png(), next(iter(wrong))
    before = getattr(dashboard, trait)
    dashboard.set(**wrong)
    dashboard.join()
    assert dashboard.problem and getattr(dashboard, trait) == before and dashboard.png() == picture
    with pytest.raises(ValueError):
        training_dashboard(**wrong)


def test_without_pytorch_there_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"not installed. To get it: python course.py install --with torch"
    ) as told:
        training_dashboard()
    assert told.value._render_traceback_() == [str(told.value)]
