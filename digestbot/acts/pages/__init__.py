"""Pages: what the public pages and feeds show, read from the store; and the same as files of `publish`.

Reads only. How it looks is `digest.rendering`'s and the templates'; who asks is `web`'s.
"""
