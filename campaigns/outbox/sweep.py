"""What nobody else does: leases of the dead, and campaigns that have ended."""

import os
from datetime import datetime

from django.conf import settings

from campaigns import status
from campaigns.models import Campaign
from campaigns.outbox import leases
from campaigns.prepared import Prepared

_RUNNING = Prepared(lambda: Campaign.everything.filter(state=status.Campaign.RUNNING))


def sweep(now: datetime) -> None:
    """Free the messages of dead workers and of late ones, and close campaigns of which nothing more is to go out."""
    leases.free_the_dead()
    leases.free_the_late(now)
    for campaign in _RUNNING.objects():
        campaign.finish_if_done(now)
    _note(now)


def _note(now: datetime) -> None:
    """The time of change of one file says when the last sweep ended: no row, no commit."""
    settings.SWEPT.touch()
    os.utime(settings.SWEPT, (now.timestamp(), now.timestamp()))
