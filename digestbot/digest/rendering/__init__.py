"""From a digest to subject, HTML and text: catalogue of texts, templates, cards, the lines of a mail as they are encoded. Pure.

Which papers stand in a digest is decided in `digest.selection`.
"""
