"""Right answers to the exercises of chapter 9, written differently."""

import math

import numpy as np


def conv_forward(x, w, b, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = w.shape[2:]
    height, width = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    y = np.zeros((len(x), len(w), height, width))
    for i in range(height):
        for j in range(width):
            patch = x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = np.einsum("ncpq,ocpq->no", patch, w)
    return y + b[:, None, None]


def conv_forward_with_seven_loops(x, w, b, stride, padding):
    (num, channels, h, wid), (filters, _, kh, kw) = x.shape, w.shape
    oh, ow = (h + 2 * padding - kh) // stride + 1, (wid + 2 * padding - kw) // stride + 1
    y = [[[[float(b[o]) for _ in range(ow)] for _ in range(oh)] for o in range(filters)] for _ in range(num)]
    for n in range(num):
        for o in range(filters):
            for i in range(oh):
                for j in range(ow):
                    for c in range(channels):
                        for p in range(kh):
                            for q in range(kw):
                                row, column = i * stride + p - padding, j * stride + q - padding
                                if 0 <= row < h and 0 <= column < wid:
                                    y[n][o][i][j] += w[o, c, p, q] * x[n, c, row, column]
    return y


def conv_forward_weight_by_weight(x, w, b, stride, padding):
    padded = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    oh, ow = ((padded.shape[k] - w.shape[k]) // stride + 1 for k in (2, 3))
    y = np.broadcast_to(b[None, :, None, None], (len(x), len(b), oh, ow)).copy()
    for p in range(w.shape[2]):
        for q in range(w.shape[3]):
            seen = padded[:, :, p : p + stride * (oh - 1) + 1 : stride, q : q + stride * (ow - 1) + 1 : stride]
            y += np.tensordot(w[:, :, p, q], seen, axes=(1, 1)).swapaxes(0, 1)
    return y


def conv_forward_im2col(x, w, b, stride, padding):
    x = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, oh, ow, kh, kw = view.shape
    columns = view.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)
    return (columns @ w.reshape(len(w), -1).T + b).reshape(n, oh, ow, -1).transpose(0, 3, 1, 2)


def conv_forward_by_fourier(x, w, b, stride, padding):
    x = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
    size = [x.shape[k] + w.shape[k] - 1 for k in (2, 3)]
    spectrum = np.einsum("nchw,ochw->nohw", np.fft.rfft2(x, size), np.fft.rfft2(w[:, :, ::-1, ::-1], size))
    full = np.fft.irfft2(spectrum, size)
    y = full[:, :, w.shape[2] - 1 : x.shape[2] : stride, w.shape[3] - 1 : x.shape[3] : stride]
    return y + b.reshape(1, -1, 1, 1)


def conv_forward_thinned(x, w, b, stride, padding):
    every = conv_forward(x, w, np.zeros(len(w)), 1, padding)
    return every[:, :, ::stride, ::stride] + b[None, :, None, None]


def conv_backward(x, w, d_y, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    d_padded, d_w = np.zeros_like(padded), np.zeros_like(w)
    kh, kw = w.shape[2:]
    for i in range(d_y.shape[2]):
        for j in range(d_y.shape[3]):
            place = np.s_[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            d_w += np.einsum("no,ncpq->ocpq", d_y[:, :, i, j], padded[place])
            d_padded[place] += np.einsum("no,ocpq->ncpq", d_y[:, :, i, j], w)
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return d_x, d_w, d_y.sum(axis=(0, 2, 3))


def conv_backward_with_loops(x, w, d_y, stride, padding):
    d_x, d_w, d_b = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, o, i, j in np.ndindex(d_y.shape):
        d_b[o] += d_y[n, o, i, j]
        for c, p, q in np.ndindex(w.shape[1:]):
            row, column = i * stride + p - padding, j * stride + q - padding
            if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                d_w[o, c, p, q] += d_y[n, o, i, j] * x[n, c, row, column]
                d_x[n, c, row, column] += d_y[n, o, i, j] * w[o, c, p, q]
    return [d_x, d_w, d_b]


def conv_backward_as_two_convolutions(x, w, d_y, stride, padding):
    (num, channels, h, wid), (filters, _, kh, kw) = x.shape, w.shape
    zero = np.zeros
    apart = zero((num, filters, h + 2 * padding - kh + 1, wid + 2 * padding - kw + 1))
    apart[:, :, ::stride, ::stride][:, :, : d_y.shape[2], : d_y.shape[3]] = d_y
    turned = w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    wide = np.pad(apart, [(0, 0), (0, 0), (kh - 1,) * 2, (kw - 1,) * 2])
    d_padded = conv_forward(wide, turned, zero(channels), 1, 0)
    d_x = d_padded[:, :, padding : h + padding, padding : wid + padding]
    padded = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
    d_w = conv_forward(padded.swapaxes(0, 1), apart.swapaxes(0, 1), zero(filters), 1, 0).swapaxes(0, 1)
    return d_x, d_w, np.einsum("nohw->o", d_y)


def conv_backward_by_the_matrix(x, w, d_y, stride, padding):
    def columns(image):
        padded = np.pad(image, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
        view = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
        return view.transpose(0, 1, 4, 5, 2, 3).reshape(len(image), -1, d_y.shape[2] * d_y.shape[3])

    flat = d_y.reshape(*d_y.shape[:2], -1)
    d_w = sum(d @ c.T for d, c in zip(flat, columns(x), strict=True)).reshape(w.shape)
    back = np.matmul(w.reshape(len(w), -1).T, flat)
    unit = np.eye(x[0].size).reshape(-1, *x.shape[1:])
    return np.einsum("nkl,ukl->nu", back, columns(unit)).reshape(x.shape), d_w, flat.sum((0, 2))


def conv_backward_weight_by_weight(x, w, d_y, stride, padding):
    padded = np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2])
    d_padded, d_w = np.zeros(padded.shape), np.zeros(w.shape)
    for p, q in np.ndindex(w.shape[2:]):
        rows, columns = (slice(k, k + stride * n, stride) for k, n in zip((p, q), d_y.shape[2:], strict=True))
        d_w[:, :, p, q] = np.einsum("nohw,nchw->oc", d_y, padded[:, :, rows, columns])
        d_padded[:, :, rows, columns] += np.einsum("nohw,oc->nchw", d_y, w[:, :, p, q])
    d_x = d_padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return d_x.tolist(), d_w, [part.sum() for part in d_y.swapaxes(0, 1)]


def max_pool_backward(x, d_y, size, stride):
    d_x = np.zeros_like(x)
    for n, c, i, j in np.ndindex(d_y.shape):
        window = x[n, c, i * stride : i * stride + size, j * stride : j * stride + size]
        row, column = np.unravel_index(np.argmax(window), window.shape)
        d_x[n, c, i * stride + row, j * stride + column] += d_y[n, c, i, j]
    return d_x


def max_pool_backward_by_searching(x, d_y, size, stride):
    d_x = [[[[0.0] * x.shape[3] for _ in range(x.shape[2])] for _ in channel] for channel in x]
    for n, c, i, j in np.ndindex(d_y.shape):
        best = None
        for p in range(i * stride, i * stride + size):
            for q in range(j * stride, j * stride + size):
                if best is None or x[n, c, p, q] > x[n, c, best[0], best[1]]:
                    best = p, q
        d_x[n][c][best[0]][best[1]] += d_y[n, c, i, j]
    return d_x


def max_pool_backward_with_add_at(x, d_y, size, stride):
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    winner = view.reshape(*view.shape[:4], -1).argmax(axis=-1)
    n, c, i, j = np.indices(winner.shape)
    d_x = np.zeros(x.shape)
    np.add.at(d_x, (n, c, i * stride + winner // size, j * stride + winner % size), d_y)
    return d_x


def max_pool_backward_with_one_hot(x, d_y, size, stride=None):
    stride, d_x = stride or size, 0 * x
    for i, j in np.ndindex(d_y.shape[2:]):
        place = np.s_[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
        winner = x[place].reshape(*x.shape[:2], -1).argmax(axis=-1)
        d_x[place] += (np.eye(size * size)[winner] * d_y[:, :, i, j, None]).reshape(*x.shape[:2], size, size)
    return d_x


def layer_sizes(shape, filters, kernel, stride, padding):
    channels, height, width = shape
    out_height = (height + 2 * padding - kernel) // stride + 1
    out_width = (width + 2 * padding - kernel) // stride + 1
    parameters = (channels * kernel * kernel + 1) * filters
    dense = (channels * height * width + 1) * filters * out_height * out_width
    return out_height, out_width, parameters, parameters / dense


def layer_sizes_by_counting(shape, filters, kernel, stride, padding):
    places = [len(range(0, side + 2 * padding - kernel + 1, stride)) for side in shape[1:]]
    own = np.zeros((filters, shape[0], kernel, kernel)).size + filters
    units = filters * places[0] * places[1]
    return places[0], places[1], own, own / (np.prod(shape) * units + units)


def layer_sizes_in_floats(shape, filters, kernel, stride, padding):
    channels, *sides = (float(side) for side in shape)
    out = [np.floor((side + 2 * padding - kernel) / stride + 1) for side in sides]
    own = channels * kernel**2 * filters + filters
    return [*out, own, own / ((channels * sides[0] * sides[1] + 1) * filters * out[0] * out[1])]


def layers_needed(kernel, stride, size):
    field, jump, number = 1, 1, 0
    while field < size:
        field, jump, number = field + (kernel - 1) * jump, jump * stride, number + 1
    return number


def layers_needed_closed(kernel, stride, size):
    if stride == 1:
        return math.ceil((size - 1) / (kernel - 1))
    return math.ceil(math.log((size - 1) * (stride - 1) / (kernel - 1) + 1, stride) - 1e-9)


def layers_needed_backwards(kernel, stride, size):
    number = 0
    while 1 + sum((kernel - 1) * stride**layer for layer in range(number)) < size:
        number += 1
    return number


def conv_by_columns(x, w, b, stride):
    filters, _, kh, kw = w.shape
    height, width = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    columns = []
    for i in range(0, height * stride, stride):
        for j in range(0, width * stride, stride):
            columns.append(x[:, :, i : i + kh, j : j + kw].reshape(len(x), -1))
    products = np.stack(columns, axis=1) @ w.reshape(filters, -1).T + b
    return products.reshape(len(x), height, width, filters).transpose(0, 3, 1, 2)


def conv_by_columns_of_views(x, w, b, stride):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,ocij->nohw", windows, w) + b[:, None, None]


def conv_by_columns_the_other_way_round(x, w, b, stride):
    """Filters times columns, image by image: the maps come out in front."""
    kh, kw = w.shape[2:]
    height, width = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    maps = []
    for image in x:
        columns = [
            image[:, i * stride : i * stride + kh, j * stride : j * stride + kw].ravel()
            for i in range(height)
            for j in range(width)
        ]
        maps.append((w.reshape(len(w), -1) @ np.array(columns).T + b[:, None]).reshape(-1, height, width))
    return np.array(maps)


def pixels_seen(layers, size, place):
    sizes = [size]
    for kernel, stride, padding in layers:
        sizes.append((sizes[-1] + 2 * padding - kernel) // stride + 1)
    first = last = place
    for (kernel, stride, padding), width in zip(reversed(layers), reversed(sizes[:-1]), strict=True):
        first = max(first * stride - padding, 0)
        last = min(last * stride - padding + kernel - 1, width - 1)
    return sizes[-1], first, last


def pixels_seen_by_derivatives(layers, size, place):
    """Each layer as a matrix of ones and zeros; their product says what depends on what."""
    total = np.eye(size)
    for kernel, stride, padding in layers:
        width = len(total)
        height = math.floor((width + 2 * padding - kernel) / stride) + 1
        matrix = np.zeros((height, width + 2 * padding))
        for i in range(height):
            matrix[i, i * stride : i * stride + kernel] = 1
        total = np.minimum(matrix[:, padding : padding + width] @ total, 1)
    pixels = np.flatnonzero(total[place])
    return np.array([len(total), pixels[0], pixels[-1]])


def pixels_seen_by_recursion(layers, size, place):
    if not layers:
        return [size, place, place]
    kernel, stride, padding = layers[0]
    inner = 1 + (size - kernel + 2 * padding) // stride
    total, first, last = pixels_seen_by_recursion(layers[1:], inner, place)
    return [total, max(0, first * stride - padding), min(size - 1, last * stride - padding + kernel - 1)]


def merged_layer(w1, b1, stride1, w2, b2, stride2):
    (kh, kw), (lh, lw) = w1.shape[2:], w2.shape[2:]
    w = np.zeros((len(w2), w1.shape[1], (lh - 1) * stride1 + kh, (lw - 1) * stride1 + kw))
    for p in range(lh):
        for q in range(lw):
            top, left = p * stride1, q * stride1
            w[:, :, top : top + kh, left : left + kw] += np.tensordot(w2[:, :, p, q], w1, axes=1)
    return w, b2 + w2.sum(axis=(2, 3)) @ b1, stride1 * stride2


def merged_layer_weight_by_weight(w1, b1, stride1, w2, b2, stride2):
    shape = [(second - 1) * stride1 + first for first, second in zip(w1.shape[2:], w2.shape[2:], strict=True)]
    w, b = np.zeros((w2.shape[0], w1.shape[1], *shape)), b2.astype(float)
    for o, m, p, q in np.ndindex(w2.shape):
        b[o] += w2[o, m, p, q] * b1[m]
        for c, i, j in np.ndindex(w1.shape[1:]):
            w[o, c, stride1 * p + i, stride1 * q + j] += w2[o, m, p, q] * w1[m, c, i, j]
    return [w, b, stride2 * stride1]


def merged_layer_from_its_spectrum(w1, b1, stride1, w2, b2, stride2):
    """The second kernel is spread by the stride; then kernels convolve, which are products of their transforms."""
    spread = np.zeros((*w2.shape[:2], *((np.array(w2.shape[2:]) - 1) * stride1 + 1)))
    spread[:, :, ::stride1, ::stride1] = w2
    sides = [a + b - 1 for a, b in zip(spread.shape[2:], w1.shape[2:], strict=True)]
    one, two = np.fft.rfft2(w1, sides), np.fft.rfft2(spread, sides)
    w = np.fft.irfft2(np.einsum("ompq,mcpq->ocpq", two, one), sides)
    return w, b2 + np.einsum("omij,m->o", w2, b1), stride1 * stride2


ANSWERS = {
    "09-1": (
        conv_forward,
        conv_forward_with_seven_loops,
        conv_forward_weight_by_weight,
        conv_forward_im2col,
        conv_forward_by_fourier,
        conv_forward_thinned,
    ),
    "09-2": (
        conv_backward,
        conv_backward_with_loops,
        conv_backward_as_two_convolutions,
        conv_backward_by_the_matrix,
        conv_backward_weight_by_weight,
    ),
    "09-3": (
        max_pool_backward,
        max_pool_backward_by_searching,
        max_pool_backward_with_add_at,
        max_pool_backward_with_one_hot,
    ),
    "09-4": (layer_sizes, layer_sizes_by_counting, layer_sizes_in_floats),
    "09-5": (layers_needed, layers_needed_closed, layers_needed_backwards),
    "09-6": (conv_by_columns, conv_by_columns_of_views, conv_by_columns_the_other_way_round),
    "09-7": (pixels_seen, pixels_seen_by_derivatives, pixels_seen_by_recursion),
    "09-8": (merged_layer, merged_layer_weight_by_weight, merged_layer_from_its_spectrum),
}
