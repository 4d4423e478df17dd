"""What every page stands on: the site, the edge (hosts, proxies, headers), forms, kept and conditional answers.

No page and no route stands here.
"""
