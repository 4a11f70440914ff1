"""A loop that asks nothing is ended in the notebook, too, and the next check goes on."""

import signal
import threading

import numpy as np
import pytest

from course_lib.checks import EXERCISES, check, limits
from course_lib.checks.calls import StudentError
from tests.kit.checks.answers import ANSWERS


def for_ever(*arguments):
    while True:
        pass


def stubborn(*arguments):
    while True:
        try:
            for_ever()
        except Exception:
            continue


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(limits, "AFTERWARDS", 0.02)


@pytest.mark.parametrize("function", [for_ever, stubborn])
def test_a_call_that_does_not_end_is_ended_and_said_in_a_sentence(function):
    with pytest.raises(StudentError, match="did not end within") as caught:
        limits.limited(function, 0.05)(1)
    assert caught.value.kind == "TimeLimit"


def test_what_ends_in_time_is_left_alone_and_so_is_the_signal():
    before = signal.getsignal(signal.SIGALRM)
    assert limits.limited(lambda x: x + 1, 0.05)(1) == 2
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_later_calls_are_given_less():
    function = limits.limited(for_ever, 0.05)
    for told in ("0.05", "0.02"):
        with pytest.raises(StudentError, match=told):
            function()


def test_in_another_thread_a_call_is_let_run():
    found = []
    thread = threading.Thread(target=lambda: found.append(limits.limited(lambda: 3, 0.05)()))
    thread.start()
    thread.join()
    assert found == [3]


def test_the_report_tells_once_what_to_look_for(monkeypatch):
    monkeypatch.setattr(limits.limited, "__defaults__", (0.05,))
    report = check("03-4", for_ever)
    assert report.points == 0 and {result.mistake for result in report.results} == {"takes too long"}
    assert str(report).count("look for a loop that never stops") == 1


def test_gradients_that_an_evaluation_switches_off_for_good_are_on_again_for_the_next_exercise():
    torch = pytest.importorskip("torch")

    def careless(*given):
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        return ANSWERS["10-2"][0](*given)

    before = torch.is_grad_enabled(), torch.get_default_dtype()
    check("10-2", careless)
    assert (torch.is_grad_enabled(), torch.get_default_dtype()) == before
    assert check("10-1", ANSWERS["10-1"][0]).passed


def test_an_answer_that_leaks_does_not_touch_the_next_call():
    def careless(theta, gradient, learning_rate):
        np.seterr(all="raise")
        np.random.seed(0)
        return theta - learning_rate * gradient(theta)

    before = np.geterr(), np.random.get_state()[1][:5].tolist()
    assert check("00-1", careless).passed
    assert (np.geterr(), np.random.get_state()[1][:5].tolist()) == before


def test_what_numpy_says_about_wrong_numbers_is_not_printed(recwarn):
    def moving_at_inference(x, gamma, beta, mean, var, decay, eps, training):
        y, *_ = ANSWERS["07-3"][0](x, gamma, beta, mean, var, decay, eps, training)
        return y, decay * mean + (1 - decay) * x.mean(axis=0), decay * var + (1 - decay) * x.var(axis=0, ddof=1)

    for seed in range(3):
        assert check("07-3", moving_at_inference).points
        EXERCISES["07-3"].run(moving_at_inference, seed)
    assert not recwarn.list
