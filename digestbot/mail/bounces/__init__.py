"""Mails that come back: bounces, complaints, automatic answers, unsubscribe mails; bytes become a `ReturnedMail`.

`read` tries each format in turn: delivery status and feedback reports (`fields`), a mail service's own notification
(`ses`), words alone (`wording`). `table` says what a server's words mean, `decide` what follows for the address. What is
written of it belongs to `acts.people.inbox`.
"""
