"""Parts of Models: how good a model is, how it was built, its download."""
