"""Keyed, counter-based randomness: one uniform in, one variate out.

`keys` names what a draw belongs to, `threefry` turns key and counter into uniforms, `families`,
`tables` and `counts` turn one uniform into one variate, with the arithmetic of `elementary`.
"""
