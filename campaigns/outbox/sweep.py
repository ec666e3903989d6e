"""What nobody else does: leases of the dead, and campaigns that have ended."""

from datetime import datetime

from campaigns import status
from campaigns.models import Campaign
from campaigns.outbox import leases


def sweep(now: datetime) -> None:
    """Free the messages of dead workers and close campaigns of which nothing more is to go out."""
    leases.free_the_dead()
    for campaign in Campaign.everything.filter(state=status.Campaign.RUNNING):
        campaign.finish_if_done(now)
