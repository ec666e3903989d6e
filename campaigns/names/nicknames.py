"""Short forms by which people go: Bob is Robert, and Paco is Francisco.  (pure)

A short form of two names (Alex, Sam, Pat) stands in both lines.  The list is no dictionary: what is not in it is no
match, and a person decides about what is.
"""

from functools import lru_cache

#: Each line is one name: the long form first.  Without capitals and accents.
_LINES = """
abigail abby gail
alexander alex alec xander sandy sasha
alexandra alex alexa lexi sandra sasha
alberto beto
alejandro alex ale
andrew andy drew
angela angie
anthony tony
antonio tono tony
barbara barb barbie babs
benjamin ben benny benji
bradley brad
carolyn carol carrie
catherine cathy cath cat kate katie kathy kit
katherine kathy kat kate katie kit kay
charles charlie chuck chas
christina chris chrissy tina
christine chris chrissy tina
christopher chris kit topher
cynthia cindy
daniel dan danny
david dave davy
deborah deb debbie
donald don donny
dolores lola lolita
dorothy dot dottie dolly
douglas doug
edward ed eddie ned ted teddy
eduardo lalo edu
elizabeth liz lizzie beth betsy betty eliza lisa libby
enrique quique kike
eugene gene
ezekiel zeke
frances fran francie
francis frank fran
francisco paco pancho frank
franklin frank
frederick fred freddy rick
gabriel gabe
gerald gerry jerry
gregory greg
guadalupe lupe
guillermo memo
harold hal harry
henry hank harry
ignacio nacho
isabella bella izzy
jacob jake
james jim jimmy jamie
janet jan
jeffrey jeff
jennifer jen jenny
jessica jess jessie
jesus chuy
john jack johnny jon
jonathan jon jonny nathan
jose pepe joe
joseph joe joey
joshua josh
judith judy
kenneth ken kenny
kimberly kim
lawrence larry
leonard leo len lenny
luis lucho
manuel manny manolo
margaret maggie meg peggy marge margie greta
maria mari
matthew matt
maximilian max
michael mike mikey mick
michelle shelly
miguel mike
mildred millie
nancy nan
natalie nat
nathaniel nate nathan nat
nicholas nick nicky
pamela pam
patricia pat patty trish tricia
patrick pat paddy
peter pete
philip phil
rafael rafa
raymond ray
rebecca becca becky
richard rich rick ricky dick
robert rob robbie bob bobby bert
roberto beto rob
ronald ron ronnie
rosario charo
samantha sam sammy
samuel sam sammy
sandra sandy
santiago santi
sergio checo
stephanie steph
stephen steve
steven steve
susan sue susie suzy
theodore ted teddy theo
thomas tom tommy
timothy tim timmy
valerie val
victoria vicky tori
vincent vince vinny
virginia ginny
walter walt wally
william will bill billy liam
zachary zach zack
"""


@lru_cache(maxsize=1)
def _lines_of() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_LINES.split("\n")):
        for word in line.split():
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def are_one_name(one: str, other: str) -> bool:
    """May these two (folded) first names be of one person, one the short form of the other?"""
    lines = _lines_of()
    return one != other and bool(lines.get(one, frozenset()) & lines.get(other, frozenset()))


def forms(name: str) -> frozenset[str]:
    """Every first name that may be this (folded) one, itself too."""
    lines = _lines_of().get(name, frozenset())
    return frozenset({name, *(word for word, numbers in _lines_of().items() if numbers & lines)})
