"""Dirty text files whose truth is known: columns as people have them, and what befalls files."""
