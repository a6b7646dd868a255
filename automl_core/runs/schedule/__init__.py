"""What a run does next, and for how long: the budget's reserve (policy), proposals, their order.

Pure functions of the run's state and the clock; nothing here starts or waits.
"""
