"""Django's SQLite, with a shorter way of waiting for the lock."""

#: Seconds in which SQLite waits for the lock by itself before it is asked anew.
BREATH = 0.008
