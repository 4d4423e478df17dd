"""Commands that ask and change nothing: status, explain, audit, preview, search, backtest, suggest, doctor."""
