"""Commands for the beginning: demo, init, check, plan, sources, import and export, try."""
