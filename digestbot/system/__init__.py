"""This process and this machine: who we are, who is gone, the site's key file. An edge: the only room besides transport, store and
channels that touches disk or /proc.
"""
