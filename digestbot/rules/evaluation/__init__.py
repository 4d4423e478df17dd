"""What a rule says of one paper, and why; what a rule could ask for besides. Pure."""
