"""The same rules for texts in Spanish.  The patterns are held against the text without its accents."""

from .tables import MONEY, PERCENT, Rule

# Pieces.  Gaps never leave the sentence.
_NEAR = r"[^.!?\n]{0,25}?"
_GAP = r"[^.!?\n]{0,60}?"
_REST = r"[^.!?\n]{0,30}"
_REVIEW = r"(?:resenas?|resenarnos|opinion(?:es)?|comentarios?|calificacion(?:es)?|valoracion(?:es)?|reviews?)\b"
_WRITE = (
    r"(?:dej(?:e|es|en|a|ar|an|anos|enos|arnos|ando)|escrib(?:a|e|es|an|ir|irnos|anos|enos)|publi(?:que|ques"
    r"|quen|ca|car)|"
    r"d[ae]nos|darnos|dar|des|den|pon(?:ga|gan|er|nos|gas)?|haz(?:nos)?|haga(?:nos)?|hacer|compart(?:a|e|ir|an)|"
    r"sub(?:a|e|ir|an)|mand(?:e|a|ar|en)|envi(?:e|a|ar|en)|cambi(?:e|a|ar|en)|actuali(?:ce|za|zar)|borr(?:e|a|ar)|"
    r"elimin(?:e|a|ar)|quit(?:e|a|ar))"
)
_WRITE_A_REVIEW = rf"(?:\b{_WRITE}\b{_GAP}\b{_REVIEW}|\b(?:resene|califique|resena|califica|valore)(?:nos|lo)\b)"
_BAD = (
    r"(?:mal[ao]s?|negativ[ao]s?|baj[ao]s?|fals[ao]s?|injust[ao]s?|desfavorables?|de (?:1|una|dos|2|tres|3) estrellas?)"
)
_BAD_REVIEW = rf"(?:\b{_BAD}\b (?:\w+ )?{_REVIEW}|\b{_REVIEW} (?:\w+ )?{_BAD}\b)"
_GOOD = (
    r"(?:buen[ao]s?|positiv[ao]s?|excelentes?|favorables?|"
    r"bonit[ao]s?|lind[ao]s?|increibles?|maravillos[ao]s?|perfect[ao]s?)"
)
_REWARD = (
    r"(?:\bgratis\b|\bgratuit[ao]s?\b|\bregal(?:o|os|ito|itos|amos|aremos|are|e)\b|\bpremios?\b|\bobsequios?\b|"
    r"\brecompensas?\b|\bdescuentos?\b|\bpuntos\b|\ben efectivo\b|\bdinero\b|\breembols\w+|\bcortesia\b|\bsin costo\b|"
    rf"\bcredito\b|\bbono\b|\bsorpresas?\b|{PERCENT}|{MONEY})"
)
_CONTENT = r"(?:content|satisfech|feli[zc]|encantad|complacid|a gusto|conform)\w*"
_LINK = r"(?:enlaces?|links?|ligas?|vinculos?|boton)\b"
_ANSWER = r"(?:respond[ae]n?(?:me|nos)?|contest[ae]n?(?:me|nos)?|responder|contestar|escriba(?:nos)?|mande)"
_ALONE = r"(?! (?:con )?[\"']?(?:stop|alto|baja|pare|parar|cancelar|salir)\b)"

