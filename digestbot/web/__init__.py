"""The web part: the pages behind the links of a mail. GET and HEAD change nothing, whatever follows them; POST acts.

Server-rendered, no scripts, nothing loaded from elsewhere, no cookies. A token in an address is the only key, bound to
one purpose (`mail.link_tokens`); addresses with tokens are never logged.
"""
