"""Parts that several pages share: frame, session state, table input, run picker, safe text."""
