"""How many images a second a device trains on, by batch size and precision, and how long a training takes.

The measured table of a device is kept in ``throughput.json`` beside this file; ``benchmarks/cnn.py`` writes it.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.hardware import autocast, layout, memory_ran_out, native
from course_lib.chapters.ch10_cnn_training.experiments.settings import Settings, make_optimizer
from course_lib.chapters.ch10_cnn_training.experiments.training import train_network
from course_lib.devices import device_clock, device_name, require_torch
from course_lib.torch_nets import NETWORKS

FILE = Path(__file__).with_suffix(".json")
ON_CPU = {"batch_sizes": (1, 4, 16, 64, 256), "precisions": ("float32", "bfloat16"), "seconds": 0.4}
ON_CARD = {
    "batch_sizes": (1, 16, 64, 256, 1024, 4096, 16384),
    "precisions": ("float32", "bfloat16", "float16"),
    "seconds": 1.0,
}
WARM_UP = 3  # steps
FLOAT16_SCALE = 1024.0


def finish(device):
    """Wait until the card has done all it was told to; the CPU has already."""
    torch = require_torch()
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def images_a_second(
    network,
    image_shape,
    batch_size,
    device,
    precision="float32",
    channels_last=False,
    compile=False,
    seconds=0.3,
    seed=0,
):
    """Images a second in training steps (forward, backward, update) on random images that lie on the device already.

    Warms up first, then runs for about ``seconds`` without waiting for the device in between; the clock
    (``device_clock``) is read when the device has finished. float16 has a fixed scale of its loss here: a scaler that
    looks for overflows asks the card after every step, and would be timed along.
    Returns 0.0 where a batch does not fit into its memory.
    """
    torch = require_torch()
    order = layout(channels_last)
    network = network.to(device, **order).train()
    generator = torch.Generator().manual_seed(seed)
    scale = FLOAT16_SCALE if precision == "float16" else 1.0
    try:
        x = torch.randn(batch_size, *image_shape, generator=generator).to(device, **order)
        y = torch.randint(10, (batch_size,), generator=generator).to(device)
        optimizer = make_optimizer(network, Settings(optimizer="momentum", learning_rate=1e-4 / scale))
        forward = torch.compile(network) if compile else network

        def step():
            optimizer.zero_grad(set_to_none=True)
            with autocast(torch.device(device), precision):
                loss = torch.nn.functional.cross_entropy(forward(x), y)
            (scale * loss).backward()
            optimizer.step()

        return batch_size / seconds_a_step(step, device, seconds)
    except RuntimeError as error:
        if memory_ran_out(error):
            return 0.0
        raise


def seconds_a_step(step, device, seconds):
    """The mean time of ``step``, after a warm-up, over as many as take about ``seconds``; one wait, at the end."""
    clock = device_clock(device)

    def spent(num_steps):
        start = clock()
        for _ in range(num_steps):
            step()
        finish(device)
        return clock() - start

    spent(WARM_UP)  # loads kernels, compiles, fills caches
    num_steps = max(5, round(seconds * WARM_UP / max(spent(WARM_UP), 1e-6)))
    return spent(num_steps) / num_steps


def fit_step_time(batch_sizes, rates):
    """``(fixed, per_image)`` seconds: the straight line through the time of a step against the batch size.

        t(m) = fixed + per_image * m,   images a second = m / t(m)    (10.7)

    Least squares on relative errors, so that small batches count as much as large ones.
    """
    fitting = np.asarray(rates, dtype=float) > 0  # 0: the batch did not fit into the memory
    m = np.asarray(batch_sizes, dtype=float)[fitting]
    times = m / np.asarray(rates, dtype=float)[fitting]  # (10.7)
    columns = np.stack([np.ones_like(m), m], axis=1) / times[:, None]
    fixed, per_image = np.linalg.lstsq(columns, np.ones_like(m), rcond=None)[0]
    return float(fixed), float(per_image)


def throughput(
    device,
    network="LeNet",
    image_shape=(1, 28, 28),
    batch_sizes=None,
    precisions=None,
    seconds=None,
    layouts=(False,),
    say=lambda text: None,
):
    """``{precision: {batch_size: images a second}}`` of one network; sizes as suit the device where left out.

    ``layouts``: whether channels come last in memory, one or both; rows with channels last are named
    "bfloat16, channels last".
    """
    sizes = ON_CARD if device.type == "cuda" else ON_CPU
    table = {}
    for precision in precisions or [kind for kind in sizes["precisions"] if native(kind, device)]:
        for last in layouts:
            row = table[f"{precision}, channels last" if last else precision] = {}
            for batch_size in batch_sizes or sizes["batch_sizes"]:
                net = NETWORKS[network](image_shape, seed=0)
                row[batch_size] = images_a_second(
                    net, image_shape, batch_size, device, precision, last, seconds=seconds or sizes["seconds"]
                )
                say(f"{network}, {list(table)[-1]}, batch {batch_size}: {row[batch_size]:,.0f} images/s")
    return table


def seconds_to_share(history, share=0.99):
    """Seconds of training until the validation accuracy first reached ``share`` of where it ends."""
    goal = share * history.accuracy
    spent = np.cumsum([epoch.seconds for epoch in history.epochs])
    return float(spent[int(np.argmax([epoch.validation.accuracy >= goal for epoch in history.epochs]))])


def time_to_accuracy(device, images, num_epochs=10, network="LeNet", **settings):
    """Train on ``images``; return final accuracy, seconds to 99 % of it, and the whole of the seconds."""
    net = NETWORKS[network](images.shape, batchnorm=True, seed=0)
    chosen = replace(Settings(num_epochs=num_epochs), **settings)
    if device.type == "cuda":  # the first kernels are slow to load; they are not what is measured
        train_network(
            NETWORKS[network](images.shape, batchnorm=True, seed=0), images, replace(chosen, num_epochs=1), device
        )
    history = train_network(net, images, chosen, device)
    return {
        "accuracy": history.accuracy,
        "seconds to 99 %": seconds_to_share(history),
        "seconds": sum(epoch.seconds for epoch in history.epochs),
    }


# --- What is stored ----------------------------------------------------------------------------------------


def stored(path=FILE):
    """The list of stored results, one a device; empty where there is none."""
    return json.loads(Path(path).read_text(encoding="utf-8")) if Path(path).is_file() else []


def store(result, path=FILE):
    """Add ``result`` to the stored ones; an older one of this device is replaced."""
    others = [old for old in stored(path) if old["device"] != result["device"]]
    text = json.dumps([*others, result], indent=1)
    Path(path).write_text(text + "\n", encoding="utf-8")


def float32_products(device):
    """In which format a card multiplies float32 numbers: PyTorch lets cuDNN's convolutions take TF32 by default.

    TF32 has float32's range and 10 bits of fraction. Nothing of this course changes the switches.
    """
    backends = require_torch().backends
    if device.type != "cuda":
        return "float32"
    kinds = {True: "TF32", False: "float32"}
    convolutions, matrices = kinds[backends.cudnn.allow_tf32], kinds[backends.cuda.matmul.allow_tf32]
    return f"convolutions in {convolutions}, matrix products in {matrices}"


def measure_device(device, images, num_epochs=10, say=print, **sizes):
    """Everything that is stored about ``device``: its name, throughput of both networks, time to accuracy.

    Both networks, every precision and both layouts are run on any device, so that the rows of two devices compare.
    """
    torch = require_torch()
    return {
        "device": device_name(device),
        "kind": device.type,
        "torch": torch.__version__,
        "float32 products": float32_products(device),
        "images a second": {
            name: throughput(device, name, say=say, layouts=(False, True), **sizes) for name in NETWORKS
        },
        "time to accuracy": {"images": images.name, **time_to_accuracy(device, images, num_epochs)},
    }


def speed_up(card, processor):
    """``{network: ratio}`` of the best throughputs of two stored results, in float32."""
    return {
        name: max(table["float32"].values()) / max(processor["images a second"][name]["float32"].values())
        for name, table in card["images a second"].items()
    }


def table_text(results=None):
    """The stored results as text: device by device, images a second by batch size and precision, time to accuracy."""
    results = stored() if results is None else results
    lines = []
    for result in results:
        lines.append(f"{result['device']}, PyTorch {result['torch']}")
        if "TF32" in (products := result.get("float32 products", "")):
            lines.append(f"  float32 here means: {products}")
        for name, table in result["images a second"].items():
            for precision, rates in table.items():
                cells = ", ".join(f"{size}: {rate:,.0f}" if rate else f"{size}: -" for size, rate in rates.items())
                lines.append(f"  {name}, {precision}: images/s by batch size {cells}")
        reached = result["time to accuracy"]
        lines.append(
            f"  LeNet on {reached['images']}: {reached['accuracy']:.1%}; 99 % of that after "
            f"{reached['seconds to 99 %']:.1f} s"
        )
        if "speed-up over this machine's CPU" in result:
            ratios = result["speed-up over this machine's CPU"].items()
            lines.append(
                "  over this machine's CPU: " + ", ".join(f"{name} {ratio:.0f} times" for name, ratio in ratios)
            )
    if not any(result["kind"] == "cuda" for result in results):
        lines.append(
            "GPU: no result is stored yet. With a CUDA card, python benchmarks/cnn.py measures and stores one."
        )
    return "\n".join(lines)
