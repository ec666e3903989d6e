"""The settings: the business, its logo, its lines, and how it is connected to Chert."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import accounts, chert, connecting, connection, lines, links, outgoing, review_links, wordings
from campaigns.connecting import SeenLine
from campaigns.models import AuditEntry, Business, Line, Organization, keep_logo
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.campaigns import words
from campaigns.web.forms_settings import HERE, BrakeForm, BusinessForm, KeepingForm, KeyForm, LinesForm, LogoForm
from campaigns.web.limiting import limited
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page


@dataclass(frozen=True)
class Answer:
    """What Chert said when it was asked for the account's lines: the lines, or a sentence about what is wrong."""

    lines: tuple[SeenLine, ...] = ()
    trouble: str = ""
    #: The trouble is the key itself, not the way to Chert.
    is_key: bool = False


@require_http_methods(["GET", "POST"])
@page(Action.SETTINGS)
def settings(request: BusinessRequest) -> HttpResponse:
    """All settings on one page; this form is the business's own."""
    form = _business_form(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _save_business(request, form)
        messages.success(request, "Saved. Messages already written keep the words they have.")
        return redirect("settings")
    return _page(request, business_form=form)


@require_POST
@page(Action.SETTINGS)
@limited("photo")
def settings_logo(request: BusinessRequest) -> HttpResponse:
    """A logo, or another one.  Cards keep the one they carry: each names its own file."""
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, logo_form=form)
    _save_logo(request, "change logo", keep_logo(form.cleaned_data["logo"].png))
    messages.success(request, "The logo is kept. Cards that carry the one before keep theirs.")
    return redirect(f"{reverse('settings')}#logo")


@require_POST
@page(Action.SETTINGS)
def settings_logo_remove(request: BusinessRequest) -> HttpResponse:
    """No logo any more, for cards that are made from now on."""
    if request.business.logo:
        _save_logo(request, "remove logo", "")
        messages.success(request, "The logo is removed. Cards that carry it keep it.")
    return redirect(f"{reverse('settings')}#logo")


@require_POST
@page(Action.SETTINGS)
def settings_lines(request: BusinessRequest) -> HttpResponse:
    """Budget and gap of each line, and who sends on it."""
    form = _lines_form(request, request.POST)
    if not form.is_valid():
        return _page(request, lines_form=form)
    with transaction.atomic():
        for line in form.lines:
            Line.objects.filter(pk=line.pk).update(**form.values(line))
        AuditEntry.write(request.organization, "change lines", request.business, request.user, _changed(form))
    messages.success(request, "Saved. What is already under way keeps its time.")
    return redirect("settings")


@require_POST
@page(Action.BRAKES)
def settings_brakes(request: BusinessRequest) -> HttpResponse:
    """When a line rests; for every location of the account."""
    form = _brake_form(request, request.POST)
    if not form.is_valid():
        return _page(request, brake_form=form)
    with transaction.atomic():
        Organization.objects.filter(pk=request.organization.pk).update(**form.cleaned_data)
        AuditEntry.write(request.organization, "change brakes", request.organization, request.user, _changed(form))
    messages.success(request, "Saved. The lines are judged by these figures from now on.")
    return redirect(f"{reverse('settings')}#brakes")


@require_POST
@page(Action.KEEPING, fresh=Fresh.ALL)
def settings_keeping(request: BusinessRequest) -> HttpResponse:
    """How long words and pictures are kept, for every location of the account."""
    form = KeepingForm(request.organization, request.POST)
    if not form.is_valid():
        return _page(request, keeping_form=form)
    with transaction.atomic():
        Organization.objects.filter(pk=request.organization.pk).update(**form.cleaned_data)
        days = f"{form.cleaned_data['keeps_days']} days"
        AuditEntry.write(request.organization, "keep words for", request.organization, request.user, days)
    messages.success(request, "Saved. What is older goes by itself from tomorrow on.")
    return redirect(f"{reverse('settings')}#keeping")


@require_POST
@page(Action.SETTINGS)
def settings_line_release(request: BusinessRequest, pk: int) -> HttpResponse:
    """End the rest of a line that too few answered on; its answers are counted anew from now."""
    line = get_object_or_404(_lines(request), pk=pk)
    lines.release(line, request.user, timezone.now())
    messages.success(request, "The line writes to new customers again. Answers are counted anew from now on.")
    return redirect(f"{reverse('settings')}#lines")


