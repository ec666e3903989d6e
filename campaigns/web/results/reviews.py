"""Reviews somebody brings: pasted or as a file, each with who may have written it, for a person to say."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import likely
from campaigns.models import Review
from campaigns.results import reviews as brought
from campaigns.roles import Action
from campaigns.web.customers.acts import mark_reviewed
from campaigns.web.tenancy import BusinessRequest, page

#: Guesses shown at once.
SHOWN = 50
#: From how many percent a guess is called so.
WORDS = ((80, "Very likely"), (60, "Likely"), (0, "Perhaps"))


class ReviewsForm(forms.Form):
    """A list of reviews: who wrote one, and when.  Once valid, `lines` are they."""

    file = forms.FileField(
        label="Or a file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text="CSV with a column for the name, and for the date and the text where there are any. Up to 2 MB.",
    )
    pasted = forms.CharField(
        label="Paste them, one review a line",
        required=False,
        strip=False,
        max_length=brought.MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "Grace H., 2026-03-04"}),
        help_text="The name, a comma, the date: “Grace H., 4 March 2026”.",
    )
    lines: list[brought.Line]

    def clean(self) -> dict[str, Any]:
        """Read the list; what cannot be read is an error of its field."""
        given = super().clean() or {}
        field = "file" if given.get("file") else "pasted"
        try:
            self.lines = brought.read(self._text(given))
        except brought.BadList as bad:
            self.add_error(field, str(bad))
        return given

    def _text(self, given: dict[str, Any]) -> str:
        file: UploadedFile[bytes] | None = given.get("file")
        if file is None:
            return str(given.get("pasted") or "")
        if (file.size or 0) > brought.MOST_BYTES:
            raise brought.BadList("The file is larger than 2 MB. Nothing was kept. Bring it in parts.")
        return brought.text_of(file.read())


@require_http_methods(["GET", "POST"])
@page(Action.REVIEWS)
def reviews(request: BusinessRequest) -> HttpResponse:
    """Bring a list, and say of each guess whether it is so."""
    form = ReviewsForm(request.POST, request.FILES) if request.method == "POST" else ReviewsForm()
    if form.is_bound and form.is_valid():
        taken = brought.take_in(request.business, form.lines, timezone.now())
        messages.info(request, said(taken))
        return redirect("reviews")
    waiting, held = brought.waiting(request.business), brought.held(request.business)
    context = {
        "section": "campaigns",
        "form": form,
        "waiting": [(each, how_sure(each.confidence)) for each in waiting[:SHOWN]],
        "held": held[:SHOWN],
        "more": max(0, waiting.count() - SHOWN) + max(0, held.count() - SHOWN),
        "tally": brought.tally(request.business),
    }
    return render(request, "results/reviews.html", context, status=422 if form.errors else 200)


@require_POST
@page(Action.REVIEWS)
def decide(request: BusinessRequest, pk: int) -> HttpResponse:
    """Theirs, or not; the first who says so decides."""
    rows = request.business.reviews.select_related("customer__business__organization")
    review = get_object_or_404(rows, pk=pk)
    person, is_theirs = review.customer, request.POST.get("theirs") == "yes"
    state = Review.State.CONFIRMED if is_theirs else Review.State.REFUSED
    with transaction.atomic():
        if person is None or not brought.decide(review, state, request.user, timezone.now()):
            messages.info(request, "Somebody has said so already. Nothing was changed.")
        elif is_theirs:
            mark_reviewed(request, person)
            messages.success(request, f"{person.name} has reviewed. Nothing more goes out to ask for it.")
        elif brought.is_asked_about(person):
            messages.success(request, f"Not by {person.name}. There is another one to say it of.")
        else:
            likely.is_not_theirs(person, request.user)
            messages.success(request, f"Not by {person.name}. A reminder that is still to come goes out.")
    return redirect("reviews")


def how_sure(confidence: int) -> str:
    """'Very likely', 'Likely' or 'Perhaps'."""
    return next(words for least, words in WORDS if confidence >= least)


def said(taken: brought.Taken) -> str:
    """What became of the list, in sentences."""
    read = "One review read." if taken.lines == 1 else f"{taken.lines:,} reviews read."
    if not taken.new:
        return f"{read} All of them were here already; nothing was changed."
    new = "" if taken.new == taken.lines else f" {taken.new:,} of them {'is' if taken.new == 1 else 'are'} new."
    if not taken.waiting:
        return f"{read}{new} Nobody who was asked before is likely among them."
    found = "One may be by a customer" if taken.waiting == 1 else f"{taken.waiting:,} may be by customers"
    return f"{read}{new} {found} you asked; say which."
