"""What can be said from samples: pure arrays, no labels."""
