"""What is one per site and used by several wings: links of mails, settings of digests, marks, the last good configuration."""
