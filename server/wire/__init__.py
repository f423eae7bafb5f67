"""The words that server, clients and sources exchange: typed messages and pure parsing.

A leaf: it imports the standard library, msgspec and libraries that parse codes, and nothing else.
"""
