"""What DNS says of a sender: SPF, DKIM and DMARC records, read and judged. Pure: lookups are given."""
