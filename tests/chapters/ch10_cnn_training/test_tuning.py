"""Range test, search and throughput: the formulas, and that the network is left alone."""

import json
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from course_lib.chapters.ch10_cnn_training.experiments import (
    Settings,
    counted,
    grid_points,
    lenet,
    load_images,
    random_points,
    range_test,
    search,
    tuning,
)
from course_lib.chapters.ch10_cnn_training.experiments import (
    runs as experiments,
)
from course_lib.chapters.ch10_cnn_training.experiments import throughput as speed
from course_lib.chapters.ch10_cnn_training.experiments.tuning import (
    geometric_rates,
    hits_best_share,
    smoothed,
    steepest,
)

CPU = torch.device("cpu")


class Named(NamedTuple):
    """Stands for a history."""

    accuracy: float


RANGES = {"learning_rate": (1e-4, 1.0), "weight_decay": (1e-6, 1e-2)}


@pytest.fixture(scope="module")
def few():
    return load_images("digits", seed=0, limit=300)


def test_rates_are_geometric_and_include_both_ends():
    """(10.4)"""
    rates = geometric_rates(1e-4, 10.0, 26)
    assert rates[0] == pytest.approx(1e-4) and rates[-1] == pytest.approx(10.0)
    assert np.allclose(rates[1:] / rates[:-1], rates[1] / rates[0], rtol=1e-12)
    for wrong in ((0.0, 1.0, 5), (1.0, 0.5, 5), (0.1, 1.0, 1), (0.1, float("inf"), 5)):
        with pytest.raises(ValueError):
            geometric_rates(*wrong)


def test_steepest_is_the_step_that_lowered_the_loss_most():
    """(10.5)"""
    assert steepest([0.1, 1.0, 10.0, 100.0], [3.0, 2.9, 1.0, 0.9]) == 1.0
    jumps = [3.0, 2.9, 1.5, 1.4, 9.0, 3.0]  # the way down from a jump is the steepest of all
    assert steepest([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], jumps) == 2.0
    assert steepest([0.1, 0.2, 0.3], [1.0, 2.0, 3.0]) == 0.1  # no rate has lowered the loss
    assert np.allclose(smoothed([1.0, 2, 3, 4, 5], 3), [1.5, 2, 3, 4, 4.5])


