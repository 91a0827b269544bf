"""The page of a sweep: which input matters, how figures answer to it, and every point."""
