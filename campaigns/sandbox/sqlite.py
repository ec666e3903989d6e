"""The SQLite driver: pysqlite3's fixed build where it is installed, the standard library's otherwise."""

import importlib
import importlib.util
from typing import Any

sqlite3: Any = importlib.import_module("pysqlite3" if importlib.util.find_spec("pysqlite3") else "sqlite3")
