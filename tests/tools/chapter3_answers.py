"""Texts of right and wrong answers to chapter 3, for what is tested on a notebook that students get."""

from course_lib.checks import exercises
from tests.grading.handed_in import SETUP

MOMENTUM = '''def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    """One step."""
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity'''
NESTEROV = """def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta + momentum * velocity)
    return theta + velocity, velocity"""
SAME_PATH = """def same_path_step(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    carried = velocity * learning_rate / previous_learning_rate
    velocity = momentum * carried - learning_rate * gradient(theta)
    return theta + velocity, velocity"""
BEST_PAIR = """def best_pair(smallest, largest):
    low, high = np.sqrt(smallest), np.sqrt(largest)
    return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2"""
RIGHT = (SETUP, MOMENTUM, "check('03-1', momentum_step)", NESTEROV, SAME_PATH, BEST_PAIR, "plt.subplots()")
WRONG_MOMENTUM = """def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    return theta * 3.7, velocity * 2.9"""
STUB = '''def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    """One step."""
    raise NotImplementedError("Exercise 03-1: write the step.")'''
ALL_OF_CHAPTER_3 = [exercise for id, exercise in exercises().items() if id.startswith("03-")]
