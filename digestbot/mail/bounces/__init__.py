"""Mails that come back: bounces, complaints, automatic answers, unsubscribe mails; bytes become a `ReturnedMail`."""
