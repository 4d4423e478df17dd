"""Pages: what the public pages and feeds show, read from the store; and the same as files of `publish` (a static site).

`public_pages` has one method a page, for server and files alike; `read_*` read what it shows. The store is only read.
How a page looks is decided by `digest.rendering.page_cards` and `templates/web/`; who asks, and what is kept, in `web`.
"""
