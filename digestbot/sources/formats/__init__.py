"""What bytes are and what they hold, whatever the source: XML, JSON Feed, RSS and Atom, JATS. Pure."""
