"""A write that is sent twice happens once and is answered twice."""
