"""How texts and rules are cut into words and folded: tokenizer, stemming, names. The same for rule and paper. Pure."""
