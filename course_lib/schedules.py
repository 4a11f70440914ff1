r"""Schedules: functions from the update number t (1 at the first update) to a hyperparameter's value.

``schedule = cosine(0.1, 0.0, num_steps=100)`` makes one, ``schedule(1)`` is what the first update uses, and
``descend(..., schedule=schedule)`` runs with it. t may be an array, ``schedule(np.arange(1, 101))`` is a
curve to draw. Any function of t is a schedule: these are the ones that the lectures name.

PyTorch's schedulers count from 0, and are stepped after the update: its value number ``t - 1`` is ours at ``t``.
"""

import numpy as np

from course_lib.validation import broadcast, count, flag, fraction, function_of, in_range, non_negative, numbers, shown


def _updates_before(t):
    """How many updates came before number ``t``: t - 1. Refuses t < 1, the usual slip, and inf."""
    whole = isinstance(t, int) or (isinstance(t, np.ndarray | np.generic) and t.dtype.kind in "iu")
    t = np.asarray(numbers("t", t), dtype=int if whole else None)
    if not np.all((t >= 1) & (t < np.inf)):
        raise ValueError(
            f"Schedules count updates from t = 1, but t is {shown(t)}: use t + 1 if your loop starts at 0."
        )
    return t - 1


def _schedule(formula, **given):
    """The function of t that ``formula`` of k = t - 1 is, for hyperparameters ``given`` that broadcast against t."""

    def value(t):
        k = _updates_before(t)
        broadcast(t=k, **given)
        return _float_or_array(formula(k))

    broadcast(**given)
    return value


def _float_or_array(value):
    """A float where t was one number, an array where t or the hyperparameter was one."""
    return float(value) if np.ndim(value) == 0 else value


def constant(learning_rate):
    """``learning_rate`` at every t.

    >>> constant(0.1)(7)
    0.1
    """
    learning_rate = non_negative("learning_rate", learning_rate)
    return _schedule(lambda k: learning_rate + 0.0 * k, learning_rate=learning_rate)


def inverse_time(numerator, offset=0.0):
    r"""O(1/k): :math:`\text{numerator} / (t + \text{offset})`.  (2.11)

    The diminishing step of the convergence theorem of L1 section 3.3, there beta / (k + gamma); sum
    infinite, sum of squares finite (Robbins and Monro 1951). ``lr_decay`` of ``torch.optim.Adagrad`` is
    ``inverse_time(lr / lr_decay, 1 / lr_decay - 1)``.

    >>> [inverse_time(0.5)(t) for t in (1, 2, 10)]
    [0.5, 0.25, 0.05]
    """
    numerator, offset = non_negative("numerator", numerator), non_negative("offset", offset)
    return _schedule(lambda k: numerator / (k + 1 + offset), numerator=numerator, offset=offset)  # (2.11)


def inverse_square_root(numerator, offset=0.0):
    r"""O(1/sqrt k): :math:`\text{numerator} / \sqrt{t + \text{offset}}`.  (2.12)

    The usual step for convex functions with kinks; its squares do not have a finite sum (E12).
    Source: L1 section 3.3; Nesterov 2004, section 3.2.3.

    >>> [inverse_square_root(0.5)(t) for t in (1, 4, 100)]
    [0.5, 0.25, 0.05]
    """
    numerator, offset = non_negative("numerator", numerator), non_negative("offset", offset)
    return _schedule(lambda k: numerator / np.sqrt(k + 1 + offset), numerator=numerator, offset=offset)  # (2.12)


def linear_blend(first, last, num_steps):
    r"""From ``first`` to ``last`` in a straight line over ``num_steps`` updates, then ``last`` for ever.

    With k = t - 1 and tau = num_steps: :math:`(1 - k / \tau) \, \text{first} + (k / \tau) \, \text{last}`.  (2.13)

    L0 calls it simulated annealing, which it is not: nothing is accepted or rejected (E14).
    Source: L0 "Practical Solution"; Goodfellow et al. 2016, (8.14).

    >>> [linear_blend(1.0, 0.2, num_steps=4)(t) for t in (1, 3, 5, 100)]
    [1.0, 0.6, 0.2, 0.2]
    """
    first, last = non_negative("first", first), non_negative("last", last)
    count("num_steps", num_steps)

    def value(k):
        part = np.minimum(k / num_steps, 1)
        return (1 - part) * first + part * last  # (2.13)

    return _schedule(value, first=first, last=last)


