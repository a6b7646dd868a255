"""Model families: what each can do (catalog, tree_specs), how it is fitted, predicted and stored.

An encoded fold in, a fitted model and its files out. Networks are built in nets/.
"""
