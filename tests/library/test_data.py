import builtins
import gzip
import hashlib
import io
import tarfile

import numpy as np
import pytest

from course_lib.data import (
    DataNotFound,
    Dataset,
    Scaling,
    adding_task,
    breast_cancer,
    cifar10,
    circles,
    colour_shapes,
    diabetes,
    digits,
    fashion_mnist,
    image_files,
    iris,
    linear_regression,
    logistic_regression,
    mnist,
    moons,
    shapes,
    spirals,
    split,
    standardise,
    wine,
)
from course_lib.data.image_files import IDX_FILES, SOURCES, Source, read_idx
from course_lib.data.procedural import SHAPES


def generator(seed=0):
    return np.random.default_rng(seed)


# --- Splits ------------------------------------------------------------------------------------------


def numbered(n, classes=1):
    return Dataset(np.arange(n)[:, None] * 1.0, np.arange(n) % classes)


@pytest.mark.parametrize("n", [3, 7, 20, 100, 1797])
@pytest.mark.parametrize("stratified", [False, True])
def test_every_example_lands_in_exactly_one_part(n, stratified):
    parts = split(numbered(n, 3), generator(), stratified=stratified)
    assert sorted(np.concatenate([part.x[:, 0] for part in parts]).tolist()) == list(range(n))
    for part, fraction in zip(parts, (0.7, 0.15, 0.15), strict=True):
        assert abs(len(part.y) - fraction * n) < 1
        np.testing.assert_array_equal(part.y, part.x[:, 0] % 3)  # targets stay with their examples


def test_a_stratified_split_keeps_the_shares_of_rare_classes():
    y = np.repeat([0, 1, 2], [900, 80, 20])
    parts = split(Dataset(np.zeros((1000, 1)), y), generator(), stratified=True)
    for part, fraction in zip(parts, (0.7, 0.15, 0.15), strict=True):
        counts = np.bincount(part.y, minlength=3)
        assert np.all(np.abs(counts - fraction * np.array([900, 80, 20])) <= 1)


def test_many_tiny_classes_do_not_starve_a_part():
    y = np.repeat(np.arange(100), 2)
    parts = split(Dataset(np.zeros((200, 1)), y), generator(), stratified=True)
    assert [len(part.y) for part in parts] == [140, 30, 30]


def test_a_split_is_random_and_its_seed_repeats_it():
    a, b, c = (split(numbered(50), generator(seed)).train.x for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
    assert not np.array_equal(a, np.sort(a, axis=0))


def test_a_part_may_be_empty():
    assert len(split(numbered(10), generator(), (0.8, 0.2, 0.0)).test.y) == 0


def test_standardise_uses_the_training_set_only():
    x = generator().normal(3.0, [1.0, 50.0, 0.0], size=(200, 3))
    before = split(Dataset(x, np.zeros(200)), generator())
    after = standardise(before)
    np.testing.assert_allclose(after.train.x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(after.train.x.std(axis=0), [1, 1, 0], atol=1e-12)
    expected = (before.test.x - before.train.x.mean(axis=0))[:, :2] / before.train.x.std(axis=0)[:2]
    np.testing.assert_allclose(after.test.x[:, :2], expected)
    assert np.isfinite(after.test.x).all()


def test_a_constant_feature_whose_mean_is_rounded_stays_finite_and_small():
    x = np.full((10, 1), 0.1 + 0.2)
    assert np.abs(Scaling.fit(x).apply(x)).max() < 1e-9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: split(numbered(9), generator(), (0.7, 0.2, 0.2)), "add up to 1"),
        (lambda: split(numbered(9), generator(), (0.5, 0.5)), "three numbers"),
        (lambda: split(numbered(9), generator(), (1.2, -0.1, -0.1)), "fractions"),
        (lambda: split(Dataset(np.zeros((9, 1)), np.zeros(8)), generator()), "same length"),
        (lambda: split(Dataset(np.zeros((9, 1)), np.zeros(9)), generator(), stratified=True), "whole-number labels"),
    ],
)
def test_impossible_splits_get_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- Made on the spot --------------------------------------------------------------------------------

MADE = {
    "spirals": (lambda rng: spirals(91, rng), (91, 2), 3),
    "moons": (lambda rng: moons(91, rng), (91, 2), 2),
    "circles": (lambda rng: circles(91, rng), (91, 2), 2),
    "shapes": (lambda rng: shapes(91, rng), (91, 1, 16, 16), 4),
    "colour shapes": (lambda rng: colour_shapes(91, rng), (91, 3, 32, 32), 10),
    "adding": (lambda rng: adding_task(91, rng), (91, 50, 2), 0),
    "linear": (lambda rng: linear_regression(91, 4, rng), (91, 4), 0),
    "logistic": (lambda rng: logistic_regression(91, 4, rng), (91, 4), 2),
}


