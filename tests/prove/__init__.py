"""`make prove`: the guarantees under kill -9, with the real programs on real files.

An answer is a promise: what was acknowledged is there after the program died, and a file that was half taken is taken
whole by starting again. Nothing in here is a test of its own; `tests/test_prove_smoke.py` runs one round of each,
and `tests/screens/test_day.py` of the day of customers.
"""
