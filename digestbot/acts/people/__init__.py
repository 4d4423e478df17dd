"""What happens to a subscriber: files and tables are read in (`sync`, `import_people`), somebody joins by a form (double
opt-in: `asking`, `joining`, `form_mails`), changes preferences, votes, imports a library, says whose a paper is (`namesakes`),
pauses, leaves, takes their data away. A mail that comes back (`inbox`) and a suppression happen to an address, and stand here too.

What a subscriber gets belongs to `acts.digests`; what the bytes of a returned mail mean, to `mail.bounces`.
"""
