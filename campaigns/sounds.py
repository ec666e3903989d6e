"""What a customer's words sound like, to suggest one click to whoever reads them.  (pure; English and Spanish)

A guess, made anew whenever the words are shown and kept nowhere.  It moves nothing by itself, and nothing that sends
knows this module: who sounds like a complaint gets the very same link as everybody (R1, R2).
"""

import re
import unicodedata
from enum import Enum


class Sound(Enum):
    """What the words sound like."""

    COMPLAINT = "complaint"
    DONE = "done"
    NONE = "none"


#: "I have written it."  Not: "I will", "I wrote to you".
_DONE = re.compile(
    r"^(?:all )?(?:done|did it|posted|reviewed|finished|ya esta|listo|lista|hecho|hecha)(?: it)?"
    r"(?: (?:thanks|thank you|gracias|already|now|and done|ya|it))*$"
    r"|\b(?:i |we |ive |weve )?(?:just |already |have |gladly )*(?:left|wrote|written|posted|gave|submitted|put up|did)"
    r" (?:you |u |yall )?(?:guys )?(?:a |an |my |our |the |one |it )?(?:\w+ ){0,3}?(?:review|google)\b"
    r"|\breview (?:is|was) (?:up|posted|done|in|live|left|submitted)\b|\breview(?:ed| done)(?: you)?(?: already)?$"
    r"|\b(?:ya )?(?:les |le |te )?(?:deje|dejamos|escribi|escribimos|puse|pusimos|publique|publicamos)"
    r" (?:mi |una |la |nuestra |su )?(?:\w+ ){0,2}?(?:resena|opinion|comentario|valoracion)\b"
    r"|\b(?:resena|valoracion) (?:ya )?(?:esta )?(?:hecha|puesta|publicada|escrita|lista)\b"
)
_NOT_YET = re.compile(
    r"\b(?:will|ill|shall|going to|gonna|later|tonight|tomorrow|when i|cant|couldnt|didnt|havent|not yet|never|wont|"
    r"try|tried|trying|how do|voy a|manana|luego|despues|no pude|no puedo|todavia no|aun no|no he)\b"
)

#: Something went wrong, and somebody should answer.  Not: the plain wish to be left alone, which `optouts` reads.
_COMPLAINT = re.compile(
    r"\b(?:terrible|horrible|awful|disappoint\w*|unacceptable|ridiculous|disgust\w*|furious|angry|upset|worst|rude|"
    r"unprofessional|overcharged?|overpriced|rip ?off|ripped off|refund|money back|complain\w*|ruined|damaged|"
    r"incompetent|scammed|unhappy|dissatisfied|not (?:happy|satisfied|pleased|impressed|ok|okay|good|great)|"
    r"no[tn] ?(?:at all )?(?:happy|satisfied)|never (?:came|showed|called|fixed|got)|no show|didnt (?:show|come|fix|"
    r"work|finish|call|clean|listen)|did not (?:show|come|fix|work|finish|call)|doesnt work|still (?:leak\w*|broken|"
    r"not (?:fixed|working|done)|waiting|does ?nt)|isnt (?:fixed|working|right)|was(?:nt| not) (?:good|great|fixed|"
    r"happy|clean|right)|(?:very |too |so )(?:late|dry|cold|dirty|slow|expensive|bad)|(?:an? )?hours? late|"
    r"waited (?:for )?(?:\w+ )?hours?|broke (?:my|our|the)|wrong (?:order|part|size|cake|color|price)|bad (?:job|"
    r"service|experience|work)|poor (?:job|service|quality|work)|never again|call me|manager|"
    r"mal(?:a|o)? (?:servicio|trabajo|experiencia|atencion)|pesim\w+|decepcion\w*|molest[oa]|enojad[oa]|enfadad[oa]|"
    r"queja|quejarme|reclam\w+|devoluci\w+|reembolso|muy (?:mal[oa]?|caro|cara|tarde|lent[oa]|suci[oa]|fri[oa])|"
    r"no (?:funciona|sirve|llegaron|vinieron|vino|arreglaron|quede|quedo|me gusto|estoy content[oa])|sigue (?:roto|"
    r"rota|goteando|igual|mal)|me cobraron|rompieron|gerente|encargad[oa]|nunca (?:llegaron|vinieron|llamaron))\b"
)
_NO_COMPLAINT = re.compile(
    r"\b(?:no (?:complaints?|problems?|issues?)|nothing to complain|cant complain|cannot complain|not too \w+|never "
    r"(?:disappoint\w*|upset|rude|late)|not (?:disappoint\w*|upset|rude|late|bad)|wasnt (?:bad|late|rude)|(?:not the|"
    r"isnt the) worst|(?:your|the) manager (?:was|is) (?:great|nice|lovely|kind|helpful|wonderful|awesome)|"
    r"didnt (?:disappoint)|ninguna queja|sin quejas?|no (?:tengo|hay) quejas?|no decepcion\w*|"
    r"upset (?:that )?(?:i|we) (?:missed|cant))\b"
)


def read(text: str) -> Sound:
    """What these words sound like; a complaint first, for it needs somebody."""
    plain = _plain(text)
    if _COMPLAINT.search(_NO_COMPLAINT.sub(" ~ ", plain)):
        return Sound.COMPLAINT
    return Sound.DONE if _DONE.search(plain) and not _NOT_YET.search(plain) else Sound.NONE


def _plain(text: str) -> str:
    """Small letters and figures without accents, one space between words; apostrophes join what they stand in."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = (c for c in folded if unicodedata.category(c) not in ("Cf", "Mn") and c not in "'’`´ʼ")
    return " ".join("".join(c if c.isalnum() else " " for c in seen).split())
