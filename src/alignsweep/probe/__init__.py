"""The linear probe: what a frozen encoder's embedding tells to a linear model.

Logistic regression for classes, ridge regression for numbers, fitted for a whole stack at once.
"""

from alignsweep.probe.linear import PENALTIES, linear_probe

__all__ = ["PENALTIES", "linear_probe"]
