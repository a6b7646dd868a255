"""Decides a run's next step: the budget's reserve (policy), proposals, their order.

Pure functions of the run's state and the clock; nothing here starts or waits.
"""
