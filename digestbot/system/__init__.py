"""This process and this machine: who we are and who is gone, files written whole, key files, Maildirs, calls limited in time and
memory, memory given back, systemd, alarms by command or webhook. An edge: acts touch disk and /proc only through it.

The network belongs to `transport`, sending mail to `channels`, the database to `store`.
"""
