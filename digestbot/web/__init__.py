"""The web part: the public pages and feeds, the pages behind the links of a mail, and what an operator's tools ask.

Server-rendered, no scripts, nothing loaded from elsewhere, no cookies. GET and HEAD change nothing, whatever follows
them; POST acts. A token in an address is the only key, bound to one purpose (`mail.link_tokens`); addresses with tokens
are never logged. There is no session: nothing that a browser sends by itself lets anybody in, so that a forged form of
another site (CSRF) has nothing to ride on.

Wings: `frame` (what every page stands on), `reading` (edition, papers, topics, search, feeds, a digest of one's own),
`people` (leave, pause, come back), `operate` (health, readiness, metrics, bounces). Each has `routing.routes(site)`;
`application` puts them together, `server` and `connections` keep the port. What a page holds is read by `acts.pages`, what
a form does is an act.
"""
