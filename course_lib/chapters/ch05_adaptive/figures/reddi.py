"""Reddi's counter-example: gradients that repeat C, -1, -1, on which Adam may walk away from the minimum.

f_t(x) = C x at t = 1, 4, 7, ... and -x otherwise, x between -1 and 1, C > 2: on average f rises with x, the best x is
-1. The large gradient is rare and divided by its own size; the small ones come after it has been forgotten.
"""

NAMES = ("Adam", "AMSGrad", "gradient descent")
