"""Text as sources write it becomes text as people read it: markup, LaTeX, MathML, names of people. Pure and linear.

Nothing here knows a source or a format of replies; those are in `sources.formats`.
"""
