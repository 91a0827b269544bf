"""gtmsim: Monte Carlo simulation of go-to-market (GTM) plans."""
