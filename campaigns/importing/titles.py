"""What people call their columns, and which line of a file holds the titles.  (pure)"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Field(StrEnum):
    """What a column can stand for.  There is none for satisfaction or rating, on purpose (R2)."""

    PHONE = "phone"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    NAME = "name"
    LAST_VISIT = "last_visit"
    TIMEZONE = "timezone"
    TECHNICIAN = "technician"
    SERVICE = "service"
    LANGUAGE = "language"
    TAGS = "tags"


#: Titles as `fold` writes them, the better ones first: a mobile number before a home number.
ALIASES: dict[Field, tuple[str, ...]] = {
    Field.PHONE: (
        *("mobile", "mobilephone", "mobilephones", "mobilenumber", "mobileno", "cell", "cellphone", "cellnumber"),
        *("cellular", "handy"),
        *("mobil", "mobiltelefon", "handynummer", "movil", "celular", "portable", "imessage", "textnumber", "sms"),
        *("phone", "phonenumber", "phoneno", "customerphone", "customerphonenumber", "clientphone", "contactphone"),
        *("phone1", "primaryphone", "mainphone", "bestphone", "contactnumber", "telephone", "telephonenumber", "tel"),
        *("telefon", "telefonnummer", "telefono", "telephonemobile", "numero", "rufnummer", "fon", "number", "e164"),
        *("mainphones", "phonenumbers", "phone1value", "primaryphone1", "homephone", "homephones", "homenumber"),
        *("phonehome", "phonemobile", "workphone", "workphones", "worknumber", "businessphone", "otherphone"),
        *("phone2", "phone2value", "homephone2", "carphone", "whatsapp"),
    ),
    Field.FIRST_NAME: (
        *("firstname", "first", "fname", "givenname", "forename", "customerfirstname", "clientfirstname"),
        *("contactfirstname", "preferredname", "nickname", "vorname", "prenom", "primernombre", "nombres"),
    ),
    Field.LAST_NAME: (
        *("lastname", "last", "lname", "surname", "familyname", "secondname", "customerlastname", "clientlastname"),
        *("contactlastname", "nachname", "familienname", "nomdefamille", "apellido", "apellidos"),
    ),
    Field.NAME: (
        *("name", "fullname", "customerfullname", "customername", "clientname", "contactname", "patientname"),
        *("guestname", "displayname"),
        *(
            "customer",
            "client",
            "patient",
            "guest",
            "kunde",
            "kundenname",
            "nombre",
            "nombrecompleto",
            "nom",
            "cliente",
        ),
    ),
    Field.LAST_VISIT: (
        *("lastvisit", "lastvisitdate", "dateoflastvisit", "lastvisited", "visitdate", "visit", "lastseen"),
        *("lastappointment", "lastappointmentdate", "appointmentdate", "lastservice", "lastservicedate", "servicedate"),
        *("lastjob", "jobdate", "completedon", "completiondate", "datecompleted", "lastorder", "lastorderdate"),
        *("lastpurchase", "lastpurchasedate", "orderdate", "invoicedate", "letzterbesuch", "ultimavisita"),
        *("dernierevisite", "date", "datum", "fecha"),
    ),
    Field.TIMEZONE: ("timezone", "tz", "zone", "zeitzone", "zonahoraria", "fuseauhoraire"),
    # As ServiceTitan, Housecall Pro, Jobber, Workiz and FieldPulse call them, then salons, then other languages.
    Field.TECHNICIAN: (
        *("technician", "primarytechnician", "assignedtechnician", "technicianname", "tech", "assignedtech"),
        *("techname", "leadtechnician", "leadtech", "technicians", "assignedtechnicians", "techs"),
        *("servicetechnician", "fieldtech", "assignedemployee", "employee", "employeename", "assignedemployees"),
        *("employees", "assignedto", "assignedteammember", "assignedteammembers", "teammember", "teammembers"),
        *("assigneduser", "assignedusers", "completedby", "performedby", "servicedby", "crew", "crewleader"),
        *("installer", "cleaner", "driver", "staff", "staffmember", "staffname", "provider", "providername"),
        *("stylist", "barber", "groomer", "therapist", "serviceadvisor", "servicewriter", "mechanic", "whowasthere"),
        *("techniker", "monteur", "mitarbeiter", "tecnico", "empleado", "technicien", "employe"),
    ),
    Field.SERVICE: (
        *("service", "jobtype", "jobtypename", "servicetype", "typeofservice", "servicename", "services", "jobtitle"),
        *("jobdescription", "jobname", "worktype", "worktypename", "workperformed", "workdone", "servicedescription"),
        *("servicesperformed", "serviceperformed", "serviceprovided", "servicecategory", "jobcategory", "visittitle"),
        *("appointmenttype", "lineitem", "lineitems", "productservice", "whatwasdone", "leistung", "dienst"),
        *("dienstleistung", "auftragsart", "servicio", "tipodeservicio", "prestation", "typedeservice"),
    ),
    Field.LANGUAGE: (
        *("language", "preferredlanguage", "languagepreference", "customerlanguage", "clientlanguage", "lang"),
        *("primarylanguage", "spokenlanguage", "locale", "languagecode", "idioma", "lengua", "idiomapreferido"),
        *("sprache", "langue"),
    ),
    Field.TAGS: (
        *("tags", "tag", "customertags", "customertag", "clienttags", "contacttags", "labels", "label"),
        *("groups", "group", "customergroup", "customergroups", "segments", "segment", "membership"),
        *("groupmembership", "categories", "category"),
        *("etiquetas", "etiqueta", "schlagworte", "schlagworter", "etiquettes", "gruppe", "gruppen", "grupo", "grupos"),
    ),
}
_FIELD_OF = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
_RANK = {alias: rank for aliases in ALIASES.values() for rank, alias in enumerate(aliases)}
#: Lines above the titles that a program may have written ("Customers, exported 3 November").
_HIGHEST = 10


def fold(title: str) -> str:
    """A title without case, accents, spaces and signs: “Téléphone (mobile)” becomes “telephonemobile”."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    return "".join(c for c in plain if c.isalnum())


