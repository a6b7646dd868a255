"""Raw cells to numbers, dates, lists and text, by the rules of the schema.

Pure functions of arrays.
"""
