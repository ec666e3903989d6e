"""How gunicorn serves the site: `gunicorn -c reviews/gunicorn.conf.py reviews.wsgi`.  The sandbox is served alike.

Threads, because a page waits for the database and not for the processor.  The command line comes after this file, so a
larger machine adds `--workers 4`.
"""

from typing import Any

from campaigns.management import leash
from reviews import logs, memory

worker_class = "gthread"
threads = 8
timeout = 60  # seconds in which a worker must show itself; slow uploads are read by its threads and do not count
graceful_timeout = 8  # a page takes no longer; well below what `start` waits
control_socket_disable = True
logconfig_dict = logs.configuration("WARNING")


def post_fork(server: Any, worker: Any) -> None:
    """A gunicorn that is killed leaves no worker behind that would hold the port."""
    leash.die_with_parent(server.pid)


def post_worker_init(worker: Any) -> None:
    """All is loaded."""
    memory.settle()
