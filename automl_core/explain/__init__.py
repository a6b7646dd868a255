"""What a model looks at: permutation importance of the table's columns."""
