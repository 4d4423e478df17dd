"""Commands for the beginning and for configuration: demo, init, check, plan, config, sources, import and export, try, follow,
library, and `alert`, which takes alert mails from a pipe.

What a running site is operated with stands in `cli.operate`.
"""