def test_the_range_test_leaves_the_network_alone_stops_when_it_diverges_and_repeats(few):
    network = lenet(batchnorm=True, drop_rate=0.3, seed=0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    settings = Settings(optimizer="SGD", batch_size=32)
    one, other = (range_test(network, few, settings, 1e-3, 1e5, 60, CPU) for _ in range(2))
    assert np.array_equal(one.losses, other.losses, equal_nan=True)
    assert len(one.losses) < 60 and not one.losses[-1] <= 4 * one.losses.min()
    assert len(one.learning_rates) == len(one.losses) and 1e-3 <= one.best <= 1e5
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_range_test_that_ends_in_no_number_does_not_name_the_rate_that_did_it():
    rates, losses = np.geomspace(1e-4, 1, 20), np.linspace(2.3, 1.0, 20)
    for last in (np.nan, np.inf):
        ended = tuning._range_test(rates, np.append(losses[:-1], last))
        assert ended.best < rates[-1] and len(ended.smooth) == 19 and not np.isfinite(ended.losses[-1])
    with pytest.raises(ValueError, match="No loss of the range test is a number"):
        tuning._range_test(rates[:1], np.array([np.nan]))


@pytest.mark.parametrize("other", [{"precision": "bfloat16"}, {"precision": "float16"}, {"channels_last": True}])
def test_the_range_test_takes_the_steps_that_the_settings_ask_for(few, monkeypatch, other):
    plain = Settings(optimizer="SGD", batch_size=32)
    seen = []

    def forward(module, arguments):
        seen.append((torch.is_autocast_enabled("cpu"), arguments[0].is_contiguous(memory_format=torch.channels_last)))

    network = lenet((3, 8, 8), seed=0)
    colour = few._replace(train=few.train._replace(x=np.repeat(few.train.x, 3, axis=1)))
    network.register_forward_pre_hook(forward)
    one = range_test(network, colour, plain, 1e-3, 1e-1, 5, CPU)
    two = range_test(network, colour, replace(plain, **other), 1e-3, 1e-1, 5, CPU)
    assert seen[0] == (False, False) and seen[-1] == ("precision" in other, "channels_last" in other)
    assert two.losses[0] == pytest.approx(one.losses[0], rel=0.02)


def test_a_compiled_range_test_is_compiled_as_a_training_is(few):
    said = []
    range_test(lenet(seed=0), few, Settings(compile=True), 1e-3, 1e-1, 3, CPU, said.append)
    assert said == ["torch.compile is left out on the CPU: it pays on a card."]


def test_a_grid_has_few_values_of_each_knob_and_random_points_have_many():
    rng = np.random.default_rng(0)
    grid, random = grid_points(RANGES, 3, rng), random_points(RANGES, 9, rng)
    assert len(grid) == len(random) == 9
    for name, (low, high) in RANGES.items():
        assert len({round(point[name], 12) for point in grid}) == 3
        assert len({point[name] for point in random}) == 9
        assert all(low <= point[name] <= high for point in grid + random)
    middle = sorted({point["learning_rate"] for point in grid_points({"learning_rate": (1e-3, 1.0)}, 3)})
    assert np.allclose(np.log10(middle), [-2.5, -1.5, -0.5])


def test_the_best_of_n_lies_in_the_best_share_with_the_probability_of_the_formula():
    """(10.6), against a count of random searches."""
    best = np.random.default_rng(0).uniform(size=(20_000, 19)).min(axis=1)
    assert np.mean(best < 0.05) == pytest.approx(hits_best_share(19, 0.05), abs=0.02)
    assert hits_best_share(59, 0.05) > 0.95 > hits_best_share(58, 0.05)
    with pytest.raises(ValueError, match="share"):
        hits_best_share(3, 1.2)


def test_the_best_of_random_points_is_the_mean_over_all_draws_counted_one_by_one():
    rng = np.random.default_rng(0)
    validation, tested = rng.integers(0, 3, (2, 3)) / 10, rng.normal(size=(2, 3))
    for draws in (1, 2, 3):
        found = []
        for drawn in product(range(6), repeat=draws):
            chosen, scores = validation.ravel()[list(drawn)], tested.ravel()[list(drawn)]
            found.append(scores[chosen == chosen.max()].mean())
        assert counted.best_of_random(validation, tested, draws) == pytest.approx(np.mean(found))
    different = [len(set(drawn)) for drawn in product(range(4), repeat=3)]
    assert counted.expected_different(4, 3) == pytest.approx(np.mean(different))


def test_every_place_of_the_grid_is_tried_and_ties_are_shared():
    tested = np.arange(24.0).reshape(6, 4)
    validation = np.zeros((6, 4))
    assert counted.best_on_grids(validation, tested, 2) == [7.0, 8.0, 11.0, 12.0, 15.0, 16.0]
    validation[4, 3] = 1.0  # row 1 of a grid whose rows are 3 apart, column 1 of one whose columns are 2 apart
    assert counted.best_on_grids(validation, tested, 2)[3] == 19.0


def test_values_lie_in_the_middle_of_equal_parts_of_a_logarithmic_axis():
    values = counted.values_between(1e-4, 1.0, 24)
    np.testing.assert_allclose(values[1:] / values[:-1], 10 ** (4 / 24))
    assert values[0] * values[-1] == pytest.approx(1e-4)


def test_a_search_trains_a_fresh_network_at_every_point_in_order(few):
    made, told = [], []

    def make():
        made.append(1)
        return lenet(seed=0)

    points = [{"learning_rate": rate} for rate in (1e-6, 0.05)]
    settings = Settings(3, 32, "momentum", schedule="constant")
    trials = search(make, few, points, settings, CPU, on_trial=lambda trials: told.append(len(trials)))
    assert [trial.values for trial in trials] == points and told == [1, 2] and len(made) == 2
    assert trials[1].accuracy > trials[0].accuracy


# --- Throughput ------------------------------------------------------------------------------------------


def test_the_time_of_a_step_is_fitted_back():
    """(10.7)"""
    sizes = np.array([1, 8, 64, 512])
    fixed, per_image = speed.fit_step_time(sizes, sizes / (0.002 + 0.0001 * sizes))
    assert (fixed, per_image) == pytest.approx((0.002, 0.0001), rel=1e-9)
    rates = [*(sizes / (0.002 + 0.0001 * sizes)), 0.0]
    assert speed.fit_step_time([*sizes, 4096], rates) == pytest.approx((0.002, 0.0001), rel=1e-9)  # 0: did not fit


def test_what_float32_means_on_a_card_is_said(monkeypatch):
    card = torch.device("cuda")
    assert speed.float32_products(CPU) == "float32"
    assert speed.float32_products(card) == "convolutions in TF32, matrix products in float32"  # PyTorch's default
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    assert speed.float32_products(card) == "convolutions in float32, matrix products in float32"
    result = {**RESULT, "float32 products": "convolutions in TF32, matrix products in float32"}
    assert "float32 here means: convolutions in TF32" in speed.table_text([result])
    assert "float32 here means" not in speed.table_text([RESULT])


def test_larger_batches_train_more_images_a_second():
    table = speed.throughput(CPU, batch_sizes=(1, 64), precisions=("float32",), seconds=0.1)
    assert table["float32"][64] > 2 * table["float32"][1] > 0


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_every_precision_can_be_timed(precision):
    assert speed.images_a_second(lenet(), (1, 8, 8), 8, CPU, precision, channels_last=True, seconds=0.01) > 0


def test_a_batch_that_does_not_fit_reads_zero_and_other_errors_pass(monkeypatch):
    def full(*arguments, **more):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(speed, "seconds_a_step", full)
    assert speed.images_a_second(lenet(), (1, 8, 8), 8, CPU) == 0.0
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match=r"mat1 and mat2|shape"):
        speed.images_a_second(lenet(), (1, 16, 16), 8, CPU)


