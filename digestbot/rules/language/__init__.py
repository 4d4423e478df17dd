"""From a line of text to a tree: lexer, terms, grammar, fields, and what is likely not meant. Pure."""
