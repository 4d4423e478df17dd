"""The web part: the public pages and feeds, the pages behind the links of a mail, and what an operator's tools ask.

Server-rendered, no scripts, nothing loaded from elsewhere, no cookies. GET and HEAD change nothing, whatever follows
them; POST acts. There are no sessions: a token in an address is the key of a person's pages, bound to one purpose
(`mail.link_tokens`); addresses with tokens are never logged. Only `/admin` takes a secret that browsers send by themselves,
so its forms carry a proof against forged ones of other sites (CSRF).

Wings: `frame` (what every page stands on), `reading` (edition, papers, topics, search, feeds, a digest of one's own),
`people` (subscribe, preferences, vote, leave), `operate` (health, metrics, bounces, admin). Each has `routing.routes(site)`;
`application` puts them together, `server` and `connections` keep the port. What a page holds is read by `acts.pages`, what
a form does is an act.
"""
