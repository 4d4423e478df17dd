"""What every wing uses when a value breaks a step: find the culprit, put it into quarantine (dead letters), go on without it."""
