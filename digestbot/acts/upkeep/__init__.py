"""What an operator or a timer does to the whole store: backup, restore, rebuild, retention, trying quarantined items again."""
