"""The form of a draft: name, card, flow, and the three texts in each of its languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import QueryDict

from campaigns import invitations, languages, rules, status, wordings
from campaigns.models import (
    FIRST_SIDE,
    REMIND_AFTER,
    SECOND_SIDE,
    Business,
    Campaign,
    Card,
    Customer,
    User,
    Wording,
)
from campaigns.web.campaigns.who import FILTERED, FilterForm
from campaigns.web.phone import Draft

#: Cards offered to choose from, the newest first.
OFFERED = 24
#: The texts that each language has.
TEXTS = ("greeting", "ask", "reminder")
#: The fields that the preview shows.
DRAFTED = ("flow", "greeting", "ask", "remind_after", "reminder")
#: The campaign's own columns.
OWN = ("name", "card", *DRAFTED, "greeting_b", "ask_b", "card_b")
#: Where something in the second side is mended, by the place that a rule names.
SECOND = {"greeting": "greeting_b", "ask": "ask_b", "picture": "card_b"}
MOST = REMIND_AFTER[1]
REMINDERS = [("", "No reminder"), ("1", "The next day"), *((str(n), f"{n} days later") for n in range(2, MOST + 1))]
#: Languages that one campaign may hold beside its own.
MOST_LANGUAGES = 12


@dataclass(frozen=True)
class Tongue:
    """The fields of one more language, as the page shows them together."""

    code: str
    greeting: BoundField
    ask: BoundField
    reminder: BoundField
    #: It was added just now, or something in it is to be mended.
    is_open: bool

    @property
    def first_name(self) -> str:
        """The merge field to put in; in a language we do not speak it needs its own fallback."""
        return "{first_name}" if self.code in languages.SPOKEN else "{first_name|}"

    @property
    def name(self) -> str:
        """What staff call it."""
        return languages.name(self.code)

    @property
    def own_name(self) -> str:
        """What those who speak it call it."""
        return languages.own_name(self.code)


class DraftForm(FilterForm):
    """A draft as people write it.  What a text may not say refuses it, in the words of the rule.

    Its own words are in `language`; `others` are the languages that it has words in beside.  One that is left empty
    is not kept: its customers get the campaign's own words.
    """

    name = forms.CharField(label="Name of the campaign", max_length=120, help_text="Only you see it.")
    card = forms.ModelChoiceField(Card.objects.none(), required=False, widget=forms.RadioSelect)
    flow = forms.ChoiceField(label="How it begins", choices=Business.Flow.choices, widget=forms.RadioSelect)
    greeting = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    ask = forms.CharField(label="Text under the picture", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    remind_after = forms.TypedChoiceField(
        label="Reminder",
        choices=REMINDERS,
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Only those who have neither opened the link nor answered, and nobody twice.",
    )
    reminder = forms.CharField(
        label="What the reminder says", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    greeting_b = forms.CharField(
        label="Greeting of B", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    ask_b = forms.CharField(
        label="Text under the picture of B", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    card_b = forms.ModelChoiceField(
        Card.objects.none(), label="Picture of B", required=False, empty_label="The same as A"
    )

    def __init__(
        self, business: Business, data: QueryDict | None = None, *, language: str, initial: Any = None, opened: str = ""
    ) -> None:
        super().__init__(business, data, initial=initial)
        self.language, self._opened = language, opened
        self.cards: QuerySet[Card] = business.cards.filter(is_current=True).order_by("-pk")
        for name in ("card", "card_b"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = self.cards
        wanted = data.getlist("languages") if data is not None else (initial or {}).get("languages", ())
        self.others = others(wanted, language)
        for code in self.others:
            self.fields |= {field_name(text, code): _in_one_more(self.fields[text], code) for text in TEXTS}

    def tongues(self) -> Iterator[Tongue]:
        """The languages beside its own."""
        for code in self.others:
            greeting, ask, reminder = (self[field_name(text, code)] for text in TEXTS)
            is_open = code == self._opened or any(field.errors for field in (greeting, ask, reminder))
            yield Tongue(code, greeting, ask, reminder, is_open)

    @property
    def own_language(self) -> str:
        """What staff call the language of the campaign's own words."""
        return languages.name(self.language)

    @property
    def draft(self) -> Draft:
        """The campaign's own words as they stand in the form, sound or not."""
        return self.draft_in(self.language)

    def draft_in(self, language: str, side: str = "") -> Draft:
        """What somebody of this language would get, as it stands in the form; its own words where it has no others."""
        said = next((each for each in self.wordings if each.language == language), self.wordings[0])
        if side == SECOND_SIDE and said.language == self.language:
            said = self.whole.second_wording
        flow, days = str(self["flow"].value() or ""), str(self["remind_after"].value() or "")
        remind_after = int(days) if days in dict(REMINDERS) and days else None
        return Draft(flow, said.greeting, said.ask, remind_after, said.reminder, said.language)

    @property
    def wordings(self) -> list[Wording]:
        """The words in each language as they stand, its own first; a language left empty is not among them."""
        own = Wording(language=self.language, **{text: str(self[text].value() or "") for text in TEXTS})
        return [own, *filter(_says_something, map(self._written_in, self.others))]

    def _written_in(self, code: str) -> Wording:
        return Wording(language=code, **{text: str(self[field_name(text, code)].value() or "") for text in TEXTS})

    @cached_property
    def whole(self) -> Campaign:
        """The campaign with both its sides as they stand in the form, sound or not.  It is kept nowhere."""
        said = {name: str(self[name].value() or "") for name in (*TEXTS, "greeting_b", "ask_b", "flow")}
        return Campaign(
            business=self.business,
            language=self.language,
            card=self.chosen_card,
            card_b=self._card("card_b"),
            remind_after=self.draft.remind_after,
            **said,
        )

    def side_for(self, customer: Customer, draft: Campaign | None) -> str:
        """The side that chance has given this customer; before the draft is kept it is the first."""
        whole = self.whole
        if draft is None:
            return FIRST_SIDE if whole.is_split else ""
        whole.pk = draft.pk
        return whole.side_of(customer)

    @property
    def chosen_card(self) -> Card | None:
        """The card that is chosen in the form."""
        return self._card("card")

    def _card(self, name: str) -> Card | None:
        chosen = str(self[name].value() or "")
        return self.cards.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None

    @cached_property
    def stop_in_each(self) -> bool:
        """Must every message say how to stop (D5)?"""
        return wordings.writes_to_the_uk(self.business)

    @property
    def findings(self) -> list[rules.Finding]:
        """What the rules say to the words as they stand, and to the card, on both sides."""
        first = self._of_the_first()
        return [*first, *wordings.named_b(self._of_the_second(first))]

    def _of_the_first(self) -> list[rules.Finding]:
        draft = self.draft
        said = wordings.judge(
            self.wordings,
            self.business,
            flow=draft.flow,
            reminds=bool(draft.remind_after),
            stop_in_each=self.stop_in_each,
        )
        return [*said, *wordings.on_the_card(self.chosen_card, self.business)]

    def _of_the_second(self, first: list[rules.Finding]) -> list[rules.Finding]:
        """What they say to the second side and not to the first."""
        said = wordings.of_the_second(self.whole, stop_in_each=self.stop_in_each)
        return [each for each in said if each not in first]

    def clean(self) -> dict[str, Any]:
        """Hold the texts against the rules; a blocking finding is an error of its field."""
        given = super().clean() or {}
        if given.get("remind_after") and not given.get("reminder"):
            self.add_error("reminder", "Write what the reminder says, or choose “No reminder”.")
        for wording in self.wordings[1:]:
            self._check_whole(wording, reminds=bool(given.get("remind_after")))
        first = self._of_the_first()
        for finding in rules.blocks(first):
            self._refuse(self._field_of(finding), finding)
        for finding in rules.blocks(self._of_the_second(first)):
            self._refuse(SECOND.get(finding.where, finding.where), finding)
        return given

    def _refuse(self, field: str, finding: rules.Finding) -> None:
        if field not in self.errors:
            self.add_error(field, finding.words)

    def _check_whole(self, wording: Wording, *, reminds: bool) -> None:
        """A language that says something says everything."""
        needed = TEXTS if reminds else TEXTS[:2]
        for text in needed:
            if not getattr(wording, text).strip():
                name = languages.name(wording.language)
                sentence = f"Write this in {name} too, or leave all of it empty: then they get {self.own_language}."
                self.add_error(field_name(text, wording.language), sentence)

    def _field_of(self, finding: rules.Finding) -> str:
        if finding.where == "picture":
            return "card"
        is_own = finding.language in ("", self.language)
        return finding.where if is_own else field_name(finding.where, finding.language)

    def make(self, by: User) -> Campaign:
        """A new draft."""
        with transaction.atomic():
            own = self._own_columns()
            made = Campaign.objects.create(business=self.business, created_by=by, language=self.language, **own)
            self._keep_others(made)
        return made

    def keep(self, draft: Campaign) -> bool:
        """Write the draft down while it is one; False when it has been started meanwhile."""
        with transaction.atomic():
            mine = Campaign.objects.filter(pk=draft.pk, state=status.Campaign.DRAFT)
            if not mine.update(**self._own_columns()):
                return False
            self._keep_others(draft)
        return True

    def _own_columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OWN} | {"who": self.only.as_json()}

    def _keep_others(self, draft: Campaign) -> None:
        kept = self._cleaned_others()
        draft.other_wordings.exclude(language__in=kept).delete()
        for code, texts in kept.items():
            Wording.objects.update_or_create(campaign=draft, language=code, defaults=texts)

    def _cleaned_others(self) -> dict[str, dict[str, str]]:
        said = {code: {text: self.cleaned_data[field_name(text, code)] for text in TEXTS} for code in self.others}
        return {code: texts for code, texts in said.items() if any(texts.values())}


