"""The data checks: one kind of problem a file, and what one click does about it.

`run` calls them all on a shared sample; `apply_fix` turns a chosen fix into a changed schema.
"""
