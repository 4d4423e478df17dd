"""What is one per site and used by several wings: the links that mails carry."""
