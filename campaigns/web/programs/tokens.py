"""Tokens for programs: made, shown once, taken away."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import ApiToken, AuditEntry
from campaigns.roles import Action
from campaigns.web.programs.forms import TokenForm
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

#: In use at the same time.
MOST = 30
SCOPES = dict(ApiToken.Scope.choices)


@require_http_methods(["GET", "POST"])
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def api_tokens(request: BusinessRequest) -> HttpResponse:
    """All of them, and one more.  A new one's words are on the answer to the form and nowhere else."""
    form = TokenForm(request.organization, request.POST or None)
    words = _make(request, form) if request.method == "POST" and form.is_valid() else ""
    rows = request.organization.tokens.select_related("business", "created_by").order_by("revoked_at", "-pk")
    context = {
        "section": "settings",
        "form": TokenForm(request.organization) if words else form,
        "words": words,
        "tokens": [(each, [SCOPES[scope] for scope in each.scopes if scope in SCOPES]) for each in rows],
    }
    return render(request, "programs/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def api_token_revoke(request: BusinessRequest, pk: int) -> HttpResponse:
    """From the next request on it opens nothing."""
    token = get_object_or_404(ApiToken, pk=pk, organization=request.organization)
    with transaction.atomic():
        if token.revoke(timezone.now()):
            AuditEntry.write(request.organization, "revoke API token", token, request.user, token.name)
    messages.success(request, f"“{token.name}” opens nothing any more.")
    return redirect("api_tokens")


def _make(request: BusinessRequest, form: TokenForm) -> str:
    """The words of a new one; empty where there are enough."""
    if request.organization.tokens.filter(revoked_at=None).count() >= MOST:
        form.add_error(None, f"{MOST} tokens are the most. Revoke one that nobody uses.")
        return ""
    given = form.cleaned_data
    with transaction.atomic():
        made, words = ApiToken.make(
            request.organization, given["name"], given["scopes"], request.user, given["business"]
        )
        AuditEntry.write(request.organization, "make API token", made, request.user, f"{made.name}: {made.scopes}")
    return words
