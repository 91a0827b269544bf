"""From results to pages that people look at: their contents, and how they are written."""
