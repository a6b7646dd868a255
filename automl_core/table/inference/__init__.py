"""Infers each column's role, and its number, date, list or missing-value format.

Column statistics in, a schema out; `schema_inference` is the way in, `column_role` decides one
column.
"""
