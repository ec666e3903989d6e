"""Quick answers: a few texts of the organization's, edited here, chosen while answering."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import answering, merge
from campaigns.models import AuditEntry, Organization, QuickAnswer
from campaigns.roles import Action
from campaigns.web.inbox import pages
from campaigns.web.tenancy import BusinessRequest, page

#: More would be a search, not a choice.
MOST = 30


class QuickAnswerForm(forms.Form):
    """A name to choose by, and the text."""

    name = forms.CharField(
        max_length=60,
        label="Name",
        help_text="By which you choose it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "A name may have %(limit_value)d characters; this one has %(show_value)d."},
    )
    text = forms.CharField(
        max_length=answering.LONGEST,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="{first_name}, {sender} and {business} become the words of whom you answer.",
        error_messages={"max_length": "A text may have %(limit_value)d characters; this one has %(show_value)d."},
    )

    def clean_text(self) -> str:
        """Fields that do not exist are named at once, not in front of a customer."""
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        try:
            merge.fields_in(text)
        except merge.UnknownField as unknown:
            raise forms.ValidationError(str(unknown)) from unknown
        return text


@require_http_methods(["GET", "POST"])
@page(Action.QUICK_ANSWERS)
def quick_answers(request: BusinessRequest) -> HttpResponse:
    """All of them, and one more."""
    form = QuickAnswerForm(request.POST or None)
    kept = list(request.organization.quick_answers.all())
    if request.method == "POST" and form.is_valid():
        if len(kept) < MOST:
            made = QuickAnswer.objects.create(organization=request.organization, **form.cleaned_data)
            AuditEntry.write(request.organization, "add quick answer", made, request.user)
            messages.success(request, f"“{made.name}” is kept.")
            return redirect("quick_answers")
        form.add_error(None, f"{MOST} quick answers are the most. Remove one that nobody uses.")
    return _page(request, kept, form)


def _page(request: BusinessRequest, kept: list[QuickAnswer], form: QuickAnswerForm, changed: int = 0) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "settings",
        "rows": [(answer, pages.findings(request.business, answer.text)) for answer in kept],
        "form": form,
        "changed": changed,
    }
    return render(request, "inbox/quick.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page(Action.QUICK_ANSWERS)
def change(request: BusinessRequest, pk: int) -> HttpResponse:
    """Other words for one."""
    answer = get_object_or_404(QuickAnswer, pk=pk, organization=request.organization)
    form = QuickAnswerForm(request.POST or None, initial={"name": answer.name, "text": answer.text})
    if request.method == "POST" and form.is_valid():
        QuickAnswer.objects.filter(pk=answer.pk).update(**form.cleaned_data)
        AuditEntry.write(request.organization, "change quick answer", answer, request.user)
        messages.success(request, "Saved.")
        return redirect("quick_answers")
    return _page(request, [], form, changed=answer.pk)


@require_POST
@page(Action.QUICK_ANSWERS)
def remove(request: BusinessRequest, pk: int) -> HttpResponse:
    """Throw one away; what was answered with it stays."""
    answer = get_object_or_404(QuickAnswer, pk=pk, organization=request.organization)
    answer.delete()
    AuditEntry.write(request.organization, "remove quick answer", f"quick answer {pk}", request.user)
    messages.success(request, f"“{answer.name}” is removed.")
    return redirect("quick_answers")


@require_POST
@page(Action.QUICK_ANSWERS)
def receipts(request: BusinessRequest) -> HttpResponse:
    """Whether customers see that their words were read."""
    wanted = request.POST.get("receipts") == "on"
    Organization.objects.filter(pk=request.organization.pk).update(sends_receipts=wanted)
    AuditEntry.write(request.organization, "read receipts", "on" if wanted else "off", request.user)
    messages.success(request, "Customers see that you read." if wanted else "Customers do not see whether you read.")
    return redirect(f"{reverse('quick_answers')}#receipts")
