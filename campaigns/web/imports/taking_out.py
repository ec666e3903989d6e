"""All customers as a file that our own import reads back unchanged (S45)."""

from collections.abc import Iterator

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from campaigns.models import AuditEntry, Business
from campaigns.roles import Action
from campaigns.web import spreadsheet
from campaigns.web.limiting import limited
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

HEADER = ("First name", "Last name", "Phone", "Last visit", "Time zone", "Technician", "Service", "Language", "Tags")
FIELDS = ("first_name", "last_name", "phone", "last_visit", "timezone", "technician", "service", "language")


@require_safe
@page(Action.TAKE_OUT, fresh=Fresh.ALL, while_closing=True)
@limited("export")
def customers_csv(request: BusinessRequest) -> HttpResponseBase:
    """Everybody, in the order they came."""
    AuditEntry.write(request.organization, "export customers", request.business, request.user)
    return spreadsheet.csv_response(f"customers-{request.business.slug}", HEADER, rows(request.business))


def rows(business: Business) -> Iterator[list[object]]:
    """A row for each customer."""
    people = business.customers.order_by("pk").prefetch_related("tags")
    for person in people.iterator(chunk_size=1_000):
        yield [*(getattr(person, name) for name in FIELDS), "; ".join(tag.name for tag in person.tags.all())]
