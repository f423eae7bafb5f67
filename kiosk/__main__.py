"""`python -m kiosk` is `mostrador-tablet`."""

from kiosk.cli import main

main()