@pytest.mark.parametrize("name", MADE)
def test_made_sets_repeat_with_their_seed_and_have_their_shapes(name):
    make, shape, num_classes = MADE[name]
    first, again, other = make(generator(1)), make(generator(1)), make(generator(2))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.y, again.y)
    assert not np.array_equal(first.x, other.x)
    assert first.x.shape == shape and first.y.shape == shape[:1] and np.isfinite(first.x).all()
    assert len(first.classes) == num_classes
    if num_classes:
        assert first.y.dtype.kind == "i" and set(first.y.tolist()) == set(range(num_classes))


@pytest.mark.parametrize("name", ["spirals", "moons", "circles", "shapes"])
def test_classes_are_even_and_in_random_order(name):
    y = MADE[name][0](generator()).y
    counts = np.bincount(y)
    assert counts.max() - counts.min() <= 1
    assert np.sum(np.diff(y) != 0) > 20


def test_no_line_separates_the_spirals_but_their_angle_does():
    data = spirals(300, generator(), noise=0.0)
    x = np.column_stack([data.x, np.ones(300)])
    guess = np.argmax(x @ np.linalg.lstsq(x, np.eye(3)[data.y], rcond=None)[0], axis=1)
    assert np.mean(guess == data.y) < 0.7
    radius = np.linalg.norm(data.x, axis=1)
    angle = np.arctan2(data.x[:, 0], data.x[:, 1]) / (2 * np.pi) - 0.65 * radius
    np.testing.assert_array_equal(np.round(3 * angle).astype(int) % 3, data.y)


