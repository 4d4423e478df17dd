"""The web part: the public pages and feeds, the pages behind the links of a mail, and what an operator's tools ask.

Server-rendered, no scripts, nothing loaded from elsewhere, no cookies. GET and HEAD change nothing, whatever follows
them; POST acts. A token in an address is the only key, bound to one purpose (`mail.link_tokens`); addresses with tokens
are never logged.

Wings: `frame` (what every page stands on), `reading` (edition, papers, search, feeds, digests), `people` (leave, pause),
`operate` (health, bounces). Each has `routes(site)`; `application` puts them together.
"""
