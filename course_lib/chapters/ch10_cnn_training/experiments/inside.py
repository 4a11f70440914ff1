"""What is inside a trained network: its filters, its feature maps, and which part of an image speaks for a reading."""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.training import evaluating
from course_lib.devices import require_torch
from course_lib.torch_nets import weighted_layers


class Evidence(NamedTuple):
    """``lead``: z_read - z_label of the whole image. ``places (H - side + 1, W - side + 1)``: what each square adds."""

    lead: float
    places: np.ndarray


def filters(network, layer="conv 1"):
    """A copy of the weights of a layer, ``(maps, channels, height, width)`` for a convolution."""
    return weighted_layers(network)[layer].weight.detach().cpu().numpy().copy()


def feature_maps(network, image):
    """``{layer: (maps, height, width)}`` of one image ``(channels, height, width)``: what each convolution gives."""
    torch, found = require_torch(), {}
    convolutions = {name: layer for name, layer in weighted_layers(network).items() if name.startswith("conv")}

    def keep(name):
        return lambda layer, inputs, output: found.update({name: output[0].float().cpu().numpy()})

    hooks = [layer.register_forward_hook(keep(name)) for name, layer in convolutions.items()]
    try:
        with evaluating(network), torch.inference_mode():
            network(_batch(network, image[None]))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def evidence(network, image, read, label, side=5):
    """How much each place of ``image`` speaks for ``read`` and against ``label``: ``Evidence``.

    A square of ``side`` pixels is covered with the median of each channel, the ground of most images:

        E = (z_read - z_label)(x) - (z_read - z_label)(x covered)

    Above 0: what is covered there spoke for ``read``. Source: Zeiler and Fergus 2014, section 4.2 (occlusion).
    """
    torch = require_torch()
    corners, covered = _covered(np.asarray(image, dtype=np.float32), side)
    with evaluating(network), torch.inference_mode():
        logits = network(_batch(network, np.concatenate([image[None], covered]))).float().cpu().numpy()
    gap = logits[:, read] - logits[:, label]
    return Evidence(float(gap[0]), (gap[0] - gap[1:]).reshape(corners))


def products_an_image(network, image_shape):
    """Multiplications of one image's forward pass, in convolutions and linear layers; a training step takes thrice.

    A convolution takes each of its weights once at every place of its output.
    """
    places = {name: maps[0].size for name, maps in feature_maps(network, np.zeros(image_shape, np.float32)).items()}
    return sum(layer.weight.numel() * places.get(name, 1) for name, layer in weighted_layers(network).items())


def _covered(image, side):
    """``((rows, columns), images)``: one image for each place of the square."""
    _, height, width = image.shape
    rows, columns = height - side + 1, width - side + 1
    if min(rows, columns) < 1:
        raise ValueError(f"A square of {side} pixels does not fit into an image of {height} x {width}: take a smaller.")
    ground = np.median(image, axis=(1, 2))[:, None, None]
    covered = np.repeat(image[None], rows * columns, axis=0)
    for number, (row, column) in enumerate(np.ndindex(rows, columns)):
        covered[number, :, row : row + side, column : column + side] = ground
    return (rows, columns), covered


def _batch(network, images):
    return require_torch().as_tensor(images, device=next(network.parameters()).device)
