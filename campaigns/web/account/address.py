"""The address somebody signs in with: shown to be theirs, or changed."""

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import accounts
from campaigns.accounts import errands, noting, tries
from campaigns.models import User
from campaigns.roles import Action
from campaigns.web.account.room import show
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

ON_ITS_WAY = "A mail is on its way to {}. Open the link in it within a day."


class AddressForm(forms.Form):
    """Another address.  Whether somebody else has it is said to nobody (S4)."""

    email = forms.EmailField(
        label="New e-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@require_http_methods(["GET", "POST"])
@page(Action.OWN_SIGN_IN, opens_to_all=True, fresh=Fresh.ALL)
def address(request: BusinessRequest) -> HttpResponse:
    """The new address counts once somebody has opened the mail that goes there; until then the old one does."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = User.objects.normalize_email(form.cleaned_data["email"])
        if not tries.may_ask_for_mail(request, wanted):
            form.add_error(None, "That were many mails. Wait an hour.")
        else:
            _ask(request, wanted)
            return redirect("you")
    return show(request, "account/address.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def address_verify(request: BusinessRequest) -> HttpResponse:
    """Send the mail for the present address."""
    accounts.address_of(request.user)
    if tries.may_ask_for_mail(request, request.user.email):
        errands.ask(errands.Kind.VERIFY, request.user.email, request)
        messages.success(request, ON_ITS_WAY.format(request.user.email))
    else:
        messages.warning(request, "Some mails are on their way already. Wait an hour before you ask for another.")
    return redirect("you")


@require_http_methods(["GET", "POST"])
def address_confirm(request: HttpRequest, key: str) -> HttpResponse:
    """The link in the mail shows a button; only the button counts, because programs open every link."""
    found = EmailConfirmationHMAC.from_key(key)
    if request.method == "POST" and found is not None and _confirm(request, found.email_address):
        messages.success(request, "Thank you. You sign in with this address now.")
        return redirect("you" if request.user.is_authenticated else "sign_in")
    context = {"email": found.email_address.email if found and request.method == "GET" else ""}
    response = render(request, "account/confirm.html", context, status=200 if context["email"] else 410)
    add_never_cache_headers(response)
    return response


def _ask(request: BusinessRequest, wanted: str) -> None:
    """Of an address that waits there is one; and one that is somebody else's gets no mail."""
    messages.success(request, ON_ITS_WAY.format(wanted))
    accounts.address_of(request.user)
    EmailAddress.objects.filter(user=request.user, verified=False).exclude(email=request.user.email).delete()
    if not User.objects.filter(email=wanted).exists():
        EmailAddress.objects.create(user=request.user, email=wanted, primary=False, verified=False)
    noting.note(request, request.user, "ask for another address")
    errands.ask(errands.Kind.VERIFY, wanted, request)
    errands.tell(request, request.user, "Somebody wants to sign in as you with another address.")


def _confirm(request: HttpRequest, row: EmailAddress) -> bool:
    """The address is theirs from now on, and the only one.  False where somebody else was quicker."""
    user: User = row.user
    try:
        with transaction.atomic():
            EmailAddress.objects.filter(user=user).exclude(pk=row.pk).delete()
            EmailAddress.objects.filter(pk=row.pk).update(verified=True, primary=True)
            changed = User.objects.filter(pk=user.pk).exclude(email=row.email).update(email=row.email)
    except IntegrityError:
        return False
    if changed:
        noting.note(request, user, "change address")
    return True


urlpatterns: list[URLPattern] = [
    path("you/address/", address, name="address"),
    path("you/address/verify/", address_verify, name="address_verify"),
    path("confirm/<str:key>/", address_confirm, name="account_confirm_email"),
]
