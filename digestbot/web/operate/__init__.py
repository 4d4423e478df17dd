"""What monitors, mail servers and operators ask for: health, mails that came back."""
