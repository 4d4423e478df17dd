"""The wiring: a checked configuration becomes a store, sources, a channel, an encoder, templates. Files of the configuration are
found, read and extended here (`config_files`), so that commands and the daemon read them alike.

The room where adapters meet: it opens, wires and closes what works together. Questions and verbs are acts. A command that looks at
an adapter itself, and at nothing else, opens that adapter: `doctor` (network, DNS, mail server), `backup`, `restore` and `store`.
"""
