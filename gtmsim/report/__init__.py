"""The answer to a scenario's question, built once and written in any format."""
