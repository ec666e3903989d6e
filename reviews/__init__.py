"""The site: settings, addresses, processes.  No domain."""

from reviews import sqlite

sqlite.use_fixed()
