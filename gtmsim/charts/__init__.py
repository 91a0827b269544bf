"""From tidy numbers to charts; knows nothing of results or files."""
