"""Parts of Profile: what it computes about a table."""
