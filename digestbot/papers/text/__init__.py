"""Text as sources write it becomes text as people read it: markup, LaTeX, MathML, names of people. Pure and linear."""
