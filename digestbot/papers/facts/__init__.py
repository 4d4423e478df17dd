"""What a paper amounts to, made from all its entries: fields, acceptance, events, freshness, listing days. Pure."""