_REWARDS = Rule(
    "R3",
    "block",
    "nothing may be offered for a review, neither by Google’s rules nor by law (16 CFR 465.4). Ask without it.",
    (
        ("una tarjeta de regalo", r"\btarjetas? (?:de )?regalo\b"),
        ("un cupón", r"\bcupon(?:es)?\b|\bvales? (?:de|por)\b|\bcodigos? (?:promocional(?:es)?|de descuento)\b"),
        (
            "10% de descuento",
            rf"{PERCENT} (?:de )?(?:descuento|menos|off|rebaja)|{MONEY} (?:de )?(?:descuento|credito|menos)",
        ),
        (
            "reciba un descuento",
            r"\b(?:un|una?s?|su|tu|recib\w+|obten\w+|con|de) (?:\w+ )?descuentos?\b(?= ?(?:[.!?,;:)\n]|$|en\b"
            r"|por\b|si\b|para\b"
            r"|al\b|cuando\b|especial|del\b))",
        ),
        ("una rifa", r"\brif(?:as?|amos|aremos)\b|\bsorteos?\b|\bconcursos?\b"),
        ("gane un iPad", r"\b(?:gane|ganar|ganate|ganese|ganarse)\b (?:un|una|premios?|hasta|\$)"),
        ("puntos de lealtad", r"\bpuntos (?:de (?:lealtad|regalo|recompensa)|extra|dobles|adicionales)\b"),
        ("oferta especial", r"\b(?:oferta|promocion)(?:es)? especial(?:es)?\b"),
        ("a cambio de su reseña", rf"\b(?:a cambio|en agradecimiento|como pago) (?:de|por) {_NEAR}{_REVIEW}"),
        (
            "el próximo café va por nuestra cuenta",
            r"\b(?:va|corre|es|invita) (?:por (?:nuestra cuenta|la casa)|la casa)\b",
        ),
        ("le pagamos por su reseña", r"\b(?:le|te|les) (?:pagamos|pagaremos|pago|pagare|venmo|zelle)\b"),
        (
            "donamos $5 por cada reseña",
            rf"\b(?:dona|planta|contribu)\w*\b{_GAP}\b(?:por|con) cada (?:\w+ )?{_REVIEW}"
            rf"|\bpor cada (?:\w+ )?{_REVIEW},? {_NEAR}\b(?:dona|planta|regala|da)(?:mos|remos|re)?\b",
        ),
        (
            "deje una reseña y reciba un regalo",
            rf"{_WRITE_A_REVIEW}{_GAP}(?:\b(?:y|para|por|tendra|recibe|reciba)\b|=){_NEAR}{_REWARD}",
        ),
        (
            "un café gratis por su reseña",
            rf"{_REWARD}{_GAP}\b(?:por|si|cuando|al|con|tras|despues de)\b{_NEAR}(?:{_WRITE_A_REVIEW}|\b{_REVIEW})",
        ),
        (
            "si deja una reseña le damos un postre gratis",
            rf"\b(?:si|cuando|al|despues de)\b {_NEAR}{_WRITE_A_REVIEW}{_GAP}{_REWARD}",
        ),
        ("cada opinión tiene un regalo", rf"\b{_REVIEW} (?:tiene|recibe|gana|lleva)n?\b{_NEAR}{_REWARD}"),
        ("le invitamos un café", r"\b(?:le|te|les) invit(?:o|amos|aremos|are) (?:un|una|el|la)\b" + _REST),
        ("reseña y gana", rf"\b{_REVIEW} y (?:gan[ae]|recib[ae]|obten(?:ga)?|llevese)\b{_REST}"),
        ("reseña = café gratis", rf"\b{_REVIEW} ?(?:=|->|→) ?{_NEAR}{_REWARD}"),
        (
            "muestre su reseña y el postre es gratis",
            rf"\b(?:muestr|mencion|ensen|traig)\w+\b{_NEAR}\b{_REVIEW}{_GAP}{_REWARD}",
        ),
        (
            "como agradecimiento, un regalo",
            rf"\b(?:como|en) (?:muestra de )?(?:agradecimiento|gratitud)\b{_GAP}{_REWARD}",
        ),
        (
            "le regalamos un café",
            r"\b(?:le|te|les) (?:regal|obsequi|bonific)\w+\b|\b(?:recib|obten|llev)(?:a|e|as|es|ga|gan|ese"
            r"|ate)\b (?:un |una |su |tu )?"
            r"(?:\w+ )?(?:gratis|regalo|obsequio|premio|recompensa)\b",
        ),
    ),
    "Una reseña breve nos ayuda mucho y ayuda a otros a encontrarnos.",
)

_THREATS = Rule(
    "R10",
    "block",
    "a text may neither forbid nor threaten over a bad review (16 CFR 465.7). Leave it out.",
    (
        (
            "por favor no deje una mala reseña",
            rf"\b(?:no|nunca|evite|evita|prohibido|antes de|en (?:lugar"
            rf"|vez) de)\b (?:nos )?{_WRITE}\b{_NEAR}{_BAD_REVIEW}",
        ),
        ("en lugar de una mala reseña, llámenos", rf"\b(?:en (?:lugar|vez)|antes) de\b{_NEAR}{_BAD_REVIEW}"),
        ("no se permiten reseñas negativas", rf"\bno (?:se )?(?:permit|acept|toler|admit)\w*\b{_NEAR}{_BAD_REVIEW}"),
        (
            "las reseñas negativas tendrán consecuencias legales",
            rf"{_BAD_REVIEW}{_GAP}\b(?:demand\w*|legal(?:es|mente)?|abogad\w+|tribunal\w*|mult\w+|cargos?"
            rf"|cobr\w+|garantia|"
            r"prohib\w+|elimin\w+|cancel\w+|penaliz\w+|perder\w*)\b",
        ),
        (
            "acciones legales por reseñas falsas",
            rf"\b(?:demand\w*|accion(?:es)? legal(?:es)?|abogad\w+|mult\w+|difamacion|cobrar\w*"
            rf"|cargo)\b{_GAP}{_BAD_REVIEW}",
        ),
        ("pierde la garantía si deja una mala reseña", rf"\b(?:pierde|perdera|anula\w*)\b{_GAP}{_BAD_REVIEW}"),
    ),
    "Bueno o malo, leemos cada palabra.",
)

