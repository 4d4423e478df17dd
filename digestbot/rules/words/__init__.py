"""How texts and rules are cut into words and folded. Pure."""
