"""Words, as people and articles are found by them: folded, looked for, corrected, highlighted."""
