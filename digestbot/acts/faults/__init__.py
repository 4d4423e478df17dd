"""What every wing uses when a value breaks a step: find the culprit, put it into quarantine (dead letters), go on without it.

Looking at quarantined items and trying them again belongs to `acts.upkeep.retry_quarantined`.
"""
