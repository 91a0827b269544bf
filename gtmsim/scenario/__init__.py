"""The scenario language: from TOML files to a frozen, checked Scenario."""
