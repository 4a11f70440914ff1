"""Over generated shapes and settings: forward, d_x and every gradient agree with PyTorch to 1e-10 in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from course_lib import layers  # noqa: E402
from course_lib.optimizers import clip_by_global_norm, clip_by_norm, clip_by_value  # noqa: E402
from tests.library.layers.helpers import close, derivatives_are_right, same_as_torch, tensor  # noqa: E402

MANY = settings(max_examples=40, deadline=None, derandomize=True)
SMALL = st.integers(1, 3)
PAIR = st.tuples(SMALL, SMALL)


@st.composite
def convolutions(draw, sides=2):
    """Settings of a convolution, and sizes of x into which its kernel fits."""
    groups = draw(SMALL)
    kernel, stride, dilation = (draw(st.tuples(*[SMALL] * sides)) for _ in range(3))
    padding = draw(st.tuples(*[st.integers(0, 3)] * sides))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = tuple(n + draw(st.integers(0, 4)) for n in least)
    channels = groups * draw(SMALL), groups * draw(SMALL)
    chosen = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, "bias": draw(st.booleans())}
    return channels, kernel, size, chosen, np.random.default_rng(draw(st.integers(0, 99)))


def compare(layer, module, x, rng):
    for array in layer.params.values():
        array[...] = rng.normal(size=array.shape)
    same_as_torch(layer, module.double(), x, rng.normal(size=layer.forward(x).shape))


@MANY
@given(convolutions())
def test_conv2d_with_stride_padding_dilation_and_groups(case):
    channels, kernel, size, chosen, rng = case
    x = rng.normal(size=(2, channels[0], *size))
    layer = layers.Conv2d(*channels, kernel, rng, **chosen)
    compare(layer, torch.nn.Conv2d(*channels, kernel, **chosen), x, rng)
    del chosen["bias"]
    ours = layers.conv2d(x, layer.params["weight"], layer.params.get("bias"), **chosen)
    np.testing.assert_array_equal(ours, layer.forward(x))


@MANY
@given(convolutions(sides=1))
def test_conv1d(case):
    channels, kernel, size, chosen, rng = case
    chosen = {name: value[0] if isinstance(value, tuple) else value for name, value in chosen.items()}
    x = rng.normal(size=(2, channels[0], *size))
    layer = layers.Conv1d(*channels, kernel[0], rng, **chosen)
    compare(layer, torch.nn.Conv1d(*channels, kernel[0], **chosen), x, rng)
    del chosen["bias"]
    ours = layers.conv1d(x, layer.params["weight"], layer.params.get("bias"), **chosen)
    np.testing.assert_array_equal(ours, layer.forward(x))


@MANY
@given(convolutions(), st.integers(0, 2), st.integers(0, 2))
def test_transposed_convolution(case, more_rows, more_columns):
    channels, kernel, _, chosen, rng = case
    more = tuple(min(m, s - 1) for m, s in zip((more_rows, more_columns), chosen["stride"], strict=True))
    x = rng.normal(size=(2, channels[0], 4, 5))
    layer = layers.ConvTranspose2d(*channels, kernel, rng, **chosen, output_padding=more)
    module = torch.nn.ConvTranspose2d(*channels, kernel, **chosen, output_padding=more)
    try:
        layer.forward(x)
    except ValueError as error:
        assert "nothing is left of y" in str(error)
        with pytest.raises(RuntimeError):
            module.double()(tensor(x))
        return
    compare(layer, module, x, rng)
    del chosen["bias"]
    ours = layers.conv_transpose2d(x, layer.params["weight"], layer.params.get("bias"), **chosen, output_padding=more)
    np.testing.assert_array_equal(ours, layer.forward(x))


@MANY
@given(convolutions())
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(case):
    channels, kernel, size, chosen, rng = case
    del chosen["bias"]
    w = rng.normal(size=(channels[1], channels[0] // chosen["groups"], *kernel))
    x = rng.normal(size=(1, channels[0], *size))
    y = layers.conv2d(x, w, **chosen)
    d_y = rng.normal(size=y.shape)
    lost = [
        layers.Window(*four).unseen(n)
        for n, *four in zip(size, kernel, chosen["stride"], chosen["padding"], chosen["dilation"], strict=True)
    ]
    back = layers.conv_transpose2d(d_y, w, **chosen, output_padding=tuple(lost))
    assert back.shape == x.shape
    assert np.sum(back * x) == pytest.approx(np.sum(d_y * y), rel=1e-10, abs=1e-10)


@st.composite
def pools(draw):
    kernel, stride, dilation = (draw(PAIR) for _ in range(3))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(d * (k - 1) + 1 + draw(st.integers(0, 5)) for k, d in zip(kernel, dilation, strict=True))
    return kernel, stride, padding, dilation, size, np.random.default_rng(draw(st.integers(0, 99)))


@MANY
@given(pools(), st.booleans())
def test_padded_and_dilated_max_pooling(case, negative):
    kernel, stride, padding, dilation, size, rng = case
    x = rng.normal(size=(2, 2, *size)) - 9 * negative  # padding with 0 would win
    compare(
        layers.MaxPool2d(kernel, stride, padding, dilation),
        torch.nn.MaxPool2d(kernel, stride, padding, dilation),
        x,
        rng,
    )


@MANY
@given(pools(), st.booleans())
def test_padded_average_pooling_counts_the_padding_or_not(case, counts):
    kernel, stride, padding, _, _, rng = case
    x = rng.normal(size=(2, 2, 6, 7))
    layer = layers.AvgPool2d(kernel, stride, padding, count_include_pad=counts)
    compare(layer, torch.nn.AvgPool2d(kernel, stride, padding, count_include_pad=counts), x, rng)


@MANY
@given(
    st.lists(SMALL, min_size=1, max_size=3), st.lists(st.integers(0, 3), max_size=3), st.integers(0, 99), st.booleans()
)
def test_layer_norm_normalises_the_last_axes_whatever_stands_before(shape, before, seed, whole):
    rng = np.random.default_rng(seed)
    x = rng.normal(1, 2, size=(*before, *shape))
    chosen = np.int64(shape[0]) if len(shape) == 1 and whole else tuple(shape) if whole else list(shape)
    layer = layers.LayerNorm(chosen)
    module = torch.nn.LayerNorm(shape).double()
    for array in layer.params.values():
        array[...] = rng.normal(size=array.shape)
    same_as_torch(layer, module, x, rng.normal(size=x.shape), {"gamma": "weight", "beta": "bias"})


@pytest.mark.parametrize("shape, x", [(3, (2, 5)), ((5, 3), (2, 3, 5)), ((2, 3), (3,)), (3, (2, 3, 4)), (3, ())])
def test_layer_norm_refuses_what_torch_refuses(shape, x):
    with pytest.raises(RuntimeError):
        torch.nn.LayerNorm(shape)(torch.ones(x))
    with pytest.raises(ValueError, match="LayerNorm expects x of shape"):
        layers.LayerNorm(shape).forward(np.ones(x))


@pytest.mark.parametrize("wrong", [0, -1, 2.5, (), (3, 0), "3", None, (2, None)])
def test_layer_norm_names_a_wrong_shape(wrong):
    with pytest.raises(ValueError, match=r"^shape must be"):
        layers.LayerNorm(wrong)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("x", [(4, 5), (4, 5, 3), (4, 2, 3, 3), (4,), ()])
@pytest.mark.parametrize("layer", [lambda: layers.BatchNorm(1), lambda: layers.GroupNorm(1, 1)])
def test_a_norm_refuses_another_number_of_channels_and_keeps_its_statistics(layer, x, training):
    layer = layer()
    with pytest.raises(ValueError, match=r"expects x of shape \(batch, 1"):
        layer.forward(np.ones(x), training=training)
    if isinstance(layer, layers.BatchNorm):
        assert layer.running_mean.shape == (1,) and layer.running_mean == 0


@pytest.mark.parametrize("x", [(1, 3), (1, 3, 1), (1, 3, 1, 1)])
def test_a_last_batch_of_one_is_refused_as_in_torch_and_changes_nothing(x):
    layer, module = layers.BatchNorm(3), (torch.nn.BatchNorm1d if len(x) < 4 else torch.nn.BatchNorm2d)(3)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        module(torch.ones(x))
    with pytest.raises(ValueError, match=r"cannot train on 1 value per channel.*leave out a last batch of one"):
        layer.forward(np.ones(x), training=True)
    np.testing.assert_array_equal((layer.running_mean, layer.running_var), [[0] * 3, [1] * 3])
    close(layer.forward(np.ones(x)), module.double().eval()(torch.ones(x, dtype=torch.float64)))


@MANY
@given(st.integers(0, 999), st.booleans(), st.sampled_from([1, 50]))
def test_cross_entropy_with_masked_classes(seed, all_but_one, scale):
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(5, 4)) * scale, rng.integers(4, size=5)
    masked = np.ones((5, 4), bool) if all_but_one else rng.random((5, 4)) < 0.4
    masked[np.arange(5), labels] = False
    scores[masked] = -np.inf
    s = tensor(scores).requires_grad_()
    value = torch.nn.functional.cross_entropy(s, torch.tensor(labels))
    value.backward()
    loss = layers.CrossEntropy()
    assert loss.forward(scores, labels) == pytest.approx(value.item(), rel=1e-12)
    close(loss.backward(), s.grad)
    one_hot = np.eye(4)[labels]  # the same as a distribution, where torch has nan
    assert loss.forward(scores, one_hot) == pytest.approx(value.item(), rel=1e-12)
    if masked.any():
        assert torch.nn.functional.cross_entropy(s, tensor(one_hot)).isnan()


def test_cross_entropy_of_a_label_that_is_masked_is_inf_as_in_torch():
    scores = np.array([[-np.inf, 0.0, 1.0]])
    with np.errstate(invalid="ignore"):
        assert layers.CrossEntropy().forward(scores, np.array([0])) == np.inf
        assert np.isnan(layers.CrossEntropy().forward(np.full((1, 3), -np.inf), np.array([0])))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_and_its_slope_to_the_last_digit_from_tail_to_tail(dtype):
    x = np.concatenate([np.linspace(-100, 100, 4001), [-700.0, -80.0, 0.0, -0.0, 700.0, np.inf, -np.inf]]).astype(dtype)
    layer, x_torch = layers.Sigmoid(), torch.tensor(x, requires_grad=True)
    with np.errstate(over="raise", invalid="raise"):
        ours = layer.forward(x), layer.backward(np.ones_like(x))
    theirs = torch.sigmoid(x_torch)
    theirs.sum().backward()
    digits = float(4 * np.finfo(dtype).eps)
    tiny = np.finfo(dtype).tiny
    np.testing.assert_allclose(ours[0], theirs.detach().numpy(), rtol=digits, atol=tiny)
    left = x <= 0
    np.testing.assert_allclose(ours[1][left], x_torch.grad.numpy()[left], rtol=digits, atol=tiny)
    np.testing.assert_allclose(ours[1], x_torch.grad.numpy(), rtol=0, atol=digits)  # y (1 - y) cancels, in torch too
    assert ours[0].dtype == ours[1].dtype == dtype
    assert layer.forward(dtype([-40])) == pytest.approx(np.exp(-40.0), rel=digits)


@MANY
@given(st.integers(0, 99), st.sampled_from([0.1, 1, 30, 700]))
def test_selu(seed, scale):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6, 4)) * scale
    x[0, 0] = 0.0
    with np.errstate(over="raise"):
        same_as_torch(layers.SELU(), torch.nn.SELU(), x, rng.normal(size=(6, 4)))


@pytest.mark.parametrize("name", ["SiLU", "GELU"])
@pytest.mark.parametrize("scale", [1, 30, 1e4])
def test_smooth_activations(name, scale):
    """From the middle to where exp would overflow."""
    rng = np.random.default_rng(4)
    x = scale * rng.normal(size=(6, 4))
    x[0, 0] = 0.0
    with np.errstate(over="raise", invalid="raise"):
        same_as_torch(getattr(layers, name)(), getattr(torch.nn, name)(), x, rng.normal(size=(6, 4)))


def test_a_gelu_dips_below_zero_once_and_is_between_relu_and_its_half():
    x = np.linspace(-4, 4, 401)
    y = layers.GELU().forward(x)
    assert -0.171 < y.min() < -0.169 and np.all(y <= np.maximum(x, 0)) and np.all(y >= np.minimum(x, 0) / 2)
    approximate = torch.nn.functional.gelu(torch.as_tensor(x), approximate="tanh").numpy()
    assert 1e-4 < np.abs(y - approximate).max() < 1e-3


@pytest.mark.parametrize("shape", [(4, 6), (2, 3, 6), (1, 2, 3, 6)])
def test_rms_norm(shape):
    rng = np.random.default_rng(5)
    layer, module = layers.RMSNorm(6, eps=1e-3), torch.nn.RMSNorm(6, eps=1e-3).double()
    layer.params["gamma"][:] = rng.normal(size=6)
    same_as_torch(layer, module, rng.normal(2, 3, size=shape), rng.normal(size=shape), {"gamma": "weight"})


def test_rms_norm_is_layer_norm_of_what_has_mean_zero_and_keeps_a_mean():
    x = np.random.default_rng(6).normal(size=(3, 5))
    centred = x - x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(layers.RMSNorm(5).forward(centred), layers.LayerNorm(5).forward(x), atol=1e-12)
    assert abs(layers.RMSNorm(5).forward(x + 10).mean()) > 0.9


def test_selu_keeps_mean_0_and_variance_1_of_a_normal():
    x = np.random.default_rng(0).normal(size=1_000_000)
    y = layers.SELU().forward(x)
    assert abs(y.mean()) < 5e-3 and abs(y.var() - 1) < 1e-2


SPECIAL = (np.nan, np.inf, -np.inf, 0.0, 3.0, -40.0, 1e-300)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.sampled_from(SPECIAL), min_size=1, max_size=4), min_size=1, max_size=3), st.floats(0.1, 90))
def test_clipping_of_nan_and_inf_is_torchs(parts, limit):
    parts = [np.array(part) for part in parts]

    def theirs(function):
        tensors = [torch.zeros(len(part), dtype=torch.float64, requires_grad=True) for part in parts]
        for one, part in zip(tensors, parts, strict=True):
            one.grad = torch.tensor(part)
        function(tensors)
        return np.concatenate([one.grad.numpy() for one in tensors])

    ours = np.concatenate(clip_by_global_norm(parts, limit))
    np.testing.assert_allclose(ours, theirs(lambda t: torch.nn.utils.clip_grad_norm_(t, limit)), rtol=2e-5)
    np.testing.assert_array_equal(clip_by_norm(np.concatenate(parts), limit), ours)
    ours = np.concatenate([clip_by_value(part, limit) for part in parts])
    np.testing.assert_array_equal(ours, theirs(lambda t: torch.nn.utils.clip_grad_value_(t, limit)))
    finite = np.isfinite(np.linalg.norm(np.concatenate(parts)))
    for refuse in (
        lambda: clip_by_global_norm(parts, limit, error_if_nonfinite=True),
        lambda: theirs(lambda t: torch.nn.utils.clip_grad_norm_(t, limit, error_if_nonfinite=True)),
    ):
        if finite:
            refuse()
        else:
            with pytest.raises((ValueError, RuntimeError), match=r"non-finite|nan or inf"):
                refuse()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clipping_keeps_the_direction_where_the_square_overflows_or_vanishes(dtype):
    info = np.finfo(dtype)
    for size in (info.max / 8, info.max**0.75, info.tiny * 8, 1.0):
        clipped = clip_by_norm(np.array([3, 4], dtype) * dtype(size), size)
        np.testing.assert_allclose(clipped / dtype(size), [0.6, 0.8], rtol=8 * info.eps)
        assert clipped.dtype == dtype
    np.testing.assert_allclose(clip_by_norm(np.array([3e38, 3e38], np.float32), 1.0), [0.5**0.5] * 2, rtol=1e-6)


CASES = {
    "dilated Conv2d": (lambda rng: layers.Conv2d(2, 2, (2, 3), rng, 2, 1, dilation=(2, 1)), (2, 2, 4, 5)),
    "grouped Conv2d": (lambda rng: layers.Conv2d(4, 6, 2, rng, groups=2), (2, 4, 3, 3)),
    "Conv1d": (lambda rng: layers.Conv1d(2, 4, 3, rng, 2, 1, dilation=2, groups=2), (2, 2, 8)),
    "ConvTranspose2d": (
        lambda rng: layers.ConvTranspose2d(2, 4, 3, rng, 2, 1, groups=2, output_padding=1),
        (2, 2, 3, 2),
    ),
    "padded MaxPool2d": (lambda rng: layers.MaxPool2d(3, 2, 1), (2, 2, 5, 4)),
    "padded AvgPool2d": (lambda rng: layers.AvgPool2d((2, 3), 1, 1, count_include_pad=False), (2, 2, 4, 3)),
    "LayerNorm of one axis of three": (lambda rng: layers.LayerNorm(4), (2, 3, 4)),
    "SELU": (lambda rng: layers.SELU(), (5, 4)),
    "SiLU": (lambda rng: layers.SiLU(), (5, 4)),
    "GELU": (lambda rng: layers.GELU(), (5, 4)),
    "RMSNorm": (lambda rng: layers.RMSNorm(4), (2, 3, 4)),
}


@pytest.mark.parametrize("name", CASES)
def test_backward_is_the_derivative_of_forward(name):
    rng = np.random.default_rng(3)
    make, shape = CASES[name]
    derivatives_are_right(make(rng), rng.normal(size=shape), rng)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name):
    from course_lib.network import Network

    rng = np.random.default_rng(3)
    make, shape = CASES[name]
    layer = make(rng)
    Network(layer, dtype=np.float32)
    y = layer.forward(rng.normal(size=shape).astype(np.float32), training=True)
    assert y.dtype == layer.backward(np.ones_like(y)).dtype == np.float32


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        (lambda rng: layers.Conv2d(3, 4, 2, rng, groups=2), "3 and 4 channels, cannot be split into 2 groups"),
        (lambda rng: layers.Conv2d(4, 3, 2, rng, groups=2), "4 and 3 channels, cannot be split into 2 groups"),
        (lambda rng: layers.Conv2d(2, 2, 2, rng, dilation=0), "dilation must be a whole number"),
        (
            lambda rng: layers.Conv2d(1, 1, 3, rng, dilation=3).forward(np.ones((1, 1, 6, 6))),
            "with dilation 3 does not",
        ),
        (lambda rng: layers.MaxPool2d(2, padding=2), "padding must be half of the kernel at most"),
        (lambda rng: layers.ConvTranspose2d(1, 1, 2, rng, 2, output_padding=2), "output_padding must be less"),
        (
            lambda rng: layers.conv1d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3))),
            "conv1d expects x .batch, in, length.",
        ),
        (lambda rng: layers.conv_transpose2d(np.ones((1, 2, 3, 3)), np.ones((1, 1, 3, 3))), "conv_transpose2d expects"),
        (lambda rng: layers.conv_parameters(4, 3, 2, groups=2), "cannot be split into 2 groups"),
    ],
)
def test_a_mistake_gets_a_sentence(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        wrong(np.random.default_rng(0))


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_counts_of_a_grouped_convolution_are_torchs(groups):
    theirs = torch.nn.Conv2d(4, 8, (2, 3), groups=groups)
    assert layers.conv_parameters(4, 8, (2, 3), groups=groups) == sum(p.numel() for p in theirs.parameters())
