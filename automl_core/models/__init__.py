"""Model families: their specs (catalog, tree_specs), fits, predictions and files.

An encoded fold in, a fitted model and its files out. Networks are built in nets/.
"""