_TRICKS = Rule(
    "M13",
    "block",
    "“reply so that the link works” is how swindlers write. The link must not depend on an answer.",
    (
        (
            "responda SÍ para que funcione el enlace",
            rf"\b{_ANSWER}\b{_ALONE}(?! (?:con|si tiene) (?:cualquier |alguna? |sus )?(?:dudas?"
            rf"|preguntas?))[^.!?\n]{{0,40}}?"
            rf"\b(?:para|y|luego|despues|antes)\b{_REST}?\b{_LINK}{_REST}",
        ),
        (
            "el enlace se abre cuando responda",
            rf"\b{_LINK}{_REST}?\b(?:funcion|abr|activ|aparec|desbloque)\w*\b{_REST}?\b(?:respond|contest|guard"
            rf"|agreg)\w*\b",
        ),
        (
            "si el enlace no abre, responda",
            rf"\bsi (?:el|la) {_LINK}[^.!?\n]{{0,40}}\b(?:respond|contest|guard|agreg)[ae]\w*\b",
        ),
        (
            "guarde nuestro número para abrir el enlace",
            rf"\b(?:guard|agreg|anad)\w+\b{_NEAR}\b(?:numero|contactos?)\b{_REST}\b{_LINK}",
        ),
    ),
    "El enlace está en la tarjeta de abajo.",
)

_STARS = Rule(
    "R4",
    "block",
    "asking for a particular rating is against Google’s rules and has cost businesses their reviews. Ask how it was.",
    (
        ("5 estrellas", r"\b(?:[45]|cuatro|cinco) estrell(?:as|itas)\b"),
        ("una calificación de 5", r"\b(?:calificacion|puntuacion|nota|valoracion) de (?:5|cinco|10|diez)\b"),
        ("la calificación más alta", r"\b(?:calificacion|puntuacion|nota|valoracion) (?:mas alta|maxima|perfecta)\b"),
        ("la máxima calificación", r"\b(?:maxima|mejor|mas alta) (?:calificacion|puntuacion|nota|valoracion)\b"),
        ("déjenos una buena reseña", rf"\b{_WRITE}\b (?:una |su |tu )?(?:muy )?{_GOOD} {_REVIEW}"),
        ("una excelente reseña", rf"\b(?:una|otra) (?:muy )?{_GOOD} {_REVIEW}"),
        ("una reseña positiva", rf"\b{_REVIEW} (?:muy )?{_GOOD}\b(?! (?:o|y|ni|como)\b)"),
    ),
    "¿Nos contaría cómo le fue?",
)

_HAPPY_ONES = Rule(
    "R1",
    "block",
    "this asks only the happy ones, or turns the others away. Google wants everyone asked alike.",
    (
        (
            "si quedó contento",
            r"\bsi (?:usted |tu |te |se |nos )?(?:qued(?:o|aste|aron|a|as)|esta[sn]?|estuv(?:o|iste|ieron)|fue"
            r"|fuiste|sali\w+|"
            rf"sient[ea]s?) (?:\w+ )?{_CONTENT}\b(?! o (?:no|in|des))",
        ),
        (
            "solo clientes satisfechos",
            rf"\b(?:solo|solamente|unicamente) (?:si|los|a los|para|clientes)\b{_NEAR}\b{_CONTENT}",
        ),
        (
            "si le gustó, deje una reseña",
            rf"\bsi (?:le|te|les) (?:ha )?(?:gust|encant|fue bien"
            rf"|parecio bien)\w*\b(?! o no)[^.!?\n]{{0,50}}\b(?:{_REVIEW}|(?:resen|califi|valor)\w+nos\b)",
        ),
        (
            "si todo salió bien, deje una reseña",
            rf"\bsi todo (?:\w+ )?(?:muy )?bien\b(?! o)[^.!?\n]{{0,40}}\b{_REVIEW}",
        ),
        ("¿Contento? Déjenos una reseña", rf"(?:^|[¿.!?\n] ?){_CONTENT}\? [^.!?\n]{{0,40}}\b{_REVIEW}"),
        (
            "si tuvo una buena experiencia",
            rf"\bsi (?:tuv(?:o|iste|ieron)|ha tenido|fue|su|tu|la|el|todo)\b(?: \w+){{0,4}}? (?:muy )?{_GOOD}\b(?! o\b)"
            rf"(?:[^.!?\n]{{0,15}}\b(?:experiencia|visita|servicio)|[^.!?\n]{{0,50}}\b{_REVIEW})",
        ),
        (
            "si cree que lo merecemos",
            r"\bsi (?:cree|crees|piensa|piensas|siente|sientes)\w* que (?:\w+ )?(?:merecemos|hemos ganado|ganamos)\b",
        ),
        (
            "si no quedó contento, llámenos primero",
            rf"\bsi (?:no|algo|hubo|tuvo)\b{_GAP}\b(?:llam|escrib|dig|avis|contact|habl|respond|cuent)\w*\b{_GAP}"
            r"\b(?:primero|antes|directamente|en privado|en (?:lugar|vez))\b",
        ),
    ),
    "Bueno o no tan bueno, todo ayuda.",
)

RULES: tuple[Rule, ...] = (_REWARDS, _THREATS, _TRICKS, _STARS, _HAPPY_ONES)
