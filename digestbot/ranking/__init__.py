"""In which order papers stand, and what rises. Pure."""