def field_of(title: str) -> Field | None:
    """What a title stands for, if we know it."""
    return _FIELD_OF.get(fold(title))


def rank(title: str) -> int:
    """How good a known title is among those of its field; 0 is the best."""
    return _RANK.get(fold(title), len(_RANK))


def find(head: Sequence[Sequence[str]]) -> int | None:
    """Which of the first lines holds the titles; None when the list begins at once.

    1. The line that names a phone column, or else two columns of any kind, and holds no number itself; of several
       such lines (group titles above the real ones) the one that names most, and then the first.
    2. Else the first line, when it is full, has no digit, and the lines below hold numbers: titles in words we do
       not know.
    """
    named = [_named(cells) for cells in head[:_HIGHEST]]
    best = max(named, default=(False, 0))
    if best[0] or best[1] > 1:
        return named.index(best)
    return 0 if head and _stands_above(head[0], head[1:]) else None


def _named(cells: Sequence[str]) -> tuple[bool, int]:
    """Whether a phone column is among the titles we know, and how many we know; nothing for a line with a number."""
    fields = {field_of(cell) for cell in cells} - {None}
    return (False, 0) if _holds_a_number(cells) else (Field.PHONE in fields, len(fields))


def _stands_above(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    full = all(cell.strip() and not re.search(r"\d", cell) for cell in first)
    wide = all(len(first) >= len(cells) for cells in below)
    numbered = sum(_holds_a_number(cells) for cells in below)
    return bool(below) and full and wide and numbered * 2 >= len(below)


def _holds_a_number(cells: Sequence[str]) -> bool:
    return any(len(re.findall(r"\d", cell)) >= 7 and not re.search(r"[^\W\d_]{3}", cell) for cell in cells)


def column_name(index: int) -> str:
    """What a spreadsheet calls it: “Column A”, “Column AB”."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"Column {letters}"
