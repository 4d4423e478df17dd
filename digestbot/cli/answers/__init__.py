"""Commands that ask and change nothing: status, explain, audit, preview, search, backtest, suggest, doctor.

The answer itself is given by `acts.answers` (of preview by `acts.digests`); here are the words and tables of a terminal.
"""
