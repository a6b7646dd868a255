"""Parts of Data: checks, the table of columns, how a column is read."""
