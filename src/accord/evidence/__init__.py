"""Claims to distributions to verdicts, with what drives them and what would flip them."""
