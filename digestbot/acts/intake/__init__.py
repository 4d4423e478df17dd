"""From a source to stored entries: polite requests (rate limit, back-off), polling page after page, parsing behind a guard,
listing days; discovering and trying a source; asking services what papers lack (`enrich`) and which were retracted (`notice_list`).

Which paper an entry is belongs to `acts.papers`; what the bytes mean, to `sources`; how a request is sent, to `transport`.
"""