@sensitive_post_parameters("secret")
@require_POST
@page(Action.CONNECTION, fresh=Fresh.ALL)
def settings_key(request: BusinessRequest) -> HttpResponse:
    """A new key.  Chert is asked first: one it does not accept never takes the place of one that works."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, key_form=form)
    answer = ask_chert(_with_key(request.organization, form.cleaned_data))
    if answer.is_key:
        form.add_error("secret", f"{answer.trouble} The key before stays as it was.")
        return _page(request, key_form=form)
    trouble = _keep_key(request, form.cleaned_data, answer)
    if trouble:
        messages.warning(request, f"The key is kept, but Chert could not be asked: {trouble}")
    else:
        messages.success(request, "Chert accepts the key.")
    return redirect("settings")


@require_POST
@page(Action.SECOND_STEP, fresh=Fresh.ALL)
def settings_second_step(request: BusinessRequest) -> HttpResponse:
    """Ask everybody for a second step, or nobody.  Whoever asks has one, so that nobody shuts themselves out."""
    wanted = request.POST.get("needed") == "yes"
    if wanted and not accounts.has_second_step(request.user):
        messages.warning(request, "Add a second step for yourself first: an app or a passkey.")
        return redirect("you")
    with transaction.atomic():
        Organization.objects.filter(pk=request.organization.pk).update(needs_second_step=wanted)
        act = "ask for second step" if wanted else "ask for no second step"
        AuditEntry.write(request.organization, act, request.organization, request.user)
    told = "Who has no second step sees only the page where it is added." if wanted else "A passphrase is enough again."
    messages.success(request, told)
    return redirect(f"{reverse('settings')}#second-step")


@require_POST
@page(Action.SETTINGS)
def settings_test(request: BusinessRequest) -> HttpResponse:
    """Is the key right, and which lines are ours?  An account that stood still goes on when all is well."""
    answer = ask_chert(request.organization)
    if not answer.trouble and request.organization.paused_at:
        request.organization.resume()
        request.organization.refresh_from_db()
    if request.htmx:
        return render(request, "settings/_answer.html", _answered(request, answer))
    return _page(request, answer=answer)


@require_POST
@page(Action.SETTINGS)
def settings_connect(request: BusinessRequest) -> HttpResponse:
    """Ask Chert to call us when something happens."""
    trouble = connecting.try_to_connect(request.organization, request.user)
    if trouble:
        messages.error(request, f"Not connected. {trouble} Meanwhile we ask Chert ourselves, so nothing is lost.")
    else:
        messages.success(request, "Connected: answers and receipts come in by themselves.")
    return redirect("settings")


@require_POST
@page(Action.CONNECTION)
def settings_line_add(request: BusinessRequest) -> HttpResponse:
    """Take a line of the Chert account into use, for every location or this one.  Only one that Chert itself names."""
    number = request.POST.get("number", "")
    answer = ask_chert(request.organization)
    if number not in {line.number for line in answer.lines}:
        raise Http404("Chert names no such line.")
    whose = request.business if request.POST.get("reach") == HERE else None
    line, is_new = Line.objects.get_or_create(
        organization=request.organization, number=number, defaults={"business": whose}
    )
    if is_new:
        AuditEntry.write(request.organization, "add line", line, request.user)
        messages.success(request, "The line is in use.")
    return redirect("settings")


def ask_chert(organization: Organization) -> Answer:
    """The lines of the account by Chert's own word, or what is wrong in a sentence."""
    try:
        return Answer(lines=tuple(connecting.test(organization)))
    except chert.AccountTrouble as trouble:
        return Answer(
            trouble=f"{trouble.detail} {trouble.advice}".strip(), is_key=trouble.reason in {"key", "permission"}
        )
    except chert.ChertError as trouble:
        return Answer(trouble=trouble.detail)
    except (connection.NotConnected, chert.BadCredentials, chert.BadAddress) as trouble:
        return Answer(trouble=str(trouble), is_key=isinstance(trouble, chert.BadCredentials))


# --- the page -------------------------------------------------------------------------------------------------------


def _page(
    request: BusinessRequest,
    *,
    business_form: BusinessForm | None = None,
    logo_form: LogoForm | None = None,
    lines_form: LinesForm | None = None,
    brake_form: BrakeForm | None = None,
    key_form: KeyForm | None = None,
    keeping_form: KeepingForm | None = None,
    answer: Answer | None = None,
) -> HttpResponse:
    """The whole page, with those forms in it that have something to say."""
    organization = request.organization
    given = [form for form in (business_form, logo_form, lines_form, brake_form, key_form, keeping_form) if form]
    context = {
        "section": "settings",
        "business_form": business_form or _business_form(request),
        "logo_form": logo_form or LogoForm(),
        "lines_form": lines_form or _lines_form(request),
        "too_few": words.too_few(request.business),
        "brake_form": brake_form or _brake_form(request),
        "too_telling": wordings.too_telling(request.business),
        "key_form": key_form or KeyForm(initial={"tenant": organization.chert_tenant}),
        "keeping_form": keeping_form or KeepingForm(organization),
        "lineless": lines.without(organization) if tenancy.may(request, Action.LOCATIONS) else 0,
        "has_key": bool(organization.chert_secret),
        "connection": _connection_words(organization),
        "review_warning": _review_warning(request.business),
        "counts_not": request.business.links == Business.Links.COUNTED and not links.are_counted(request.business),
        "is_sandbox": connection.is_loopback(),
        "suppressed": organization.suppressions.count(),
        "troubled_webhooks": outgoing.troubled(organization) if tenancy.may(request, Action.PROGRAMS) else [],
    }
    failed = any(form.is_bound and form.errors for form in given)
    context |= _answered(request, answer)
    return render(request, "settings/settings.html", context, status=422 if failed else 200)


