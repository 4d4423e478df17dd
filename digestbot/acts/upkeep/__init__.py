"""What an operator or a timer does to the whole store: backup, restore, move to another database, rebuild, retention, the
search index, trying quarantined items again; and the watch over the machine: a clock that was set, an alarm when no mail goes out.

What happens to one subscriber belongs to `acts.people`, to one paper to `acts.papers`; a question that changes nothing, to
`acts.answers`.
"""
