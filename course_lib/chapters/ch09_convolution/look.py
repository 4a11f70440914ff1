"""If it works, look, chapter 9: the student's convolution on a picture, a kernel that is learned with it, LeNet's rows.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

import numpy as np

from course_lib.chapters.ch09_convolution.figures.kernel import KERNELS, grey_limits
from course_lib.data import default_picture, picture
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.figures.style import new_figure
from course_lib.layers import MaxPool2d, conv2d, lenet, passages

NUM_STEPS = 40


def images_figure(images, finding):
    """Return ``(figure, alt)``: images side by side, ``{title: (height, width)}``, all on the scale of the last."""
    figure, axes = new_figure(11, 3.0, ncols=len(images))
    for ax, (title, image) in zip(axes, images.items(), strict=True):
        low, high = grey_limits(np.asarray(image))
        ax.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=14)
    return figure, f"{', '.join(images)}: {finding}."


def _apart(one, other):
    gap = float(np.max(np.abs(one - other)))
    return "the same to rounding" if gap < 1e-9 else f"up to {gap:.2g} apart"


def _forward(function):
    """Vertical and horizontal edges of a picture, with the library's beside them."""
    image = picture(default_picture())[None, None]
    w = np.array([KERNELS["vertical edges"], KERNELS["horizontal edges"]], dtype=float)[:, None]
    yours = np.asarray(function(image, w, np.zeros(2), 1, 1), dtype=float)
    said = f"your maps and the library's are {_apart(yours, conv2d(image, w, None, 1, 1))}"
    show(
        images_figure(
            {"the picture": image[0, 0], "vertical edges": yours[0, 0], "horizontal edges": yours[0, 1]}, said
        )
    )


def _learned(gradients, x, target, num_steps=NUM_STEPS):
    """Losses while gradient descent finds a kernel, and the kernel."""
    w, losses = np.zeros((1, 1, 3, 3)), []
    for _ in range(num_steps):
        error = conv2d(x, w) - target
        losses.append(float(np.mean(error**2)))
        w = w - 0.1 * np.asarray(gradients(x, w, 2 * error / error.size))
    return np.array(losses), w


def _backward(function):
    """An edge kernel is found again from noise and its answer, with the student's d_w."""
    rng, hidden = np.random.default_rng(9), np.array(KERNELS["vertical edges"], dtype=float)[None, None]
    x = rng.normal(size=(1, 1, 16, 16))
    target = conv2d(x, hidden)
    steps = np.arange(NUM_STEPS)
    losses, w = _learned(lambda x, w, d_y: function(x, w, d_y, 1, 0)[1], x, target)
    curves = {"your d_w": (steps, losses)}
    show(curves_figure(curves, "A kernel is learned", "step", "mean squared error", "y"))
    print(f"hidden kernel  {np.round(hidden[0, 0].ravel(), 2) + 0}\nlearned kernel {np.round(w[0, 0].ravel(), 2) + 0}")


def _pool(function):
    """Where the gradient goes on a digit-sized piece of the picture."""
    x = picture(default_picture())[None, None, 6:18, 12:30]
    layer = MaxPool2d(3, 2)
    d_y = np.ones_like(layer.forward(x))
    ours, yours = layer.backward(d_y), np.asarray(function(x, d_y, 3, 2), dtype=float)
    show(
        images_figure(
            {"the input": x[0, 0], "the library's d_x": ours[0, 0], "your d_x": yours[0, 0]},
            f"windows 3 × 3 with stride 2, both are {_apart(yours, ours)}",
        )
    )


def _sizes(function):
    """LeNet's convolutions by the student's function, beside what really runs through the network."""
    rows = {row.name[:2]: row for row in passages(lenet(np.random.default_rng(0)), np.zeros((1, 1, 32, 32)))}
    names, shares = ("C1", "C3"), []
    for name, shape, filters in zip(names, ((1, 32, 32), (6, 14, 14)), (6, 16), strict=True):
        height, width, own, share = (float(value) for value in function(shape, filters, 5, 1, 0))
        shares.append(share)
        real = rows[name]
        print(f"{name}: yours {filters} × {height:g} × {width:g}, {own:g} parameters", end="; ")
        print(f"LeNet has {' × '.join(map(str, real.shape))}, {real.parameters}")
    figure, ax = new_figure(8, 2.6)
    ax.barh(names, shares, color="#0072B2")
    ax.set(xscale="log", xlim=(1e-6, 1), xlabel="share of a dense layer's parameters")
    said = ", ".join(f"{name} {share:.2g}" for name, share in zip(names, shares, strict=True))
    show((figure, f"Share of a dense layer's parameters, LeNet's convolutions: {said}."))


def _layers(function):
    """Layers that the student asks for against the side of the image, kernel 3, stride 1 and 2."""
    sizes = np.arange(1, 65)
    curves = {f"stride {stride}": (sizes, np.array([function(3, stride, int(n)) for n in sizes])) for stride in (1, 2)}
    show(curves_figure(curves, "Kernel 3", "side of the image", "layers until an output sees it all"))
    print(
        "an image of 64 x 64 needs "
        + ", ".join(f"{values[-1]} layers with {name}" for name, (_, values) in curves.items())
    )


def _columns(function):
    """Edges of a picture by one product, with the library's beside them."""
    image = picture(default_picture())[None, None]
    names = "vertical edges", "horizontal edges"
    w = np.array([KERNELS[name] for name in names], dtype=float)[:, None]
    yours, right = np.asarray(function(image, w, np.zeros(2), 1), dtype=float), conv2d(image, w, None, 1, 0)
    said = f"your maps and the library's are {_apart(yours, right)}"
    show(images_figure({"picture": image[0, 0], **dict(zip(names, yours[0], strict=True))}, said))
    print(said)


def _seen(function):
    """Which pixels each place of the output sees, three layers, image of 32 pixels."""
    layers = [(5, 1, 2), (3, 2, 1), (3, 2, 1)]
    size = int(function(layers, 32, 0)[0])
    found = np.array([[float(part) for part in function(layers, 32, place)[1:]] for place in range(size)])
    places = np.arange(size)
    curves = {"first pixel": (places, found[:, 0]), "last pixel": (places, found[:, 1])}
    show(curves_figure(curves, "Kernels 5, 3, 3, strides 1, 2, 2", "place in the output", "pixel of the image"))
    widths = found[:, 1] - found[:, 0] + 1
    print(f"{size} places; in the middle one sees {widths[size // 2]:.0f} pixels, at the border {widths[0]:.0f}")


def _merged(function):
    """A picture blurred and then searched for edges, by two layers and by the student's one."""
    image = picture(default_picture())[None, None]
    blur, edges = (np.array(KERNELS[name], dtype=float)[None, None] for name in ("blur", "vertical edges"))
    w, b, stride = function(blur, np.zeros(1), 1, edges, np.zeros(1), 2)
    w, stride = np.asarray(w, dtype=float), int(stride)
    two = conv2d(conv2d(image, blur), edges, stride=2)
    one = conv2d(image, w, np.asarray(b, dtype=float), stride=stride)
    said = f"your layer and the two are {_apart(one, two)}"
    show(images_figure({"your kernel": w[0, 0], "two layers": two[0, 0], "your one layer": one[0, 0]}, said))
    print(f"{said}; kernel {w.shape[2]} x {w.shape[3]}, stride {stride}")


LOOKS = {
    "09-1": _forward,
    "09-2": _backward,
    "09-3": _pool,
    "09-4": _sizes,
    "09-5": _layers,
    "09-6": _columns,
    "09-7": _seen,
    "09-8": _merged,
}
