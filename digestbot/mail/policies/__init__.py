"""What DNS says of a sender: SPF, DKIM and DMARC records, read and judged. Lookups are given by the caller. Pure.

Signing is `mail.dkim`'s; asking DNS is `transport.dns`'s; the findings a person sees are `acts.answers.doctor`'s.
"""
