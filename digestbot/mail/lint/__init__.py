"""What is wrong with a finished mail or page: HTML, contrast, client support, headers, size. Findings only. Pure."""
