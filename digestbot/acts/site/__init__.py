"""What there is once for each site and several wings use: settings of digests and sign-ups, links with tokens, the names of
site-wide notes, the last good configuration.

What only one wing needs stands in that wing; how a configuration is read, in `settings`.
"""