def _answered(request: BusinessRequest, answer: Answer | None) -> dict[str, Any]:
    """What Chert said, and what may be made of it."""
    may_own = tenancy.may(request, Action.CONNECTION)
    return {"answer": answer, "may_own": may_own, "has_several": _has_several(request)}


def _has_several(request: BusinessRequest) -> bool:
    """Has the account more than one location?"""
    return len(request.organization.businesses.values("pk")[:2]) > 1


def _business_form(request: BusinessRequest, data: Any = None) -> BusinessForm:
    return BusinessForm(request.business, data, may_be_wide=connection.is_loopback())


def _lines_form(request: BusinessRequest, data: Any = None) -> LinesForm:
    """Who sends on a line concerns every location, so it is for those who see them all."""
    chooses = tenancy.may(request, Action.LOCATIONS) and _has_several(request)
    alone, is_wide = request.business if chooses else None, connection.is_loopback()
    return LinesForm(request.organization, _lines(request), data, may_be_wide=is_wide, alone=alone)


def _brake_form(request: BusinessRequest, data: Any = None) -> BrakeForm:
    return BrakeForm(request.organization, data, may_be_loose=connection.is_loopback())


def _lines(request: BusinessRequest) -> QuerySet[Line]:
    """The lines this business sends on; for somebody who sees some locations only, those of this one alone."""
    here, shared = Q(business=request.business), Q(business=None)
    mine = here if request.may.is_limited else here | shared
    return request.organization.lines.filter(mine).order_by("pk")


def _connection_words(organization: Organization) -> str:
    """How we hear from Chert: "called", "asking" because it cannot reach us, or "open" where it could and does not."""
    if connecting.is_connected(organization):
        return "called"
    return "open" if connecting.can_be_called() else "asking"


def _review_warning(business: Business) -> str | None:
    try:
        return review_links.check(business.review_url).warning if business.review_url else None
    except review_links.BadReviewLink as bad:
        return bad.sentence


# --- saving ---------------------------------------------------------------------------------------------------------


def _save_business(request: BusinessRequest, form: BusinessForm) -> None:
    with transaction.atomic():
        Business.objects.filter(pk=request.business.pk).update(**form.values)
        AuditEntry.write(request.organization, "change settings", request.business, request.user, _changed(form))


def _save_logo(request: BusinessRequest, act: str, name: str) -> None:
    with transaction.atomic():
        Business.objects.filter(pk=request.business.pk).update(logo=name)
        AuditEntry.write(request.organization, act, request.business, request.user)


def _changed(form: BusinessForm | LinesForm | BrakeForm) -> str:
    return ", ".join(form.changed_data)


def _with_key(organization: Organization, given: dict[str, Any]) -> Organization:
    """The same organization with another key, not saved."""
    other = Organization.objects.get(pk=organization.pk)
    other.chert_secret, other.chert_tenant = given["secret"], given["tenant"]
    return other


def _keep_key(request: BusinessRequest, given: dict[str, Any], answer: Answer) -> str:
    """Write the key down and subscribe anew with it; returns what went wrong afterwards, as a sentence."""
    organization = _with_key(request.organization, given)
    # The subscription was made with the key before; perhaps for another account.
    organization.webhook_secret = ""
    with transaction.atomic():
        organization.save(update_fields=["chert_secret", "chert_tenant", "webhook_secret"])
        AuditEntry.write(organization, "change key", organization, request.user)
    connection.forget()
    if answer.trouble:
        return answer.trouble
    organization.resume()
    return connecting.try_to_connect(organization, request.user)


urlpatterns: list[URLPattern] = [
    path("settings/", settings, name="settings"),
    path("settings/logo/", settings_logo, name="settings_logo"),
    path("settings/logo/remove/", settings_logo_remove, name="settings_logo_remove"),
    path("settings/lines/", settings_lines, name="settings_lines"),
    path("settings/brakes/", settings_brakes, name="settings_brakes"),
    path("settings/keeping/", settings_keeping, name="settings_keeping"),
    path("settings/lines/<int:pk>/release/", settings_line_release, name="settings_line_release"),
    path("settings/lines/add/", settings_line_add, name="settings_line_add"),
    path("settings/key/", settings_key, name="settings_key"),
    path("settings/second-step/", settings_second_step, name="settings_second_step"),
    path("settings/test/", settings_test, name="settings_test"),
    path("settings/connect/", settings_connect, name="settings_connect"),
]
