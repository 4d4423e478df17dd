"""From stored papers to a digest, an edition, a best list or a feed file: whose slot has come (`due`), what the round chooses
from (`candidates`), what each reader has had and likes, one digest composed, recorded and put into the outbox (`dispatch`).

The decisions (which papers, in which order, why) are pure and stand in `digest.selection`; handing a mail to a channel belongs to
`acts.delivery`; what web pages show, to `acts.pages`.
"""
