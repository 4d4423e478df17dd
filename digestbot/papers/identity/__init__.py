"""Which entries are one paper: identifiers, addresses, features of titles, candidates, comparison, decision. Pure."""
