"""Schedules: functions from the update number t (1 at the first update) to a hyperparameter's value."""


def nesterov_momentum(t):
    """Momentum that rises as Nesterov's O(1/k^2) proof needs it: (t - 1) / (t + 2).

    L1 prints (k + 2) / (k + 5) (E23): the same sequence, shifted by three steps.
    Source: Nesterov 1983; Su, Boyd and Candes 2016, (1).
    """
    return (t - 1) / (t + 2)
