"""The command line: one command a file, the same words as the pages.

Arguments become a request or a path; the work is done below, in runs, table and export.
"""
