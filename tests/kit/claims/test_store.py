"""The store of long results: what is measured is what is read, rounded, with what it was made."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.chapters import parts
from course_lib.claims import store as store_module
from course_lib.claims.store import Store


@pytest.fixture
def store(tmp_path, monkeypatch):
    experiments = SimpleNamespace(EXPERIMENTS={"pi": lambda: {"a": [3.14159265358979, (1, "x")], 2: np.array([0.5])}})
    monkeypatch.setattr(store_module, "import_module", lambda name: experiments)
    return Store(tmp_path / "measured.json", "somewhere")


def test_measuring_again_writes_what_is_read(store):
    assert store.made_with("pi") == "not stored yet"
    store.measure("pi")
    assert store.measured("pi") == {"a": [3.14159, [1, "x"]], "2": [0.5]}
    assert store.made_with("pi").startswith("stored result: ") and store.made_with("pi").endswith(" 0 s")


def test_one_experiment_is_run_and_the_others_stay(store, capsys):
    store.file.write_text(json.dumps({"e": {"about": {}, "result": 2.7}}), encoding="utf-8")
    store.main(["pi"])
    assert (store.measured("e"), capsys.readouterr().out) == (2.7, "pi: stored\n")


def test_a_store_of_a_chapter_holds_every_experiment_and_no_other():
    from importlib import import_module
    from importlib.util import find_spec

    found = [f"{module.__name__}.measured" for module in parts("claims").values() if hasattr(module, "__path__")]
    stores = [import_module(name).STORE for name in found if find_spec(name)]
    assert len(stores) >= 3
    for one in stores:
        stored = json.loads(one.file.read_text(encoding="utf-8"))
        assert set(stored) == set(import_module(one.experiments).EXPERIMENTS)
