"""Typed columns to one float32 matrix; the target to numbers.

`encode` picks an encoder for each column; every other file is one encoder, or what several share.
"""
