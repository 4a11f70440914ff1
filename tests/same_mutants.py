"""Mutants of solutions that earn all points by right, for what reason: ``SAME[reason]`` lists ``(exercise id, what is changed)``."""

# ruff: noqa: E501

SAME = {
    "The smaller of two numbers is the same in any order.": (
        (
            "11-6",
            "- limit = min(longest, int(shortest + share / pace * (longest - shortest + 1))) + limit = min(int(shortest + share / pace * (longest - shortest + 1)), longest)",
        ),
    ),
    "Statements that do not need each other change places.": (
        (
            "10-8",
            "+ skip = x if w_skip is None else conv2d(x, w_skip, stride=stride) - skip = x if w_skip is None else conv2d(x, w_skip, stride=stride)",
        ),
        (
            "11-1",
            "+ d_weight_h = np.einsum('nth,ntk->hk', delta, states[:, :-1]) - d_weight_h = np.einsum('nth,ntk->hk', delta, states[:, :-1])",
        ),
        (
            "11-3",
            "+ factor = max_norm / norm if norm > max_norm else 1.0 - factor = max_norm / norm if norm > max_norm else 1.0",
        ),
        ("01-1", "+ d_weight = d_y.T @ x - d_weight = d_y.T @ x"),
        ("01-1", "+ d_bias = d_y.sum(axis=0) - d_bias = d_y.sum(axis=0)"),
        ("01-4", "+ tangent = x[1] * y[0] + x[0] * y[1] - tangent = x[1] * y[0] + x[0] * y[1]"),
        ("04-5", "+ rho = 1 / (y @ s) - rho = 1 / (y @ s)"),
        (
            "05-4",
            "+ m_hat = first_moment / (1 - beta1 ** t) - m_hat = first_moment / (1 - beta1 ** t)",
        ),
        (
            "05-4",
            "+ v_hat = second_moment / (1 - beta2 ** t) - v_hat = second_moment / (1 - beta2 ** t)",
        ),
        (
            "05-5",
            "+ m_hat = first_moment / (1 - beta1 ** t) - m_hat = first_moment / (1 - beta1 ** t)",
        ),
        (
            "05-5",
            "+ v_hat = second_moment / (1 - beta2 ** t) - v_hat = second_moment / (1 - beta2 ** t)",
        ),
        (
            "06-1",
            "+ forward = np.empty(len(weight_variances)) - forward = np.empty(len(weight_variances))",
        ),
        (
            "06-1",
            "+ backward = np.empty(len(weight_variances)) - backward = np.empty(len(weight_variances))",
        ),
        (
            "07-4",
            "+ var = groups.var(axis=2, keepdims=True) - var = groups.var(axis=2, keepdims=True)",
        ),
        (
            "07-7",
            "+ var = x.var(axis=(0, 2, 3), keepdims=True) - var = x.var(axis=(0, 2, 3), keepdims=True)",
        ),
        (
            "10-3",
            "+ rates = lowest * (highest / lowest) ** np.linspace(0, 1, len(batches)) - rates = lowest * (highest / lowest) ** np.linspace(0, 1, len(batches))",
        ),
        (
            "10-3",
            "+ losses = [] - losses = []",
        ),
        (
            "06-1",
            "- backward = np.empty(len(weight_variances)) + backward = np.empty(len(weight_variances))",
        ),
        (
            "05-4",
            "+ second_moment = beta2 * second_moment + (1 - beta2) * g ** 2 - second_moment = beta2 * second_moment + (1 - beta2) * g ** 2",
        ),
        (
            "05-5",
            "+ second_moment = beta2 * second_moment + (1 - beta2) * g ** 2 - second_moment = beta2 * second_moment + (1 - beta2) * g ** 2",
        ),
        (
            "06-1",
            "+ for layer in reversed(range(len(weight_variances))): + down = backward[layer] = widths[layer + 1] * weight_variances[layer] * keep * down - for layer in reversed(range(len(weight_variances))): - down = backward[layer] = widths[layer + 1] * weight_variances[layer] * keep * down",
        ),
        (
            "07-2",
            "+ by_variance = x_hat * (d_x_hat * x_hat).mean(axis=0) - by_variance = x_hat * (d_x_hat * x_hat).mean(axis=0)",
        ),
        (
            "07-3",
            "+ running_var = running_decay * running_var + (1 - running_decay) * x.var(axis=0, ddof=1) - running_var = running_decay * running_var + (1 - running_decay) * x.var(axis=0, ddof=1)",
        ),
        ("08-1", "+ keep = 1 - drop_rate - keep = 1 - drop_rate"),
        (
            "09-2",
            "+ d_x = d_padded[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]] - d_x = d_padded[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]]",
        ),
        (
            "09-2",
            "+ d_padded[window] += np.einsum('no,ocpq->ncpq', d_y[:, :, i, j], w) - d_padded[window] += np.einsum('no,ocpq->ncpq', d_y[:, :, i, j], w)",
        ),
        (
            "09-4",
            "+ out_width = (width + 2 * padding - kernel) // stride + 1 - out_width = (width + 2 * padding - kernel) // stride + 1",
        ),
        (
            "09-4",
            "+ parameters = (kernel * kernel * channels + 1) * filters - parameters = (kernel * kernel * channels + 1) * filters",
        ),
        (
            "09-4",
            "+ dense = (channels * height * width + 1) * filters * out_height * out_width - dense = (channels * height * width + 1) * filters * out_height * out_width",
        ),
        ("10-1", "+ optimizer.zero_grad() - optimizer.zero_grad()"),
        ("10-1", "+ loss = loss_function(model(x), y) - loss = loss_function(model(x), y)"),
        ("10-2", "+ loss_sum = right = seen = 0 - loss_sum = right = seen = 0"),
        (
            "10-2",
            "+ right += (logits.argmax(dim=1) == y).sum().item() - right += (logits.argmax(dim=1) == y).sum().item()",
        ),
        ("10-2", "+ seen += len(y) - seen += len(y)"),
        (
            "10-3",
            "+ finite = [loss for loss in losses if math.isfinite(loss)] - finite = [loss for loss in losses if math.isfinite(loss)]",
        ),
        ("10-3", "+ optimizer.zero_grad() - optimizer.zero_grad()"),
        ("10-3", "+ loss = loss_function(model(x), y) - loss = loss_function(model(x), y)"),
        ("10-3", "+ losses.append(loss.item()) - losses.append(loss.item())"),
    ),
    "Both have as many rows or the same shape.": (
        (
            "09-8",
            "- w = np.zeros((w2.shape[0], w1.shape[1], (lh - 1) * stride1 + kh, (lw - 1) * stride1 + kw)) + w = np.zeros((b2.shape[0], w1.shape[1], (lh - 1) * stride1 + kh, (lw - 1) * stride1 + kw))",
        ),
        ("01-2", "- loss = -np.sum(target * log_p) / len(scores) + loss = -np.sum(target * log_p) / len(target)"),
        (
            "01-2",
            "- return (loss, (np.exp(log_p) - target) / len(scores)) + return (loss, (np.exp(log_p) - target) / len(target))",
        ),
        (
            "04-5",
            "- left = np.eye(len(s)) - rho * np.outer(s, y) + left = np.eye(len(inverse_hessian)) - rho * np.outer(s, y)",
        ),
        ("04-5", "- left = np.eye(len(s)) - rho * np.outer(s, y) + left = np.eye(len(y)) - rho * np.outer(s, y)"),
        (
            "04-6",
            "- return x.T @ (da * slope + (a - y) * (-2 * a * da)) / len(x) + return x.T @ (da * slope + (a - y) * (-2 * a * da)) / len(y)",
        ),
        ("08-1", "- scaled_mask = (draw(x.shape) < keep) / keep + scaled_mask = (draw(d_y.shape) < keep) / keep"),
        ("09-1", "- y = np.zeros((len(x), len(w), height, width)) + y = np.zeros((len(x), len(b), height, width))"),
    ),
    "A list is taken as an array is, and a number as an array that holds one.": (
        (
            "01-4",
            "- return np.array([function(product), slope(product) * tangent]) + return [function(product), slope(product) * tangent]",
        ),
        ("02-1", "- order = permutation(len(samples)).astype(int) + order = permutation(len(samples))"),
        ("02-2", "- return np.array(thetas) + return thetas"),
        (
            "10-3",
            "- return (list(rates[:len(losses)]), losses, rates[int(np.argmin(falls)) if len(falls) else 0]) + return (rates[:len(losses)], losses, rates[int(np.argmin(falls)) if len(falls) else 0])",
        ),
        ("10-3", "- group['lr'] = float(rate) + group['lr'] = rate"),
        (
            "10-2",
            "- loss_sum += loss_function(logits, y).item() * len(y) + loss_sum += loss_function(logits, y) * len(y)",
        ),
    ),
    "Where the norm is max_norm, the factor is 1.": (
        (
            "11-3",
            "- factor = max_norm / norm if norm > max_norm else 1.0 + factor = max_norm / norm if norm >= max_norm else 1.0",
        ),
    ),
    "Every entry is written before it is read.": (
        ("11-1", "- delta, coming = (np.zeros_like(d_states), 0.0) + delta, coming = (np.ones_like(d_states), 0.0)"),
        ("01-5", "- gradient = np.zeros(len(theta)) + gradient = np.ones(len(theta))"),
        ("09-1", "- y = np.zeros((len(x), len(w), height, width)) + y = np.ones((len(x), len(w), height, width))"),
    ),
    "What comes back is compared by its values: from the confined process of grading comes a copy.": (
        ("04-5", "- return inverse_hessian.copy() + return inverse_hessian"),
        ("08-1", "- return (x.copy(), d_y.copy()) + return (x, d_y.copy())"),
        ("08-1", "- return (x.copy(), d_y.copy()) + return (x.copy(), d_y)"),
    ),
    "Differs only where a drawn number equals the probability, which none ever does.": (
        ("08-1", "- scaled_mask = (draw(x.shape) < keep) / keep + scaled_mask = (draw(x.shape) <= keep) / keep"),
        (
            "08-4",
            "- scores = hidden * (uniform < keep) / keep @ weight.T + bias + scores = hidden * (uniform <= keep) / keep @ weight.T + bias",
        ),
    ),
    "Differs only where no loss at all is a number: the statement names no best epoch for that.": (
        (
            "08-2",
            "- best_loss, best_theta, best_epoch = (np.inf, theta, 0) + best_loss, best_theta, best_epoch = (np.inf, max_epochs, 0)",
        ),
        (
            "08-2",
            "- best_loss, best_theta, best_epoch = (np.inf, theta, 0) + best_loss, best_theta, best_epoch = (np.inf, epoch, 0)",
        ),
        (
            "08-2",
            "- best_loss, best_theta, best_epoch = (np.inf, theta, 0) + best_loss, best_theta, best_epoch = (np.inf, theta, 1)",
        ),
    ),
    "The difference of the roots is squared, and their sum has no order.": (
        (
            "03-4",
            "- root_small, root_large = (np.sqrt(smallest), np.sqrt(largest)) + root_small, root_large = (np.sqrt(largest), np.sqrt(smallest))",
        ),
    ),
    "NumPy takes any negative length as the one that is left.": (
        ("07-4", "- groups = x.reshape(len(x), num_groups, -1) + groups = x.reshape(len(x), num_groups, -2)"),
    ),
    "Axes to be summed have no order.": (
        (
            "09-8",
            "- return (w, b2 + w2.sum(axis=(2, 3)) @ b1, stride1 * stride2) + return (w, b2 + w2.sum(axis=(3, 2)) @ b1, stride1 * stride2)",
        ),
        (
            "11-1",
            "- return (d_weight_x, d_weight_h, delta.sum(axis=(0, 1)), delta @ weight_x) + return (d_weight_x, d_weight_h, delta.sum(axis=(1, 0)), delta @ weight_x)",
        ),
        ("09-2", "- return (d_x, d_w, d_y.sum(axis=(0, 2, 3))) + return (d_x, d_w, d_y.sum(axis=(2, 0, 3)))"),
        (
            "07-7",
            "- mean = x.mean(axis=(0, 2, 3), keepdims=True) + mean = x.mean(axis=(2, 0, 3), keepdims=True)",
        ),
        (
            "07-7",
            "- mean = x.mean(axis=(0, 2, 3), keepdims=True) + mean = x.mean(axis=(0, 3, 2), keepdims=True)",
        ),
        (
            "07-7",
            "- var = x.var(axis=(0, 2, 3), keepdims=True) + var = x.var(axis=(2, 0, 3), keepdims=True)",
        ),
        (
            "07-7",
            "- var = x.var(axis=(0, 2, 3), keepdims=True) + var = x.var(axis=(0, 3, 2), keepdims=True)",
        ),
        ("09-2", "- return (d_x, d_w, d_y.sum(axis=(0, 2, 3))) + return (d_x, d_w, d_y.sum(axis=(0, 3, 2)))"),
    ),
    "The optimizer holds all parameters that learn.": (
        ("10-1", "- optimizer.zero_grad() + model.zero_grad()"),
        ("10-3", "- optimizer.zero_grad() + model.zero_grad()"),
    ),
    "The two are equally long.": (
        ("10-3", "- for rate, (x, y) in zip(rates, batches, strict=True): + for rate, (x, y) in zip(rates, batches):"),
        (
            "10-3",
            "- for rate, (x, y) in zip(rates, batches, strict=True): + for rate, (x, y) in zip(rates, batches, strict=False):",
        ),
    ),
    "An integer of NumPy is an index, too.": (
        (
            "10-3",
            "- return (list(rates[:len(losses)]), losses, rates[int(np.argmin(falls)) if len(falls) else 0]) + return (list(rates[:len(losses)]), losses, rates[np.argmin(falls) if len(falls) else 0])",
        ),
        (
            "10-3",
            "- falls = np.diff(smooth[:int(np.argmin(smooth)) + 1]) + falls = np.diff(smooth[:np.argmin(smooth) + 1])",
        ),
    ),
    "The larger of two numbers has no order.": (
        (
            "10-3",
            "- smooth = [np.mean(finite[max(k - 3, 0):k + 4]) for k in range(len(finite))] + smooth = [np.mean(finite[max(0, k - 3):k + 4]) for k in range(len(finite))]",
        ),
    ),
    "The step behind the lowest place rises, so it is never the steepest fall.": (
        (
            "10-3",
            "- falls = np.diff(smooth[:int(np.argmin(smooth)) + 1]) + falls = np.diff(smooth[:int(np.argmin(smooth)) + 2])",
        ),
    ),
    "A number over 0 is infinite, and the smaller of it and 1 is 1; the smaller of two numbers has no order.": (
        (
            "12-3",
            "- done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t)) + done = np.minimum(1.0, t / warm_up)",
        ),
        (
            "12-3",
            "- done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t)) + done = np.minimum(1.0, t / warm_up) if base else np.ones(len(t))",
        ),
        (
            "12-3",
            "- done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t)) + done = np.minimum(t / warm_up, 1.0) if warm_up else np.ones(len(t))",
        ),
    ),
}
