"""For machines: what monitors ask (health, readiness, metrics), and mails that a mail server hands back. No page for people."""
