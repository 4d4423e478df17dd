"""What every page stands on: the site, what is checked and added at the edge, forms, conditional answers. No page stands here."""
