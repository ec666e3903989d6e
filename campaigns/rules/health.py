"""Words that tell what somebody was treated for (D7): a practice that writes them tells it to every lock screen."""

from .tables import Rule

_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_MES = r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DIA = r"(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)"

_WHY = "a practice may not say what somebody came for, nor when: anybody who sees the screen would know. Leave it out."

CLINICAL: tuple[Rule, ...] = (
    Rule(
        "D7",
        "block",
        _WHY,
        (
            (
                "your root canal",
                r"\b(?:root canals?|crowns?|fillings?(?! (?:out|in|up))|extractions?|implants?|dentures?"
                r"|veneers?|braces|invisalign"
                r"|whitening|cavit(?:y|ies)|gum disease|wisdom teeth|(?:dental|teeth|deep|your) cleaning|retainers?)\b",
            ),
            (
                "your surgery",
                r"\bsurger(?:y|ies)\b|\bsurgical\b|\b(?:your|the) (?:operation|procedures?|biopsy)\b|\bprocedures?\b",
            ),
            ("your treatment", r"\btreatments?\b|\btherap(?:y|ies)\b|\bcounseling\b|\brehab\b|\bdetox\b"),
            (
                "your diagnosis",
                r"\bdiagnos\w+|\bsymptoms?\b|\b(?:test|lab|your) results\b|\bblood (?:test|work|pressure)\b",
            ),
            (
                "your x-ray",
                r"\bx-?rays?\b|\bmri\b|\b(?:ct|cat) scans?\b|\bultrasounds?\b|\bmammograms?\b|\bcolonoscop\w+",
            ),
            (
                "your prescription",
                r"\bprescri\w+|\bmedications?\b|\bmedicines?\b|\binjections?\b|\bvaccin\w+|\b(?:flu|your) shots?\b",
            ),
            ("Botox", r"\bbotox\b|\bfillers?\b|\blaser\b|\bmicroneedling\b|\bpeels?\b|\bliposuction\b"),
            (
                "your pain",
                r"\b(?:your|the|back|neck|knee|tooth|chronic) ?(?:pain|ache)\b|\binfections?\b|\bdiseases?\b"
                r"|\binjur(?:y|ies)\b",
            ),
            (
                "your pregnancy",
                r"\bpregnan\w+|\bcancer\b|\bdiabet\w+|\banxiety\b|\bdepression\b|\baddiction\b|\bfertility\b"
                r"|\bhiv\b|\ballerg\w+"
                r"|\basthma\b|\bacne\b|\byour (?:condition|recovery|physical|adjustment|exam)\b|\b(?:eye|skin"
                r"|dental) exams?\b",
            ),
            ("as our patient", r"\b(?:as|our|dear|valued|being|favorite) (?:a |our |great )?patients?\b|\bpatients\b"),
            (
                "your visit on March 3",
                rf"\b(?:visit|appointment|came|come|coming|saw|see|seeing|were)\b[^.!?\n]{{0,30}}?\b(?:(?:on"
                rf"|last) {_DAY}|{_MONTH} \d{{1,2}}"
                r"|\d{1,2}/\d{1,2})\b",
            ),
        ),
        "Thank you for your visit.",
    ),
    Rule(
        "D7",
        "block",
        _WHY,
        (
            (
                "su endodoncia",
                r"\b(?:endodoncias?|empastes?|extraccion(?:es)?|implantes?|dentaduras?|brackets|blanqueamiento|caries"
                r"|ortodoncia|carillas?)\b|\bsu (?:corona|limpieza|relleno)\b|\blimpieza (?:dental|de dientes)\b",
            ),
            ("su cirugía", r"\bcirugias?\b|\bprocedimientos?\b|\btratamientos?\b|\bterapias?\b|\bsu operacion\b"),
            (
                "su diagnóstico",
                r"\bdiagnostic\w+|\bsintomas?\b|\bsus (?:resultados|analisis|examenes)\b|\bradiografias?\b",
            ),
            ("su receta", r"\b(?:su|la) receta\b|\bmedicamentos?\b|\bmedicinas?\b|\binyeccion(?:es)?\b|\bvacunas?\b"),
            (
                "su dolor",
                r"\b(?:su|el|del) dolor\b|\binfeccion(?:es)?\b|\benfermedad(?:es)?\b|\bsu (?:lesion|recuperacion)\b",
            ),
            ("su embarazo", r"\bembaraz\w+|\bcancer\b|\bdiabetes\b|\bansiedad\b|\bdepresion\b|\balergias?\b"),
            ("como paciente", r"\b(?:como|nuestr[ao]|estimad[ao]|querid[ao]) pacientes?\b|\bpacientes\b"),
            (
                "su visita del 3 de marzo",
                rf"\b(?:visita|cita|vino|vinieron|venir|verl[ao])\b[^.!?\n]{{0,30}}?\b(?:\d{{1,2}} de {_MES}"
                rf"|(?:el|del) {_DIA}|\d{{1,2}}/\d{{1,2}})\b",
            ),
        ),
        "Gracias por su visita.",
    ),
)

#: Merge fields that would say it for each of them.
FIELDS = ("service", "visit_date")
#: On a picture, which lies about longer than a text, also who was there.
ON_PICTURES = (*FIELDS, "technician")
