"""What a customer's words ask for: silence, to be written to again, perhaps silence, or nothing of the kind.  (pure)

English and Spanish.  The line between the last two is drawn by two wishes:

- Whoever may want to be left alone is paused until a person has read it.  A pause too many costs somebody one glance;
  one too few costs the customer their peace.  So "stop" pauses wherever it stands, but for the phrases in `INNOCENT`.
- A complaint is no wish to be left alone.  "The worst service ever" must go on like praise does: if it paused, only
  the happy ones would be asked (R1).

"Cancel my Tuesday appointment" pauses although it is no wish for silence: it needs a person's answer, and a request
for a review two minutes later would be out of place.  So does a bare "no", which answers a greeting like a closed door.
"""

import re
import unicodedata
from enum import Enum


class Wish(Enum):
    """What the words ask for."""

    STOP = "stop"
    START = "start"
    PERHAPS_STOP = "perhaps stop"
    NONE = "none"


#: Standing alone, in any case and punctuation, each of these is final (M1; 47 CFR 64.1200(a)(10)).
STOP_WORDS = frozenset(
    {"stop", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe", "stop all", "stopall"}
) | frozenset(  # and so are these, without their accents
    {
        "alto",
        "para",
        "pare",
        "paren",
        "parar",
        "detener",
        "detente",
        "detengase",
        "detenganse",
        "cancelar",
        "cancela",
        "cancele",
        "cancelen",
        "baja",
        "dar de baja",
        "darme de baja",
        "deme de baja",
        "salir",
        "no mas",
        "terminar",
        "fin",
        "revocar",
        "desuscribir",
        "desuscribirme",
    }
)

#: Standing alone, written by somebody who had stopped, these ask us to write again.
START_WORDS = frozenset({"start", "unstop", "empezar", "comenzar"})

_SAY = r"(?:text|txt|messag|msg|writ|contact|call|email|send|bother|bug|spam|harass|ask|solicit|mail|annoy)\w*"

#: Taken out before anything is looked for.
INNOCENT = re.compile(
    r"\b(?:"
    # stop
    r"(?:non|one|bus|truck|pit|rest|full|gas|next|first|last|quick|short|every|a|door|whistle) stop(?: shop\w*)?"
    r"|stop (?:by|in|over|at|on by|on over|back|through|off at|signs?|lights?|watch)"
    rf"|(?<!why )(?:cant|cannot|can not|couldnt|could not|wont|will not|never|dont|do not|doesnt|didnt|wouldnt)"
    rf"(?: ever| you)? stop\b(?! {_SAY})"
    r"|stop (?:the|that|my|our|this|all the|it from) (?:\w+ )?(?:leak\w*|bleeding|drip\w*|noises?|squeak\w*"
    r"|rattl\w*|water|"
    r"flood\w*|pain|clog\w*|rust\w*|mold|mice|ants|bugs|bleed|smell|snoring|happening)"
    r"|spam (?:musubi|fried rice|sandwich|sushi)"
    # cancel
    r"|(?:had|having|needed|wanted|almost had|tuve|tuvimos|tenia) (?:to|que) cancel(?:ar)?"
    r"|(?:dont|do not|didnt|no need to|not going to|no voy a|no quiero) cancel(?:ar)?"
    # no
    r"|no gracias a (?:ti|vos|usted|ustedes|dios)"
    r")\b"
)

_OURS = r"(?:me|us|this number|this phone|my phone|my number|anything|any more|anymore|again|here)\b(?! back)"
_NUMBER = r"(?:number|name|phone|cell|info\w*|data|contact\w*|details)"
_KIN = r"(?:he|she|husband|wife|mother|father|mom|dad|son|daughter|brother|sister|owner|grandma|grandpa)"
_LEAVING = r"(?:unsub\w*|unsuscri\w*|unsbus\w*|opt(?:ed|ing)?(?: \w+)? out|optout|opting)"

#: Other wordings that sound like "leave me alone" (M2).
ENGLISH = (
    r"\bstop\b|\bstopp+\b|\bstopping (?:these|this|the|your|all)\b",
    rf"\b{_LEAVING}\b|\brevok\w*|\bwithdr[ae]w\w* (?:my )?(?:consent|permission)",
    r"\b(?:cease|desist|discontinue)\b",
    rf"\bquit (?:it|this|that|now|please|already|{_SAY})\b|\b(?:please|pls|i want to|id like to) quit\b",
    r"\b(?:please|pls) end\b|\bend (?:this|these|it now|all|my|the (?:texts?|messages?|chat|conversation))\b",
    r"\bcancel\b",
    rf"\b(?:remove|delete|erase|drop) (?:me|us|(?:my|this|our|the) (?:\w+ )?{_NUMBER})\b"
    rf"|^(?:please )?remove(?: please)?$",
    rf"\b(?:lose|forget|block\w*) (?:me|(?:my|this) {_NUMBER})\b",
    r"\b(?:take|get|keep|leave) (?:me|us|my \w+|this number) (?:off|out)\b|\b(?:off|from) (?:of )?(?:your|the"
    r"|this) list\b",
    r"\boff my phone\b",
    r"\bleave (?:me|us|my family)(?: the \w+)? (?:alone|be)\b|\blet me be\b|\bgo away\b|\bget lost\b|\bbuzz off\b",
    r"\b(?:fuck|piss|eff|f|bugger|sod) off\b|\b(?:fuck|screw|eff|f) (?:you|u|yourself)\b|\bgo to hell\b|\bshut up\b",
    r"\b(?:knock|cut) it (?:off|out)\b",
    r"\b(?:not|no longer|never) interested\b|\bno interest\b",
    r"(?:(?<!you )(?<!they )\b(?:dont|do not|never)|\b(?:not to|no longer|pls no|please no|not)) "
    r"(?:ever |you |to |be |call or |call and )?(?:text|txt|message|msg|contact|bother|spam|harass|disturb"
    r"|solicit)(?:ing|ed)?\b(?! back)",
    rf"(?<!you )(?<!they )\b(?:dont|do not|never) (?:ever )?"
    rf"(?:write|call|email|send|ask|reach out|bug|annoy|mail)(?: to)? {_OURS}",
    r"\bno (?:more )?(?:texts?|texting|messages?|messaging|contact|calls?|spam|solicit\w*|reviews?)\b"
    r"|^(?:please )?no more\b"
    r"(?! (?:leak|problem|issue|pain|worr)\w*)",
    r"\b(?:dont|do not|didnt|no longer) (?:want|wish|need|like|care) (?:to (?:get|receive|hear|be|leave|write"
    r"|do|give|review|"
    r"rate|participate)|for this|(?:any|your|these|this|more|getting)(?: more)? "
    r"(?:texts?|texting|messages?|contact|calls?|reviews?|spam|stuff|crap|sms))\b",
    r"\bi (?:dont|do not|never) (?:do|leave|write|give|post) (?:\w+ )?reviews?\b(?! but)",
    r"^(?:no|nope|nop|nah|no way|pass|hard pass|no please|no pls|not today)$|^(?:no|nope|nah) thank(?:s| you| u)?\b"
    r"|^no ty$",
    r"\bid rather not\b|\bi would rather not\b",
    r"\bwho(?: is|s| are| r| the hell is| tf is)? (?:this|dis|that|you|u|texting|messaging|writing|sending)\b"
    r"|\bdo i know you\b",
    r"\bwrong (?:number|person|guy|lady|phone|man|woman)\b|\bhave the wrong\b|\bwrong #",
    r"\b(?:not|no longer|isnt|aint) (?:his|her|their|my husbands|my wifes|my sons|my moms|my dads) (?:number|phone)\b",
    r"\bnobody (?:here )?(?:by|with) that name\b|\bno \w+ (?:here|at this number)\b",
    r"\b(?:how|where) (?:did|do|have) (?:you|u|y all|yall) (?:get|have|find|got|gotten) (?:my|this)\b"
    r"|\bwho gave (?:you|u)\b",
    r"\bi (?:didnt|did not|never) (?:sign(?:ed)? up|g[ai]ve (?:you|u|permission|consent|anyone)|agreed?|consent(?:ed)?|"
    r"subscribed?|ask(?:ed)? for)\b|\bwithout my (?:consent|permission)\b|\b(?:dont|do not) consent\b",
    r"\b(?:not|never been|wasnt|never was|no longer) (?:a|your) (?:customer|client|patient)\b"
    r"|\bnever (?:used|hired|visited|heard of|met|been to) (?:you|your|this|that)\b(?! guys)"
    r"|\b(?:dont|do not) know (?:you|who you)\b",
    r"\bspam(?:ming|mers?)?\b|\bharass\w*|\bunsolicited\b|\bunwanted\b|\btoo many (?:texts|messages)\b",
    r"\b(?:is this|this is|its|looks like|sounds like|must be) (?:a |some |another )?(?:scam|phish\w*|fraud|hoax)\b"
    r"|^(?:scam|phishing|fraud|scammers?|junk)$|\bscam (?:text|message)s?\b|\bas junk\b",
    r"\b(?:bothering|bugging|annoying|pestering) (?:me|us)\b|\b(?:texts?|messages?) (?:is|are) (?:so |very )?annoying\b"
    r"|\bannoying (?:texts?|messages?)\b|\bmakes? (?:it|this|these) stop\b",
    r"^(?:ok |thats |that is )?enough(?: already| now| please)?$|\benough (?:already|texts|messages|with)\b",
    r"\b(?:reporting|report|reported|blocking|block|blocked) (?:you|u|this|your)\b|^(?:blocked|block|reported)$"
    r"|\bi(?:m| am|ll| will) (?:be )?(?:going to )?block(?:ing|in)?\b",
    r"\b(?:tcpa|ftc|fcc|dnc|do not call (?:list|registry))\b|\b(?:will|going to|gonna|ill|can) sue\b|\bsue (?:you|u)\b"
    r"|\b(?:my|from my) (?:lawyer|attorney) (?:will|is going to)\b|\bhear from my (?:lawyer|attorney)\b",
    rf"\bpassed away\b|\bdeceased\b|\bno longer with us\b|\b{_KIN} (?:has |had |just )?(?:died|passed)\b"
    r"|\b(?:he|she)s? (?:is )?dead\b",
    r"^(?:stp|sop|spot|stpo|sotp|tsop|st0p|stap|stahp|sto+p+|stoped|estop|cancle|cancell|canel|qiut|otp out"
    r"|opt ot|unstart|"
    r"remove|delete|exit|leave|halt|arret|mute|unfollow|unlist|decline|declined)$",
    r"^stop ?\d",
    r"\bnot a good number\b|\bwhos?e? number\b|^(?:sorry )?(?:its )?wrong(?: no| num\w*)?(?: sorry)?$",
    r"\b(?:nobody|no one|noone|anyone|anybody|someone) (?:named|called)\b|\b(?:howd|whered) (?:you|u|ya) (?:get"
    r"|find)\b",
    r"^(?:i )?(?:really )?(?:dont|do not) want (?:this|it|these|any|that)$|\bi decline\b|\bnot wanting\b",
    r"^(?:pls |please )?end (?:texts?|messages?|sms|msgs?)\b|\bblockin (?:you|u|this)\b|\b(?:please|pls) remove$",
    r"\bwhy (?:are|r|do|did|am|is) (?:you|u|i|yall|they) (?:\w+ )?(?:text\w*|messag\w*|contact\w*|writ\w*|"
    r"gett?(?:ing)? (?:these|this|texts|messages))\b",
    r"\brecogni[sz]e (?:this|the|your) number\b|\bmistaken me\b|\bwrong contact\b|\b(?:am|im) not (?:him|her"
    r"|that person)\b",
    r"\bdone with (?:your|these|the|this|all) (?:texts?|messages?)\b|^(?:please )?(?:dont|do not) (?:reply"
    r"|respond|bother)\b",
    r"\bleave this number\b|\b(?:he|she|they) (?:doesnt|does not|dont|no longer) lives? here\b|\b(?:he"
    r"|she) (?:has )?moved\b",
    r"\blandline\b|\bi(?:m| am) a minor\b|\bbreaking the law\b|\brefrain\b|\bbe removed\b|^remove (?:plz|pls"
    r"|please|now)\b",
    r"\bthis is illegal\b|^(?:ill )?sue$|\bno longer (?:living|alive)\b",
)

_VER = (
    r"(?:escrib\w*|mand\w*|envi\w*|molest\w*|llam\w*|text\w*|contact\w*|mensaj\w*|fastidi\w*|acos\w*|insist\w*|busc\w*)"
)
_SUBJUNCTIVE = (
    r"(?:escriba[sn]?|mande[sn]?|envie[sn]?|contacte[sn]?|llame[sn]?|moleste[sn]?|textee?[sn]?|mensajee?[sn]?|"
    r"busque[sn]?|fastidie[sn]?|hable[sn]?|manden|pida[sn]?)"
)
SPANISH = (
    r"\bpor que (?:me|nos) (?:escrib|mand|envi|contact|mensaj)\w+|\bpor que tienen? mi\b|\bfavor de no\b",
    r"\bno es conmigo\b|\bequivoc\w+ con\b|\bpuede[ns]? parar\b|\bparar ya\b",
    r"\bno molest\w+|\bque (?:me|nos) (?:borren?|quiten?|saquen?|eliminen?)\b|\bparar (?:los )?(?:mensajes|textos)\b",
    r"\b(?:numero|telefono) incorrecto\b|\bno es (?:mi|su|el) (?:numero|telefono)\b|\bde donde (?:me|nos) conoce\w*",
    r"\bno (?:los|las|lo|la|te|le) conozco\b",
    rf"\bno (?:me|nos) (?:{_SUBJUNCTIVE}|(?:vuelva[sn]? a|siga[sn]?) {_VER})\b",
    rf"\bno (?:vuelva[sn]? a|siga[sn]?|mas) {_VER}|\bno (?:escriba[sn]?|moleste[sn]?|mande[sn]?|envie[sn]?)\b",
    rf"\b(?:ya no|que no) (?:me|nos|quiero|queremos|deseo|mas|{_SUBJUNCTIVE})\b(?! duele| gote| falla)",
    r"\bno (?:quiero|queremos|deseo|deseamos) (?:mas|recibir|que me|mensajes|nada|saber|sus|estos|dejar|escribir|hacer|"
    r"participar|textos|publicidad)\b",
    r"\bno mas (?:mensajes|textos|por favor|ya|de|sms|gracias|publicidad|correos|llamadas)\b|\bni un (?:mensaje"
    r"|texto) mas\b",
    rf"\b(?:deje|dejen|deja|dejes|dejar|paren|pare|para|parar|parale|eviten?|alto) (?:ya )?(?:de|con|a) "
    rf"(?:me |los |las |estos |sus |tantos )?(?:{_VER}|texto\w*|sms)",
    r"\b(?:deja|deje|dejen|dejan)(?:me|nme|nos)?(?: ya)? (?:en paz|tranquil\w*|quiet\w*)\b|\bdejenme\b"
    r"|\bdejame\b|\bdejeme\b",
    r"\b(?:quite|quita|quiten|borre|borra|borren|saque|saca|saquen|elimine|elimina|eliminen|remueva|remuevan"
    r"|borrar|quitar|"
    r"sacar|eliminar)(?:me|n?me)?\b(?: \w+){0,3}? (?:lista|numero|telefono|celular|contactos?|datos|base|sistema)\b",
    r"\b(?:quita|quite|quiten|borra|borre|borren|saca|saque|saquen|elimina|elimine|eliminen|borrar|quitar|sacar"
    r"|eliminar)me\b",
    r"\bme (?:pueden? |puedes )?(?:quita[nrs]?|borra[nrs]?|saca[nrs]?|elimina[nrs]?) de\b",
    r"\bde baja\b|\bdesuscri\w*|\bdesinscri\w*|\bcancel(?:ar|e|a|en|o)\b",
    r"\b(?:quiero|quisiera|deseo|como) (?:salir|salgo|salirme|parar)\b|\bsalir de (?:la|su|esta) lista\b",
    r"\bno (?:me|nos) interesa\w*|\bno (?:estoy|estamos) interesad\w*|\bsin interes\b|\bno tengo interes\b",
    r"^no(?: muchas)? gracias\b(?! por)|^(?:por favor no|no por favor|nel|ahora no)$",
    r"\bno (?:hago|dejo|escribo|doy) (?:\w+ )?(?:resenas?|opiniones|comentarios)\b",
    r"\b(?:numero|persona|telefono) equivocad\w*|\bequivocad[oa] de\b|\bse equivoc\w+ de\b|\bte equivocaste de\b"
    r"|^(?:equivocado|equivocada)$",
    r"\bno soy (?:esa|el|ella|la persona|quien|cliente|su cliente)\b|\bnunca (?:he sido|fui) (?:su )?cliente\b",
    r"\b(?:no (?:se|conozco)) (?:a )?(?:quien|ese|esa|esta persona|ningun\w*|este negocio)\b",
    r"\bquien (?:es|eres|habla|son|sos)\b(?= usted| tu| este| esta| esto|$)|\bquien (?:me )?(?:escribe|manda)\b"
    r"|^(?:y )?quien (?:es|eres|habla|son)\b",
    r"\b(?:de donde|como|quien) (?:le |les |te )?(?:sac|consig|consigu|obtu|tien|dio|dieron)\w* mi (?:numero"
    r"|telefono|celular|"
    r"informacion|contacto)\b",
    r"^(?:ya )?basta(?: ya)?(?: por favor)?$|\bbasta ya\b|\bya (?:estuvo|chole|parale)\b|^parale\b",
    r"^pare\b(?! que)|\b(?:ya|por favor|favor de) (?:pare|paren|parar|parale|alto|para)\b$|\bpara ya\b|\b(?:pare"
    r"|paren) (?:ya|por favor)\b",
    r"^alto (?:ya|por favor)$|\bdeten(?:er|gan?|ganse|gase)\b (?:\w+ ){0,2}(?:mensaj\w*|texto\w*|esto|envio\w*)"
    r"|\bbasta (?:ya )?(?:de|con) (?:los |sus |tantos |tanto )?(?:mensaj|texto|sms)\w*|^por favor deten\w*"
    r"|\bdeten(?:ga|gan|te)\b$",
    r"\b(?:acoso|acosando|acosan|hostig\w*|molestando|fastidiando)\b|\bdemasiados (?:mensajes|textos)\b"
    r"|\bno deseado\w*",
    r"\b(?:esto|este mensaje) (?:es|parece) (?:una? )?(?:estafa|fraude|spam|broma)\b"
    r"|^(?:es )?(?:una? )?(?:estafa|fraude)$",
    r"\b(?:voy|vamos) a (?:bloquear|denunciar|reportar|demandar)\w*|\b(?:los|te|lo|le) (?:bloqueo|reporto|denuncio)\b"
    r"|\bbloquead[oa]s?$",
    r"\b(?:vete|vayanse|larguense|largate|jodete)\b|\bno (?:jodan?|chinguen|jodas)\b|\bchinga(?:te|tu|r)?\b",
    r"\bno (?:autorice|autorizo|di permiso|doy permiso|consiento|di mi)\b|\bsin mi (?:permiso|consentimiento"
    r"|autorizacion)\b"
    r"|\bretiro mi\b|\brevoc\w*",
    r"\bfallec\w*|\bdifunt\w*|\b(?:esposo|esposa|mama|papa|madre|padre|herman[oa]|abuel[oa]|el"
    r"|ella) (?:ya )?(?:se )?murio\b",
    r"^(?:nomas|ya no|nunca mas|borrar|eliminar|quitar|bloquear|finalizar|remover|stop por favor)(?: por favor"
    r"| gracias)?$",
)
_LEAVE_ME = re.compile("|".join(f"(?:{pattern})" for pattern in (*ENGLISH, *SPANISH)))

#: "I'm not Marcus": only the capital letter tells it from "I'm not sure".
_SOMEBODY_ELSE = re.compile(
    r"\b(?:[Tt]his (?:is not|isn'?t)|I(?:'?m| am) not|[Nn]o soy|[Ee]ste no es(?: el n[úu]mero de)?) (?!Sure"
    r"|Happy)[A-Z]\w+"
)
_SIGNS = ("🛑", "🚫", "🖕", "✋🏻🛑", "⛔")

#: A tapback that reached us as words carries our own text, "Reply STOP" and all.
_TAPBACK = re.compile(
    r"^\s*(?:Liked|Loved|Disliked|Emphasized|Questioned|Laughed at|Reacted \S+ to|Le gust[óo]|Le encant[óo]|"
    r"(?:Removed|Quit[óo]) .{1,40}? (?:from|de)|Me gusta|Me encanta)\s+[“\"«].*[”\"»…]\s*$",
    re.DOTALL | re.IGNORECASE,
)


def read(text: str, name: str = "") -> Wish:
    """What these words ask for.  With the customer's first name, "not Marcus" and "Marcus died" are understood too."""
    plain = _plain(text)
    if _is_alone(plain, STOP_WORDS):
        return Wish.STOP
    if plain in START_WORDS:
        return Wish.START
    if _TAPBACK.match(text):
        return Wish.NONE
    return Wish.PERHAPS_STOP if _may_mean_stop(text, plain, _plain(name)) else Wish.NONE


def _may_mean_stop(text: str, plain: str, name: str) -> bool:
    straight = text.replace("’", "'")
    if any(sign in text for sign in _SIGNS) or _SOMEBODY_ELSE.search(straight):
        return True
    return _is_somebody_else(plain, name) or bool(_LEAVE_ME.search(INNOCENT.sub(" ~ ", plain)))


def _is_somebody_else(plain: str, name: str) -> bool:
    """Whoever we mean is not there, or not any more."""
    if not name:
        return False
    before = r"(?:not|isnt|aint|no|know(?: any| a)?|soy|es|conozco a(?: ningun| ese)?)"
    after = r"(?:has |had |just |ya )?(?:died|passed|moved|murio|fallecio|no longer|doesnt live|isnt here|no vive)"
    return bool(
        re.search(
            rf"\b(?:not|isnt|aint|dont|no) (?:{before} )?{re.escape(name)}s?\b|\b{re.escape(name)} {after}\b", plain
        )
    )


def _is_alone(plain: str, words: frozenset[str]) -> bool:
    """One of the words, be it repeated ("stop stop") or spelled ("s t o p")."""
    said = plain.split()
    spelled = "".join(said) if said and all(len(letter) == 1 for letter in said) else ""
    repeated = {plain, spelled, said[0] if len(set(said)) == 1 else ""}
    return not words.isdisjoint(repeated)


def _plain(text: str) -> str:
    """Small letters and figures without accents, one space between words; apostrophes join what they stand in."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = (c for c in folded if unicodedata.category(c) not in ("Cf", "Mn") and c not in "'’`´ʼ")
    return " ".join("".join(c if c.isalnum() else " " for c in seen).split())
