"""Chooses the columns, and pairs of columns, that models need.

Training rows in; ranked columns (shuffle_importance), short lists held against each other
(list_length) and pairs that pay (pair_search) out, as one outcome.
"""
