"""Everything kept about one person: handed out, or forgotten for good."""

import json

from django.utils import timezone
from ninja import Router
from ninja.responses import Status

from campaigns import person
from campaigns.api import shapes, whose
from campaigns.api.door import ApiRequest
from campaigns.api.whose import Bearer, Scope
from campaigns.models import AuditEntry, Erasure

router = Router(tags=["People"])
EXPORT, ERASE = Bearer(Scope.PEOPLE_EXPORT), Bearer(Scope.PEOPLE_ERASE)


@router.get("/customers/{int:customer}/export", auth=EXPORT, response=shapes.ExportShape, operation_id="export_person")
def export(request: ApiRequest, customer: int) -> shapes.ExportShape:
    """Everything about the person with this customer's number, in every location.  It is noted who took it."""
    token, now = request.token, timezone.now()
    known = whose.found(whose.customers(token), customer)
    AuditEntry.write(token.organization, "export customer", known, token.created_by, f"The program {token.name}")
    held = json.loads(json.dumps(person.everything(person.Whose.of(known)), default=str))
    return shapes.ExportShape(customer=known.pk, exported_at=now, places=held)


@router.post("/erasures", auth=ERASE, response={202: shapes.ErasureShape}, operation_id="erase_person")
def erase(request: ApiRequest, whom: shapes.Whom) -> Status[shapes.ErasureShape]:
    """Forget the person with this customer's number, in every location.  Nothing goes to them from this moment on."""
    token, now = request.token, timezone.now()
    known = whose.found(whose.customers(token), whom.customer)
    asked = person.ask(known, token.created_by, now)
    AuditEntry.write(token.organization, "erase by program", asked, token.created_by, token.name)
    return Status(202, _shape(asked))


@router.get("/erasures/{int:erasure}", auth=ERASE, response=shapes.ErasureShape, operation_id="get_erasure")
def erasure(request: ApiRequest, erasure: int) -> shapes.ErasureShape:
    """How far it is.  It is done within seconds, unless a message to them is under way."""
    mine = Erasure.objects.filter(organization=request.token.organization_id)
    return _shape(whose.found(mine, erasure))


def _shape(row: Erasure) -> shapes.ErasureShape:
    return shapes.ErasureShape(id=row.pk, asked_at=row.asked_at, done_at=row.done_at)
