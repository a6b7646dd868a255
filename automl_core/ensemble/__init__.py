"""Which trials are averaged and with what weights, and which models are statistically tied.

Out-of-fold predictions in, weights and temperature out.
"""
