"""Which paper an entry is, decided by the program (`resolve`) or by a person (`curate`, `manual_decisions`); what happened to a
paper (`record_events`); finding the paper that a person means (`find`); its vector for readers' own models (`encode`).

The comparison itself is pure and stands in `papers.identity`; what a paper amounts to, in `papers.facts`. How entries come
belongs to `acts.intake`.
"""
