"""`python -m server` is `mostrador`."""

from server.cli import main

main()
