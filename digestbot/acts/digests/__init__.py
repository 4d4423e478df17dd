"""From stored papers to a digest, an edition, or a feed file.

The decisions (which papers, in which order, why) are pure and stand in `digest.selection`; handing a mail to a channel belongs to
`acts.delivery`.
"""
