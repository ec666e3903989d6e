"""The patterns for English, and what both languages share.

Beside each pattern stands an example of what it finds (a test holds every example against its own pattern).

Every text we send asks for a review, so a reward near it is a reward for the review.  Words of one kind are always a
reward ("gift card"); words of the other kind are innocent by themselves ("your free estimate") and count only where
the sentence gives them *for* something.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Level = Literal["block", "warn"]


@dataclass(frozen=True)
class Rule:
    """One rule of the policy and how to recognise it.  `why` continues a sentence that began with the phrase."""

    id: str
    level: Level
    why: str
    #: (example, regular expression); case does not matter.
    patterns: tuple[tuple[str, str], ...]
    #: What to write instead.
    better: str

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """The first place of each pattern."""
        found = (re.search(pattern, text, re.IGNORECASE | re.MULTILINE) for _, pattern in self.patterns)
        return (match for match in found if match)


#: How a first message may say how to stop (M10): the bare word in capitals, an order with it, or the common terms.
#: Whatever stands here must be final when a customer writes it (a test holds it against `optouts`).
STOP = re.compile(
    r"\b(?:STOP|ALTO)\b(?! (?i:by|in|at|over)\b)"
    r"|(?i:\b(?:reply|text|say|send|answer|write|type)(?:\s+with)?\s+[\"']?(?:stop|quit|end|cancel|unsubscribe)\b"
    r"(?! (?:by|in|at|over)\b))"
    r"|(?i:\b(?:respond[ae]n?|contest[ae]n?|envi[ae]n?|escrib[ae]n?|mand[ae]n?|dig[ao]n?|pong[ao]n?)(?:me"
    r"|nos)?(?: con)?"
    r"(?: la palabra)? [\"'«]?(?:stop|alto|baja|parar|pare|cancelar|salir|no mas|detener|terminar|fin)\b)"
    r"|(?i:\bopt(?:ing)?[ -]?out\b|\bunsubscribe\b|\bdar(?:se|te|me)? de baja\b)"
)

#: In a language we do not speak: a word that is final for us wherever it stands alone, in capitals (M1).
STOP_IN_CAPITALS = re.compile(r"(?<![A-Za-z])(?:STOP|QUIT|END|REVOKE|OPT OUT|CANCEL|UNSUBSCRIBE)(?![A-Za-z])")

#: Placeholders of other programs: [First Name], <<name>>, %FIRST_NAME%, ${first_name}, *|FNAME|*, (First Name).
FOREIGN_FIELD = re.compile(
    r"\[[^\]\n]{0,15}\b(?:name|first|last|customer|client|business|company|link|url|date|nombre|apellido"
    r"|cliente|negocio|"
    r"empresa|enlace|fecha)\b[^\]\n]{0,15}\]"
    r"|<<[^<>\n]{1,30}>>"
    r"|<\s?(?:first|last|customer|full|business)?[ _-]?(?:name|nombre)\s?>"
    r"|%[A-Za-z_]{3,30}%"
    r"|\*\|[^|\n]{1,30}\|\*"
    r"|##?\w{3,30}##?(?!\w)(?<=#)"
    r"|\$\{?[a-z]+_[a-z]+\}?"
    r"|\((?:first name|last name|customer name|name|nombre)\)"
    r"|\b(?:insert|your|customer) (?:first )?name here\b",
    re.IGNORECASE,
)

# Pieces.  Gaps never leave the sentence.
_NEAR = r"[^.!?\n]{0,25}?"
_GAP = r"[^.!?\n]{0,60}?"
_REST = r"[^.!?\n]{0,30}"
_REVIEW = r"(?:reviews?|reviewing|ratings?|testimonials?|feedback)\b"
_WRITE = (
    r"(?:leav(?:es?|ing)|writ(?:es?|ing)|post(?:s|ing)?|giv(?:es?|ing)|shar(?:es?|ing)|drop(?:s|ping)?"
    r"|submit(?:s|ting)?|"
    r"do(?:es|ing)?|mak(?:es?|ing)|add(?:s|ing)?|send(?:s|ing)?|publish(?:es|ing)?|chang(?:es?|ing)|updat(?:es?|ing)|"
    r"remov(?:es?|ing)|delet(?:es?|ing)|edit(?:s|ing)?)\b"
)
_WRITE_OR_REVIEW = rf"(?:{_WRITE}{_GAP}\b{_REVIEW}|(?:reviews?|rates?|reviewing|rating) us\b)"
_BAD = (
    r"(?:bad|negative|poor|critical|low|unfavou?rable|harsh|false|unfair|less than|fewer than|"
    r"anything (?:less|below|under)|"
    r"(?:1|one|2|two|3|three)[ -]stars?)\b"
)
_BAD_REVIEW = rf"{_BAD}{_NEAR}\b(?:reviews?|ratings?|feedback|comments?|stars?)\b"
MONEY = r"(?:[$€£]\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:dollars|bucks|euros|pounds|usd)\b)"
PERCENT = r"\d+\s?(?:%|percent\b|per cent\b)"

#: Innocent alone.
_FREE = (
    r"(?<!feel )(?<!-)(?<!are )(?<!you're )\bfree\s(?!to\b|time|minute|moment|second|hour|day\b|of\b|hand|and\b|or\b|"
    r"now\b|tomorrow|this\b|for\b)\w+"
)
#: Free, and no reward by itself: "Get free parking behind the shop."
_AS_EVER = (
    r"(?!(?:a |an |your |our )?free (?:parking|wi-?fi|estimates?|quotes?|consultations?|advice|range|standing)\b)"
)
_REWARD = (
    rf"(?:{_FREE}|\bfor free\b|\bcomplimentary \w+|\bgifts?\b|\brewards?\b|\bprizes?\b|\bbonus(?:es)?\b|\bperks?\b|"
    rf"\bcredits?\b|\brefund|\bwaiv\w+|\bcover (?:your|the)\b|\bcash\b|\bpoints\b|\bdiscounted\b"
    rf"|\bspecial (?:price|deal)|\btreats?\b|{MONEY})"
)
_GET = r"(?:get|receive|earn|claim|win|grab|score|redeem|unlock|enjoy)"
_WE_WILL = r"\b(?:we'll|we will|i'll|i will|we'd like to|i'd like to|we want to|let us|let me)"

_REWARDS = Rule(
    "R3",
    "block",
    "nothing may be offered for a review, neither by Google’s rules nor by law (16 CFR 465.4). Ask without it.",
    (
        # always a reward
        ("a gift card", r"\bgift[ -]?(?:cards?|certificates?|vouchers?)\b"),
        ("a thank-you gift", r"\b(?:free|thank[- ]you|surprise)[ -]gifts?\b"),
        ("a coupon", r"\bcoupons?\b|\bvouchers?\b|\bfreebies?\b|\bgoodie bags?\b"),
        ("a promo code", r"\bpromo(?:tion(?:al)?)? codes?\b"),
        (
            "a 10% discount",
            rf"\b(?:{PERCENT}|a|an|your|any|special|extra|big|small|nice|get|earn|receive|with|for|of|offer|give)"
            r"(?: \w+| PERCENT)? discounts?\b(?= ?(?:[.!?,;:)&\n-]|$|on\b|off\b|for\b|if\b|when\b|and\b|to\b"
            r"|at\b|next\b|"
            r"towards?\b|as\b|codes?\b))".replace("PERCENT", PERCENT)
            + r"|\bdiscounts? (?:codes?\b|for (?:review|every|all))",
        ),
        ("15% off", rf"\b{PERCENT}\s?(?:off|back|cash[ -]?back)\b"),
        ("$10 off", rf"{MONEY} (?:off|back|credit|towards?|in cash|cash|amazon|starbucks|visa)\b"),
        ("half off", r"\b(?:half|money)[ -](?:off|price)\b|\bcash[ -]?back\b|\brebates?\b"),
        ("save $20", rf"\bsave (?:up to )?(?:{MONEY}|{PERCENT})"),
        ("store credit", r"\b(?:store|account|bill|service) credits?\b|\bcredit (?:towards?|on your|off)\b"),
        ("bonus points", r"\b(?:loyalty|rewards?|bonus|double|extra) points?\b|\bpoints (?:for|when|if) you\b"),
        ("earn 50 points", r"\b(?:earn|get|receive|collect)(?: \w+){0,2} points\b"),
        ("our raffle", r"\braffles?\b|\bgiveaways?\b|\bsweepstakes?\b|\blotter(?:y|ies)\b"),
        ("a prize draw", r"\b(?:prize|monthly|weekly|quarterly|annual|lucky|cash) draw(?:s|ings?)?\b"),
        (
            "be entered into our drawing",
            r"\bent(?:er|ered|ry|ries)\b(?: you)?(?: (?:in|into|for|to))*(?: (?:a|an|our|the|this))?(?: \w+)?"
            r" (?:draw|drawing|contest|competition|win)\b",
        ),
        ("a drawing for a cooler", r"\b(?:a|our|the) (?:\w+ )?drawing for (?:a|an|one|\$)"),
        ("buy you a coffee", r"\b(?:buy|treat) you (?:a|an|to|some)\b" + _REST),
        ("a $10 check", rf"{MONEY} (?:check|card|bonus|reward|gift)\b"),
        ("reviewers receive", r"\breviewers?\b (?:\w+ )?(?:get|gets|receives?|earns?|wins?)\b" + _REST),
        ("one lucky reviewer", r"\blucky (?:reviewer|customer|winner)s?\b"),
        (
            "our review contest",
            r"\b(?:a|our|the|this|review|photo|monthly|weekly) (?:review |photo )?contests?\b(?! entr)",
        ),
        (
            "a chance to win an iPad",
            r"\b(?:chance|you|could|can|may|might) (?:to )?win\b(?! (?:some|your|you|us|back|over)\b)",
        ),
        ("a special offer", r"\bspecial offers?\b"),
        (
            "in exchange for a review",
            r"\bin (?:exchange|return) for (?:a|an|your|the|any|each|every|leaving|writing|posting|reviewing)\b",
        ),
        ("your next coffee is on us", r"(?:\b(?:is|are)|'s) on (?:us|the house)\b(?! to\b)"),
        (
            "we will pay you",
            r"\b(?:we'll|we will|we|i'll|i will) (?:pay|venmo|paypal|zelle|compensate|reimburse|reward) (?:you"
            r"|every|each|all)\b",
        ),
        ("get paid for your feedback", rf"\b(?:paid|rewarded|compensated) (?:for|to)\b{_GAP}\b{_REVIEW}"),
        # a gift to somebody else is one too
        (
            "we donate $5 for every review",
            rf"\b(?:donat|plant|contribut)\w*\b{_GAP}\b(?:for|per|with) (?:each|every|your|any) (?:\w+ )?{_REVIEW}",
        ),
        (
            "for every review we plant a tree",
            r"\b(?:for|per|with) (?:each|every|your|any) (?:\w+ )?review,? (?:we|we'll|we will|i'll) (?:will )?"
            rf"(?:also )?(?:donate|plant|give|contribute|send|pay|enter)\b{_REST}",
        ),
        # innocent words, given for the review
        (
            "leave a review and get a free coffee",
            rf"\b{_WRITE_OR_REVIEW}{_GAP}"
            rf"(?:\b(?:and|to|for|gets?|receives?|you'll|you will|we'll|we will)\b|=){_NEAR}{_REWARD}",
        ),
        (
            "a free drain cleaning when you review us",
            rf"{_REWARD}{_GAP}\b(?:for|when|if|after|once|upon|in thanks for)\b (?:you |we |your |a |an |each |every )*"
            rf"(?:\w+ ){{0,2}}(?:{_WRITE_OR_REVIEW}|{_REVIEW})",
        ),
        (
            "once you leave a review your tune-up is free of charge with a gift",
            rf"\b(?:if|when|once|after|as soon as) you\b{_NEAR}\b{_WRITE_OR_REVIEW}{_GAP}{_REWARD}",
        ),
        ("the first reviews get a free hat", rf"\breviews?\b (?:get|earn|receive|win)s?\b {_NEAR}{_REWARD}"),
        ("review = free coffee", rf"\breviews?\b ?(?:=|->|→|means|equals|gets you) ?{_NEAR}{_REWARD}"),
        (
            "show us your review for a complimentary dessert",
            rf"\b(?:mention|show|bring|print|screenshot)\b{_NEAR}\breview\b{_GAP}{_REWARD}",
        ),
        ("as a thank you, here is $5", rf"\bas (?:a )?(?:thanks|thank[- ]you|token of \w+)\b{_GAP}{_REWARD}"),
        # innocent words, held out by themselves
        (
            "Get a free coffee",
            rf"(?:^|[.!?,;:\n-] ?|\band |\bto |\bcan |\byou'll |\bwill |\bthen ){_GET} {_AS_EVER}"
            rf"(?:a |an |your |one |some |\d+ )?"
            rf"(?:\w+ )?{_REWARD}",
        ),
        (
            "we'll send you a small gift",
            rf"{_WE_WILL} (?:\w+ )?(?:give|send|offer|gift|mail|treat|buy|add|knock)\b{_GAP}{_REWARD}",
        ),
        ("a free car wash is yours", rf"{_REWARD}{_NEAR}\b(?:is|are) (?:yours|waiting for you)\b"),
        ("your next visit is free", r"\byour next \w+(?: \w+)? (?:is|will be) (?:free\b|half|discounted)"),
    ),
    "A short review helps us, and it helps others find us.",
)

_THREATS = Rule(
    "R10",
    "block",
    "a text may neither forbid nor threaten over a bad review (16 CFR 465.7). Leave it out.",
    (
        (
            "please don't leave us a bad review",
            r"\b(?:do not|don't|never|not allowed to|may not|must not|cannot|can't|refrain from|"
            r"agree not to|avoid|not to|"
            rf"instead of|rather than|before) (?:you )?(?:ever )?{_WRITE}{_NEAR}\b{_BAD_REVIEW}",
        ),
        (
            "negative reviews hurt us, please do not post them",
            rf"\b{_BAD_REVIEW}{_GAP}\b(?:do not|don't|never) (?:post|write|leave|share)\b",
        ),
        ("no bad reviews", rf"\bno {_BAD_REVIEW}"),
        (
            "negative reviews will result in a fee",
            rf"\b{_BAD_REVIEW}{_GAP}\b(?:will|may|can|could|are|is|shall|would|means?)\b{_GAP}\b"
            r"(?:result|lead|legal|lawyers?|"
            r"attorneys?|sue|court|fees?|fined?|charged?|void|cancel\w*|terminat\w*|penal\w*|prohibited|forbidden|"
            r"(?:allow|permitt|tolerat)ed|removed?|deleted|banned|refus\w*)\b",
        ),
        ("bad reviews void your warranty", rf"\b{_BAD_REVIEW} (?:\w+ )?(?:void|cost|forfeit|breach)\w*\b{_REST}"),
        (
            "legal action over a false review",
            r"\b(?:sue|legal action|lawyers?|attorneys?|lawsuit|court|defamation|libel|slander|"
            r"fees?|fined?|penalt(?:y|ies)|"
            rf"charge you|refuse service|void your|lose your|ban(?:ned)?)\b{_GAP}\b{_BAD_REVIEW}",
        ),
        (
            "our lawyers will sue",
            rf"\b(?:we|our lawyers?|our attorneys?)\b{_REST}\b"
            rf"(?:will|shall|reserve the right to|may|are going to) (?:\w+ )?"
            r"(?:sue|take legal action|press charges|take you to court)\b",
        ),
        (
            "if you leave a bad review, we will charge a fee",
            rf"\bif you {_WRITE}{_NEAR}\b{_BAD_REVIEW}{_GAP}\b(?:we|you)(?:'ll| will| may| must| can)\b{_REST}",
        ),
    ),
    "Good or bad, we read every word.",
)

_TRICKS = Rule(
    "M13",
    "block",
    "“reply so that the link works” is how swindlers write. The link must not depend on an answer.",
    (
        (
            "reply YES so the link works",
            r"\b(?:reply|replying|respond|responding|answer|answering|text|text back|write back|send|say)\b"
            r"(?! [\"']?(?:stop|quit|end|cancel|unsubscribe)\b| (?:with|if you have) (?:any "
            r"|your )?(?:questions?|concerns?))"
            r"[^.!?\n]{0,40}?"
            r"\b(?:so(?: that)?|to|and|then|before|in order to)\b"
            rf"{_REST}?\b(?:link|url|button)s?\b{_REST}",
        ),
        (
            "the link opens after you reply",
            rf"\b(?:link|url|button)s?\b{_REST}?\b(?:work|open|activ|clickable|tappable|appear|unlock|live|blue"
            rf"|load)\w*\b"
            rf"{_REST}?\b(?:repl(?:y|ied|ying)|respond\w*|answer\w*|text (?:us |me )?back|save|add (?:us|me|this))\b",
        ),
        (
            "if the link is not blue, reply first",
            r"\bif the link[^.!?\n]{0,40}"
            r"\b(?:repl(?:y|ying)|respond|answer|text back|save (?:this|our|my)|add (?:us|me|this))\b",
        ),
        (
            "if you can't tap the link, reply first",
            r"\bif you (?:can't|cannot|can not) (?:tap|open|click|use) the (?:link|button)[^.!?\n]{0,20}"
            r"\b(?:reply|respond|answer|text back)\b[^.!?\n]{0,30}\b(?:first|then|so that|to make)\b",
        ),
        (
            "tap the link after you reply",
            rf"\blink\b{_REST}\b(?:after|once|when|as soon as) you (?:reply|respond|answer)\b",
        ),
        (
            "save our number to open the link",
            rf"\b(?:save|add)\b{_NEAR}\b(?:number|contacts?)\b{_REST}\blink\b",
        ),
    ),
    "The link is in the card below.",
)

_STARS = Rule(
    "R4",
    "block",
    "asking for a particular rating is against Google’s rules and has cost businesses their reviews. Ask how it was.",
    (
        (
            "5-star",
            r"\b(?:[45]|four|five)(?:\s?/\s?5| (?:out )?of (?:5|five))?[ -]?stars?\b|\b5\s?/\s?5\b|\b10\s?/\s?10\b",
        ),
        ("5⭐", r"\b[45]\s?[⭐★🌟]"),
        ("⭐⭐⭐⭐⭐", r"(?:[⭐★☆🌟]\ufe0f?\s?){4,}"),
        (
            "the highest rating",
            r"\b(?:top|perfect|full|highest|best(?: possible)?|maximum)[ -](?:rating|score|marks|review)s?\b",
        ),
        (
            "leave us a great review",
            rf"\b{_WRITE}(?: us)? (?:a |your )?(?:\w+ )?(?:positive|glowing|great|excellent|good|nice|amazing|awesome|"
            r"wonderful|favou?rable|stellar|kind) (?:\w+ )?(?:review|rating|feedback|testimonial)s?\b",
        ),
        ("positive reviews", r"\b(?:positive|glowing|stellar|favou?rable) (?:review|rating|feedback|testimonial)s?\b"),
    ),
    "Would you tell others how it went?",
)

#: A few stars may be an ornament; four or five of them are a rating.
_SOME_STARS = Rule(
    "R4",
    "warn",
    "stars beside a request for a review look like asking for a rating. Leave them out.",
    (("⭐⭐", r"(?:[⭐★☆🌟✨]\ufe0f?\s?){2,}"),),
    "Would you tell others how it went?",
)

_HAPPY_ONES = Rule(
    "R1",
    "block",
    "this asks only the happy ones, or turns the others away. Google wants everyone asked alike.",
    (
        (
            "if you were happy",
            r"\b(?:if|as long as) (?:you (?:were|are|feel|felt|left)|you're) (?:\w+ )?"
            r"(?:happy|satisfied|pleased|delighted|thrilled)\b(?! (?:to\b|or (?:not|un|dis)))",
        ),
        (
            "if we did a great job",
            r"\bif we (?:did|made|met|exceeded)\b[^.!?\n]{0,25}\b(?:good|great|happy|expectations)\b",
        ),
        (
            "if you loved our work, leave a review",
            r"\bif you (?:loved|enjoyed|liked) (?:it|us|our|your|the|what|working)\b[^.!?\n]{0,40}\breview\b",
        ),
        (
            "if you had a great experience",
            r"\bif (?:you(?:'ve| have)? had|your \w+ (?:was|went)|everything (?:was|went)|it (?:was|went)|the \w+ was)"
            r" (?:a |an |your )?(?:\w+ )?(?:great|good|well|positive|wonderful|amazing|excellent|fantastic"
            r"|pleasant|perfect|"
            r"awesome|nice|lovely|smooth(?:ly)?)\b(?! or\b)[^.!?\n]{0,60}",
        ),
        (
            "only if you were happy",
            r"\b(?:only|just) (?:if|when) you\b[^.!?\n]{0,20}\b(?:happy|satisfied|pleased|liked?|loved?)\b",
        ),
        (
            "happy customers only",
            r"\b(?:only|just) (?:our )?(?:happy|satisfied) (?:customers?|clients?|guests?)\b"
            r"|\b(?:happy|satisfied) (?:customers?|clients?|guests?) only\b",
        ),
        (
            "Had a great time? Please leave a review",
            r"(?:^|[.!?\n] ?)had a (?:great|good|nice|wonderful|amazing|lovely"
            r"|fantastic) \w+\? [^.!?\n]{0,40}\breviews?\b",
        ),
        ("if your visit was anything but great", r"\bif (?:your|the) \w+ was anything (?:but|less|other)\b" + _REST),
        ("if you think we did a good job", r"\bif you (?:think|feel|believe) (?:that )?we (?:did|do)\b" + _REST),
        (
            "Satisfied customers, please leave a review",
            r"(?:^|[.!?\n] ?)(?:happy|satisfied) (?:customers|clients|guests),? please\b",
        ),
        ("reviews from happy customers", r"\breviews? from (?:our )?(?:happy|satisfied)\b"),
        ("if we earned your trust", r"\bif we(?:'ve| have)? (?:\w+ )?earned\b"),
        (
            "if you can't give us 5 stars, call us",
            r"\bif you (?:feel |think |believe )?(?:you )?(?:can't|cannot|can not|couldn't"
            r"|won't)\b[^.!?\n]{0,30}\bstars?\b"
            rf"{_GAP}\b(?:call|contact|tell|text|email|e-mail|reply|let)\b",
        ),
        (
            "if you were less than thrilled, call me before posting",
            rf"\bif you\b{_NEAR}\bless than\b{_GAP}\b(?:call|contact|tell|text|email|e-mail|reply|let)\b",
        ),
        (
            "if you feel we earned it",
            r"\bif you (?:think|feel|believe|agree) (?:that )?we(?:'ve| have)? (?:\w+ )?(?:earned|deserved?)\b",
        ),
        ("if you would recommend us, leave a review", r"\bif you(?:'d| would) recommend\b[^.!?\n]{0,50}\breviews?\b"),
        (
            "Happy? Leave us a review",
            r"(?:^|[.!?\n] ?)(?:happy|satisfied|loved it|liked it|happy with \w+ \w+)\? [^.!?\n]{0,40}\breview",
        ),
        (
            "Not happy? Tell us first",
            r"\b(?:not (?:happy|satisfied|pleased)|unhappy|dissatisfied|bad experience|poor experience)\b[?,:]? ?"
            rf"{_GAP}\b(?:call|contact|tell|text|email|e-mail|reply|let)\b{_GAP}\b(?:instead|first|directly"
            rf"|privately|before)\b",
        ),
        (
            "if anything was wrong, tell us first",
            r"\bif (?:not|you (?:were|are)(?:n't| not| un)\s?\w*|you're (?:not|un\w*)|"
            r"anything (?:was|is|went)|something)\b"
            rf"{_GAP}\b(?:call|contact|tell|text|email|e-mail|reply|let)\b{_GAP}\b(?:instead|first|directly"
            rf"|privately|before)\b",
        ),
    ),
    "Good or not so good, it all helps.",
)

RULES: tuple[Rule, ...] = (_REWARDS, _THREATS, _TRICKS, _STARS, _SOME_STARS, _HAPPY_ONES)