def others(wanted: Any, own: str) -> list[str]:
    """Languages we have a name for, each once and not the campaign's own."""
    known = dict.fromkeys(code for code in wanted if code in languages.KNOWN and code != own)
    return list(known)[:MOST_LANGUAGES]


def field_name(text: str, language: str) -> str:
    """What the field of this text in one more language is called: "greeting_es"."""
    return f"{text}_{language}"


def _in_one_more(field: forms.Field, code: str) -> forms.Field:
    assert isinstance(field, forms.CharField)
    own_label = field.label or "Greeting"
    return forms.CharField(
        label=f"{own_label} in {languages.name(code)}",
        max_length=field.max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "lang": code, "dir": "auto"}),
    )


def _says_something(wording: Wording) -> bool:
    return any(getattr(wording, text).strip() for text in TEXTS)


def written(draft: Campaign) -> dict[str, object]:
    """What the form begins with for a draft."""
    own, *rest = draft.wordings()
    kept: dict[str, object] = {name: getattr(draft, name) for name in ("name", *DRAFTED)} | {"card": draft.card_id}
    kept |= {"greeting_b": draft.greeting_b, "ask_b": draft.ask_b, "card_b": draft.card_b_id}
    kept |= {name: getattr(draft.only, name) for name in FILTERED}
    kept |= {"reminder": own.reminder or _ready(own.language)["reminder"], "languages": [w.language for w in rest]}
    for wording in rest:
        kept |= {field_name(text, wording.language): getattr(wording, text) for text in TEXTS}
    return kept


def typed(post: QueryDict, *, add: str = "", drop: str = "", stop_in_each: bool = False) -> dict[str, object]:
    """What stands in the form, with one language more or less.  One that we speak brings ready words with it."""
    codes = [code for code in post.getlist("languages") if code != drop]
    values: dict[str, object] = {**post.dict(), "tags": post.getlist("tags")}
    values |= {"languages": [*codes, add] if add else codes}
    if add and add not in codes:
        ready = _ready(add, stop_in_each=stop_in_each) if add in languages.SPOKEN else {}
        values |= {field_name(text, add): words for text, words in ready.items()}
    return values


def _ready(language: str, *, stop_in_each: bool = False) -> Mapping[str, str]:
    return invitations.READY[languages.spoken(language, languages.ENGLISH)].beginning(stop_in_each=stop_in_each)
