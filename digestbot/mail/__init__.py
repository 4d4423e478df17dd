"""Mail: from a rendered digest to the bytes on the wire, and from bytes that come back to what they report. Pure.

How a digest looks is decided in `digest.rendering`; how a mail server is spoken to, in `channels`.
"""
