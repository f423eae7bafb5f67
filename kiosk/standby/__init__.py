"""One kiosk program in front, another one ready behind it: who held a customer ends, and nobody sees a gap."""
