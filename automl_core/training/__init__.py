"""The training loop of all networks: batches, optimiser, schedules, stopping, device.

Tensors and callbacks in, trained weights out; knows no tables and no metrics.
"""
