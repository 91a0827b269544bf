"""The page of a comparison: which plan, how sure that is, and where the difference comes from."""
