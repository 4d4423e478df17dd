"""The wiring: a checked configuration becomes a store, sources, a channel, an encoder, templates. Files of the configuration are
found, read and extended here (`config_files`), so that commands and the daemon read them alike.

The only room where adapters meet: it opens, wires and closes them, also for `doctor` (`doctor_tools`), backup and the move to
another database (`whole_store`). Questions and verbs are acts; commands show their results.
"""
