"""Many rules over many papers at once: the window index and the query of the database's full text. Pure."""
