"""The people of an account: what each may do, who is invited, and the table that says what a role is."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import members, roles
from campaigns.models import Invitation, Membership
from campaigns.roles import Action, Role
from campaigns.web.limiting import brings, limited
from campaigns.web.people.forms import InviteForm, LocationsForm
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page


@dataclass(frozen=True)
class Person:
    """One line of the list."""

    member: Membership
    is_me: bool
    #: The roles that may be given to them by whoever looks; none where that is not theirs to say.
    roles: list[Role]
    #: The locations they see; empty means all.
    only: list[str]


@require_http_methods(["GET", "POST"])
@page(Action.PEOPLE, fresh=Fresh.CHANGES)
@limited("invite", when=brings)
def people(request: BusinessRequest) -> HttpResponse:
    """Everybody, and one more.  A link is on the answer to the form and nowhere else."""
    form = InviteForm(request.role, request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        invitation, token = members.invite(
            request.organization,
            form.cleaned_data["role"],
            form.cleaned_data["email"].lower(),
            _me(request),
            timezone.now(),
        )
        link = f"{settings.SITE_URL}{reverse('join_link', args=[token])}"
        if form.by_mail and members.write_to(invitation, link):
            messages.success(request, f"Invited: an e-mail is on its way to {invitation.email}.")
            return redirect("people")
    return _page(request, InviteForm(request.role) if link else form, link, was_to_be_mailed=form.by_mail)


@require_POST
@page(Action.PEOPLE, fresh=Fresh.CHANGES)
def person_role(request: BusinessRequest, pk: int) -> HttpResponse:
    """Another role, from their next click on."""
    member, role = _member(request, pk), request.POST.get("role", "")
    if role not in Role:
        messages.warning(request, "There is no such role. Nothing was changed.")
        return redirect("people")
    try:
        if members.change_role(member, role, _me(request)):
            messages.success(request, f"{_called(member)} is {_as(Role(role))} now, from their next click on.")
    except members.Refused as refused:
        messages.warning(request, str(refused))
    return redirect("people" if member.user_id != request.user.pk else "dashboard")


@require_http_methods(["GET", "POST"])
@page(Action.PEOPLE, fresh=Fresh.CHANGES)
def person_locations(request: BusinessRequest, pk: int) -> HttpResponse:
    """Which locations they see."""
    member = _member(request, pk)
    given = request.POST if request.method == "POST" else None
    form = LocationsForm(request.organization, given, initial={"locations": member.locations.all()})
    if given is not None and form.is_valid():
        try:
            members.limit(member, list(form.cleaned_data["locations"]), _me(request))
            messages.success(request, f"Kept: it holds for {_called(member)} from their next click on.")
        except members.Refused as refused:
            messages.warning(request, str(refused))
        return redirect("people")
    context = {"section": "settings", "form": form, "member": member, "called": _called(member)}
    return render(request, "people/locations.html", context, status=422 if form.errors else 200)


@require_POST
@page(Action.PEOPLE, fresh=Fresh.CHANGES)
def person_remove(request: BusinessRequest, pk: int) -> HttpResponse:
    """Let them go; or go oneself."""
    member = _member(request, pk)
    try:
        members.remove(member, _me(request))
        messages.success(request, f"{_called(member)} does not belong to {request.organization.name} any more.")
        if count := request.organization.tokens.filter(created_by=member.user, revoked_at=None).count():
            messages.warning(request, f"{_tokens(count)} they made for other programs still open. See under API.")
    except members.Refused as refused:
        messages.warning(request, str(refused))
    return redirect("people" if member.user_id != request.user.pk else "dashboard")


@require_POST
@page(Action.PEOPLE, fresh=Fresh.CHANGES)
def invitation_withdraw(request: BusinessRequest, pk: int) -> HttpResponse:
    """The link opens nothing any more."""
    invitation = get_object_or_404(Invitation, pk=pk, organization=request.organization)
    if members.withdraw(invitation, request.user, timezone.now()):
        messages.success(request, "Withdrawn: the link opens nothing any more.")
    else:
        messages.info(request, "It was accepted, or is over. Nothing was changed.")
    return redirect("people")


def _page(request: BusinessRequest, form: InviteForm, link: str, *, was_to_be_mailed: bool) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "settings",
        "form": form,
        "link": link,
        "was_to_be_mailed": was_to_be_mailed,
        "life": Invitation.LIFE.days,
        "people": _people(request),
        "pending": list(members.pending(request.organization, timezone.now())),
        "ranks": roles.RANKS,
        "table": list(roles.table()),
        "has_several": request.organization.businesses.count() > 1,
    }
    return render(request, "people/people.html", context, status=422 if form.errors else 200)


def _people(request: BusinessRequest) -> list[Person]:
    given = roles.up_to(request.role)
    return [
        Person(
            member,
            is_me=member.user_id == request.user.pk,
            roles=given if roles.reaches(request.role, member.role) else [],
            only=[each.name for each in member.locations.all()],
        )
        for member in members.of(request.organization)
    ]


def _member(request: BusinessRequest, pk: int) -> Membership:
    rows = Membership.objects.select_related("user", "organization")
    return get_object_or_404(rows, pk=pk, organization=request.organization)


def _me(request: BusinessRequest) -> Membership:
    return Membership.objects.get(user=request.user, organization=request.organization)


def _called(member: Membership) -> str:
    return member.user.get_full_name() or member.user.email


def _tokens(count: int) -> str:
    return "One token" if count == 1 else f"{count} tokens"


def _as(role: Role) -> str:
    return f"an {role.label.lower()}" if role is Role.OWNER else f"a {role.label.lower()}"
