"""Deduplication or dedupe (record linkage, entity resolution): which entries are one paper.

Identifiers and addresses, features of titles, blocking into candidates, comparison of two records, and the decision
"same", "different" or "perhaps the same". Pure. What is stored of a decision belongs to `acts.papers`; near-copies within
one digest belong to `digest.selection.near_duplicates`.
"""
