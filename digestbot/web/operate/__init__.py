"""For the operator and their machines: health, readiness and metrics; mails that a mail server hands back; the admin page.

Each is closed to everybody else: by a secret, by the addresses of monitors, or because it says nothing but `ok`.
"""