def test_moons_and_circles_lie_on_their_curves():
    data = moons(100, generator(), noise=0)
    centre = np.where(data.y[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    np.testing.assert_allclose(np.linalg.norm(data.x - centre, axis=1), 1)
    data = circles(100, generator(), noise=0, inner_radius=0.3)
    np.testing.assert_allclose(np.linalg.norm(data.x, axis=1), np.where(data.y == 0, 1, 0.3))


@pytest.mark.parametrize("length", [2, 3, 50])
def test_the_adding_task_marks_one_number_in_each_half(length):
    data = adding_task(2_000, generator(), length)
    marks = data.x[..., 1]
    assert np.all(marks[:, : length // 2].sum(axis=1) == 1) and np.all(marks[:, length // 2 :].sum(axis=1) == 1)
    np.testing.assert_allclose(data.y, np.sum(data.x[..., 0] * marks, axis=1))
    error = (data.y - 1) ** 2
    assert abs(error.mean() - 1 / 6) < 4.5 * error.std() / np.sqrt(2_000)


def test_shapes_are_inside_their_image_and_differ_in_area():
    data = shapes(400, generator(), size=20, noise=0)
    assert set(np.unique(data.x)) == {0.0, 1.0}
    area = [data.x[data.y == label].mean() for label in range(4)]
    assert SHAPES == ("disc", "square", "cross", "ring")
    assert area[1] > area[0] > area[3] and area[1] > area[2]
    assert np.all(data.x.sum(axis=(1, 2, 3)) > 5)


@pytest.mark.parametrize("condition_number", [1.0, 100.0])
def test_linear_regression_has_its_condition_number_and_theta(condition_number):
    data = linear_regression(50_000, 5, generator(), noise=0.5, condition_number=condition_number)
    eigenvalues = np.linalg.eigvalsh(np.cov(data.x.T))
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(condition_number, rel=0.08)
    residual = data.y - data.x @ data.theta
    assert residual.std() == pytest.approx(0.5, rel=0.03)
    np.testing.assert_allclose(np.linalg.lstsq(data.x, data.y, rcond=None)[0], data.theta, atol=0.15)


def test_logistic_labels_have_their_probability():
    data = logistic_regression(50_000, 3, generator(), steepness=2.0)
    assert np.linalg.norm(data.theta) == pytest.approx(2)
    probability = 1 / (1 + np.exp(-data.x @ data.theta))
    error = (data.y - probability) / np.sqrt(50_000 * np.mean(probability * (1 - probability)))
    assert abs(error.sum()) < 4.5


@pytest.mark.parametrize(
    "call",
    [
        lambda: spirals(2, generator()),
        lambda: spirals(10.5, generator()),
        lambda: moons(10, generator(), noise=-1),
        lambda: circles(10, generator(), inner_radius=2),
        lambda: adding_task(10, generator(), length=1),
        lambda: shapes(10, generator(), size=4),
        lambda: linear_regression(10, 2, generator(), condition_number=0.5),
        lambda: linear_regression(10, 0, generator()),
        lambda: logistic_regression(10, 2, generator(), steepness=0),
    ],
)
def test_impossible_sets_get_a_sentence(call):
    with pytest.raises(ValueError, match=r"must|too few"):
        call()


# --- scikit-learn's ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "shape", "num_classes"),
    [(iris, (150, 4), 3), (wine, (178, 13), 3), (breast_cancer, (569, 30), 2), (digits, (1797, 1, 8, 8), 10)],
)
def test_bundled_sets(load, shape, num_classes):
    pytest.importorskip("sklearn")
    data = load()
    assert data.x.shape == shape and data.x.dtype == float
    assert len(data.classes) == num_classes == len(np.unique(data.y)) and data.y.dtype.kind == "i"


def test_digits_are_scaled_and_can_be_flat():
    pytest.importorskip("sklearn")
    flat = digits(flat=True)
    assert flat.x.shape == (1797, 64) and flat.x.min() == 0 and flat.x.max() == 1
    np.testing.assert_array_equal(digits().x.reshape(1797, 64), flat.x)
    assert diabetes().x.shape == (442, 10) and diabetes().classes == ()


def test_without_scikit_learn_the_sentence_says_what_to_do(monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ModuleNotFoundError, match=r"pip install scikit-learn, or take a set that is made on the spot"):
        iris()


# --- Image files -------------------------------------------------------------------------------------


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def idx_arrays(rng):
    return [
        rng.integers(256, size=(7, 28, 28)),
        rng.integers(10, size=7),
        rng.integers(256, size=(3, 28, 28)),
        rng.integers(10, size=3),
    ]


def write_idx(folder, arrays, pack=False, dotted=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(IDX_FILES, arrays, strict=True):
        name = name.replace("-idx", ".idx") if dotted else name
        (folder / (name + ".gz" * pack)).write_bytes(gzip.compress(idx(array)) if pack else idx(array))


@pytest.mark.parametrize("load", [mnist, fashion_mnist])
@pytest.mark.parametrize(("pack", "dotted"), [(False, False), (True, False), (False, True), (True, True)])
def test_idx_files_in_a_folder(tmp_path, load, pack, dotted):
    arrays = idx_arrays(generator())
    write_idx(tmp_path, arrays, pack, dotted)
    train, test = load(str(tmp_path))
    assert train.x.shape == (7, 1, 28, 28) and test.x.shape == (3, 1, 28, 28) and train.x.dtype == np.float32
    np.testing.assert_array_equal(np.round(train.x[:, 0] * 255), arrays[0])
    np.testing.assert_array_equal(test.y, arrays[3])
    assert len(train.classes) == 10


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no IDX file"),
        (b"<html>not found</html>", "no IDX file"),
        (b"\x00\x00\x0d\x01" + b"\x00" * 8, "no IDX file"),
        (b"\x00\x00\x08\x03\x00\x00", "inside its header"),
        (idx(np.zeros((4, 5)))[:-1], "should hold 20 entries, shape (4, 5), but it holds 19"),
        (idx(np.zeros((4, 5))) + b"\x00", "holds 21"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "damaged"),
    ],
)
def test_damaged_idx_files_get_a_sentence(data, words):
    with pytest.raises(ValueError) as caught:
        read_idx(data, "x.idx")
    assert words in str(caught.value) and "x.idx" in str(caught.value)


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    arrays = idx_arrays(generator())
    write_idx(tmp_path, [arrays[0], arrays[3], arrays[2], arrays[1]])
    with pytest.raises(ValueError, match="do not belong together"):
        mnist(tmp_path)
    write_idx(tmp_path, [arrays[0], arrays[1] + 10, arrays[2], arrays[3]])
    with pytest.raises(ValueError, match="must be 0 to 9"):
        mnist(tmp_path)


def test_a_truncated_gz_file_gets_a_sentence(tmp_path):
    write_idx(tmp_path, idx_arrays(generator()), pack=True)
    path = tmp_path / f"{IDX_FILES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="cannot be unpacked"):
        mnist(tmp_path)


def cifar_files(rng):
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    files = {}
    for name in names:
        records = rng.integers(256, size=(4, 3073)).astype(np.uint8)
        records[:, 0] = rng.integers(10, size=4)
        files[name] = records
    return files


def write_cifar_archive(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, records in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = records.nbytes
            archive.addfile(member, io.BytesIO(records.tobytes()))


@pytest.mark.parametrize("layout", ["archive", "unpacked", "inside"])
def test_cifar_in_a_folder(tmp_path, layout):
    files = cifar_files(generator())
    if layout == "archive":
        write_cifar_archive(tmp_path / "cifar-10-binary.tar.gz", files)
    else:
        folder = tmp_path / "cifar-10-batches-bin" if layout == "unpacked" else tmp_path
        folder.mkdir(exist_ok=True)
        for name, records in files.items():
            (folder / name).write_bytes(records.tobytes())
    train, test = cifar10(tmp_path)
    assert train.x.shape == (20, 3, 32, 32) and test.x.shape == (4, 3, 32, 32)
    third = files["data_batch_2.bin"][1]
    assert train.y[5] == third[0]
    # Red first, row by row: pixel (row 2, column 3) of the green plane.
    assert np.round(train.x[5, 1, 2, 3] * 255) == third[1 + 1024 + 2 * 32 + 3]


def test_cifar_damages_get_a_sentence(tmp_path):
    files = cifar_files(generator())
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match="damaged"):
        cifar10(tmp_path)
    files["test_batch.bin"] = files["test_batch.bin"].reshape(-1)[:-1]
    write_cifar_archive(tmp_path / "cifar-10-binary.tar.gz", files)
    with pytest.raises(ValueError, match=r"test_batch.bin should be records of 3073 bytes"):
        cifar10(tmp_path)
    files = cifar_files(generator())
    files["data_batch_1.bin"][0, 0] = 77
    write_cifar_archive(tmp_path / "cifar-10-binary.tar.gz", files)
    with pytest.raises(ValueError, match="CIFAR-100"):
        cifar10(tmp_path)


def test_the_python_version_of_cifar_is_not_opened(tmp_path):
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"")
    with pytest.raises(DataNotFound, match="pickles"):
        cifar10(tmp_path)


@pytest.mark.parametrize("load", [mnist, fashion_mnist, cifar10])
def test_neither_folder_nor_network_gives_one_sentence(tmp_path, monkeypatch, load):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr(image_files, "INSTALLED", {})

    def no_network(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(image_files, "urlopen", no_network)
    with pytest.raises(DataNotFound) as caught:
        load()
    text = str(caught.value)
    assert "no route to host" in text and "course_lib.data.digits()" in text and str(tmp_path) in text
    assert list((tmp_path / load.__name__).iterdir()) == []
    with pytest.raises(DataNotFound, match="download=False"):
        load(download=False)
    with pytest.raises(DataNotFound, match="is not in"):
        load(tmp_path / "nowhere")


def serve(tmp_path, monkeypatch, checksum=None):
    """A "network" on the disk: urlopen reads file addresses."""
    server = tmp_path / "server"
    write_idx(server, idx_arrays(generator()), pack=True)
    checksums = {path.name: checksum or hashlib.md5(path.read_bytes()).hexdigest() for path in server.iterdir()}
    monkeypatch.setitem(SOURCES, "mnist", Source(server.as_uri() + "/", checksums))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    return server


def test_a_download_is_kept(tmp_path, monkeypatch):
    server = serve(tmp_path, monkeypatch)
    train, _ = mnist()
    for path in server.iterdir():
        path.unlink()
    again, _ = mnist()
    np.testing.assert_array_equal(train.x, again.x)
    assert len(list((tmp_path / "cache" / "mnist").iterdir())) == 4


def test_a_download_with_a_wrong_checksum_is_not_used_or_kept(tmp_path, monkeypatch):
    serve(tmp_path, monkeypatch, checksum="0" * 32)
    with pytest.raises(DataNotFound, match="wrong checksum"):
        mnist()
    assert list((tmp_path / "cache" / "mnist").iterdir()) == []


def test_fashion_mnist_is_found_where_the_system_installed_it(tmp_path, monkeypatch):
    write_idx(tmp_path / "system", idx_arrays(generator()), pack=True)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(image_files, "INSTALLED", {"fashion_mnist": tmp_path / "system"})
    assert len(fashion_mnist(download=False)[0].y) == 7
    with pytest.raises(DataNotFound):
        mnist(download=False)


def test_a_named_folder_never_asks_the_network(tmp_path, monkeypatch):
    serve(tmp_path, monkeypatch)
    with pytest.raises(DataNotFound):
        mnist(tmp_path / "empty")


def test_the_published_checksums_are_whole():
    for source in SOURCES.values():
        assert source.address.startswith("https://")
        assert all(len(checksum) == 32 and int(checksum, 16) >= 0 for checksum in source.checksums.values())
