"""A table in depth: columns summarised, by target, associations, missing cells.

A stored table in, plain records for the Profile and Data pages out.
"""