def test_the_card_is_waited_for_before_the_clock_is_read(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    speed.finish(torch.device("cuda"))
    speed.finish(CPU)
    assert waited == [torch.device("cuda")]


RESULT = {
    "device": "Card 1",
    "kind": "cuda",
    "torch": "2.13",
    "images a second": {"LeNet": {"float32": {"64": 1000.0, "4096": 0.0}}},
    "time to accuracy": {"images": "mnist5000", "accuracy": 0.98, "seconds to 99 %": 1.5, "seconds": 3.0},
}


def test_results_are_stored_by_device_and_the_table_says_when_there_is_no_gpu(tmp_path):
    path = tmp_path / "throughput.json"
    assert speed.stored(path) == []
    slow = {**RESULT, "device": "CPU", "kind": "cpu", "images a second": {"LeNet": {"float32": {"64": 50.0}}}}
    speed.store(slow, path)
    assert "GPU: no result is stored yet" in speed.table_text(speed.stored(path))
    fast = {**RESULT, "speed-up over this machine's CPU": speed.speed_up(RESULT, slow)}
    speed.store(fast, path)
    speed.store(fast, path)
    assert [result["device"] for result in speed.stored(path)] == ["CPU", "Card 1"]
    text = speed.table_text(speed.stored(path))
    assert "GPU: no result" not in text
    assert "images/s by batch size 64: 1,000, 4096: -" in text and "LeNet 20 times" in text


def test_the_stored_file_of_the_course_can_be_read_and_holds_a_cpu():
    results = speed.stored()
    assert any(result["kind"] == "cpu" for result in results)
    assert json.loads(json.dumps(results)) == results
    assert all(result["device"] for result in results)


def test_seconds_to_a_share_of_the_final_accuracy_count_whole_epochs(few):
    from course_lib.chapters.ch10_cnn_training.experiments.training import Epoch, History, Score

    epochs = tuple(Epoch(Score(1, 1), Score(1, accuracy), {}, 2.0) for accuracy in (0.5, 0.96, 0.979, 0.98))
    assert speed.seconds_to_share(History(epochs, 64)) == 6.0
    measured = speed.time_to_accuracy(CPU, few, num_epochs=2)
    assert 0 < measured["seconds to 99 %"] <= measured["seconds"] + 1e-9


# --- Short versions of the stored experiments ------------------------------------------------------------


def test_batchnorm_repairs_weights_that_are_too_small_in_a_short_run():
    kinds = {name: (run, ("too small",)) for name, (run, _) in list(experiments.KINDS.items())[:2]}
    found = experiments.initialisations([1], [2], rates=(0.05,), num_epochs=2, kinds=kinds)
    plain, normed = (found[net]["too small"]["accuracy"][0] for net in ("LeNet", "LeNet with batchnorm"))
    assert plain < 0.2 < 0.7 < normed


def test_the_experiments_return_what_is_stored_in_shape():
    found = experiments.optimizers(seeds=[1], tuning_seeds=[0], rates=(0.01,), horizons=(1,), names=("Adam",))
    assert list(found["Adam"]["1"]) == ["rate", "accuracy"] and len(found["Adam"]["1"]["accuracy"]) == 1
    assert np.shape(experiments.normalisation([1], rates=(0.03,), num_epochs=1)["with"]) == (1, 1)
    changed = experiments.augmentation([1], [2], rates=(0.01,), num_epochs=1)
    assert list(changed) == ["none", "shifts", "mirror images"] and len(changed["shifts"]["accuracy"]) == 1
    noisy = experiments.dropout([1], [2], rates=(0.01,), num_epochs=1, data="digits")
    assert list(noisy) == ["right labels", "wrong labels"] and list(noisy["right labels"]) == ["0", "0.5"]
    found = experiments.searches([1], {"rate": (0.01, 0.1, 2), "decay": (1e-5, 1e-3, 1)}, side=1, num_epochs=1)
    assert (len(found["random"]), np.shape(found["grid"]), found["rates"]) == (1, (1, 2), {"grid": 1, "random": 1.0})
    ranged = experiments.range_tests([1], [2], rates=(0.03,), num_epochs=1, names=("Adam",))["Adam"]
    assert ranged["rate"] == 0.03
    assert len(ranged["named"]) == len(ranged["reached"]) == len(ranged["tenth"]) == len(ranged["best"]) == 1
    found = experiments.accuracies([0], [1], rates=(0.01,), num_epochs=1)
    assert list(found) == ["LeNet", "LeNet, longer", "LeNet with batchnorm", "residual net"]


def test_a_rate_is_chosen_coarsely_and_then_among_its_neighbours_on_validation_images(monkeypatch):
    rates, asked = experiments.rates_between(0.001, 1.0), []

    def trained(seed, settings, **run):
        asked.append(settings.learning_rate)
        distance = abs(np.log(settings.learning_rate / 0.05))
        return Named(-distance), None

    monkeypatch.setattr(experiments, "_trained", trained)
    chosen = experiments._own_rate(rates, [1, 2], Settings(1))
    assert chosen == min(rates, key=lambda rate: abs(np.log(rate / 0.05)))
    assert len(set(asked)) < len(rates) * 2 / 3