def step_decay(learning_rate, factor, every):
    r"""Multiply by ``factor`` after each ``every`` updates: learning_rate * factor^floor((t - 1) / every).  (2.14)

    PyTorch: ``StepLR(step_size=every, gamma=factor)``.

    >>> [step_decay(0.8, factor=0.5, every=10)(t) for t in (1, 10, 11, 21)]
    [0.8, 0.8, 0.4, 0.2]
    """
    learning_rate, factor = non_negative("learning_rate", learning_rate), in_range("factor", factor, 0, 1)
    count("every", every)
    return _schedule(
        lambda k: learning_rate * factor ** (k // every), learning_rate=learning_rate, factor=factor
    )  # (2.14)


def exponential_decay(learning_rate, factor):
    r"""Multiply by ``factor`` at every update: learning_rate * factor^(t - 1).  (2.15)

    PyTorch: ``ExponentialLR(gamma=factor)``.

    >>> [exponential_decay(0.8, factor=0.5)(t) for t in (1, 2, 4)]
    [0.8, 0.4, 0.1]
    """
    return step_decay(learning_rate, factor, every=1)  # (2.15)


def _half_cosine(highest, lowest, part):
    return lowest + (highest - lowest) * (1 + np.cos(np.pi * part)) / 2  # (2.16)


def cosine(highest, lowest, num_steps):
    r"""Half a cosine from ``highest`` at t = 1 to ``lowest`` at t = ``num_steps``, then ``lowest`` for ever.

    .. math:: \text{lowest} + \tfrac12 (\text{highest} - \text{lowest}) (1 + \cos(\pi \, \text{part})),
              \qquad \text{part} = (t - 1) / (\text{num\_steps} - 1) \tag{2.16}

    Source: L3 "Cosine learning rate decay"; Loshchilov and Hutter 2017, (5), without restarts.
    PyTorch: ``CosineAnnealingLR(T_max=num_steps - 1, eta_min=lowest)``, which rises again afterwards.

    >>> [round(cosine(0.1, 0.0, num_steps=5)(t), 3) for t in (1, 2, 3, 5, 9)]
    [0.1, 0.085, 0.05, 0.0, 0.0]
    """
    highest, lowest = non_negative("highest", highest), non_negative("lowest", lowest)
    count("num_steps", num_steps, minimum=2)
    return _schedule(
        lambda k: _half_cosine(highest, lowest, np.minimum(k / (num_steps - 1), 1)), highest=highest, lowest=lowest
    )


def cosine_restarts(highest, lowest, period, period_factor=1, reach_lowest=True):
    r"""Cosine that jumps back to ``highest`` after ``period`` updates, each period ``period_factor`` times longer.

    (2.16) with part = k / (T - 1), k = 0 ... T - 1 the updates since the restart, T the period's
    length: the last update of every period uses ``lowest``. ``reach_lowest=False`` has part = k / T,
    L3's program and PyTorch's rule: it restarts when ``lowest`` would be next, and never uses it (E16).

    Source: L3 "Cosine learning rate decay", with T_mult = period_factor; Loshchilov and Hutter 2017, (5).
    PyTorch: ``CosineAnnealingWarmRestarts(T_0=period, T_mult=period_factor, eta_min=lowest)`` is
    ``reach_lowest=False``.

    >>> restarts = cosine_restarts(0.1, 0.01, period=10, period_factor=2)
    >>> [round(restarts(t), 4) for t in (1, 10, 11, 30, 31)]
    [0.1, 0.01, 0.1, 0.01, 0.1]
    >>> round(cosine_restarts(0.1, 0.01, period=10, period_factor=2, reach_lowest=False)(10), 4)
    0.0122
    """
    highest, lowest = non_negative("highest", highest), non_negative("lowest", lowest)
    count("period", period, minimum=2)
    count("period_factor", period_factor)
    flag("reach_lowest", reach_lowest)

    def value(k):
        since, length = _position(k, period, period_factor)
        return _half_cosine(highest, lowest, since / (length - 1 if reach_lowest else length))

    return _schedule(value, highest=highest, lowest=lowest)


def _position(k, period, period_factor):
    """``(updates since the last restart, length of the present period)`` when k updates came before."""
    if period_factor == 1:
        return k % period, period
    start, length = np.zeros(np.shape(k)), np.full(np.shape(k), float(period))
    while np.any(over := k >= start + length):
        start, length = np.where(over, start + length, start), np.where(over, length * period_factor, length)
    return k - start, length


def warm_up(schedule, num_steps):
    r"""Rise in a straight line to ``schedule(1)`` over ``num_steps`` updates, then follow ``schedule``.

    .. math:: \text{schedule}(1) \cdot t / \text{num\_steps} \;\; (t \le \text{num\_steps}), \qquad
              \text{schedule}(t - \text{num\_steps} + 1) \;\; \text{after} \tag{2.17}

    The first update uses 1 / num_steps of the full value, not 0, which would waste it.
    Source: Goyal et al. 2017, section 2.2 (gradual warm-up).

    >>> warm = warm_up(cosine(0.4, 0.0, num_steps=100), num_steps=4)
    >>> [round(warm(t), 3) for t in (1, 2, 4, 5, 103)]
    [0.1, 0.2, 0.4, 0.4, 0.0]
    """
    count("num_steps", num_steps)
    function_of("schedule", schedule, "constant(0.1)")

    def value(k):
        rising = schedule(1) * (k + 1) / num_steps
        return np.where(k < num_steps, rising, schedule(np.maximum(k - num_steps + 2, 1)))  # (2.17)

    return _schedule(value)


def nesterov_momentum(t):
    """Momentum that rises as Nesterov's O(1/k^2) proof needs it: (t - 1) / (t + 2).  (3.17)

    L1 prints (k + 2) / (k + 5) (E23): the same sequence, shifted by three steps.
    Source: Nesterov 1983; Su, Boyd and Candes 2016, (1).

    >>> [nesterov_momentum(t) for t in (1, 2, 7)]
    [0.0, 0.25, 0.6666666666666666]
    """
    return _schedule(lambda k: k / (k + 3))(t)  # (3.17)


def rising_momentum(largest=0.99, every=250):
    r"""Sutskever's momentum, which halves its distance to 1 each time the count of blocks doubles.

    .. math:: \min(1 - 2^{-1 - \log_2(\lfloor t / \text{every} \rfloor + 1)}, \text{largest})
              = \min(1 - \tfrac{1}{2 (\lfloor t / \text{every} \rfloor + 1)}, \text{largest}) \tag{3.18}

    Use: ``descend(..., schedule={"momentum": rising_momentum()})``.
    Source: L2 names it; Sutskever et al. 2013, (5), with every = 250.

    >>> [round(rising_momentum()(t), 4) for t in (1, 250, 750, 10**6)]
    [0.5, 0.75, 0.875, 0.99]
    """
    largest = fraction("largest", largest)
    count("every", every)
    return _schedule(lambda k: np.minimum(1 - 1 / (2 * ((k + 1) // every + 1)), largest), largest=largest)  # (3.18)
