"""This process and this machine: who we are, who is gone, the site's key file. An edge: acts touch disk and
/proc only through it.
"""
