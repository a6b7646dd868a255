"""Parts of Home: cards of the sample tables."""
