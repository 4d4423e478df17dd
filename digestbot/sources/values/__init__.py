"""What one field of any reply becomes: dates, names, addresses, options, mentions. Pure."""
