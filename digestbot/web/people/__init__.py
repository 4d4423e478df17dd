"""Forms of people: subscribe and confirm, preferences, votes, own data, leave, pause; a curator's picks.

A page of one person is opened by a token. The forms that anybody may send (`/subscribe`, `/leave`) answer the same whoever's
address was typed. What a form changes is an act of `acts.people` or `acts.digests`; nothing is decided here.
"""
