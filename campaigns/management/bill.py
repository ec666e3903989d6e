"""The bill of materials: every package of the lock and every file that is not ours, with version, hash and licence.

CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).  What is installed is what the lock says, so the lock is its
source; licences, and who needs whom, are asked of the packages installed here.  The same lock gives the same bill.
"""

import hashlib
import re
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
#: Of classifiers, which are older than SPDX; what is not here is told as it stands.
CLASSIFIED = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
#: Those of one word that SPDX knows, as packages write them into a field that takes anything.
SPDX = {
    *("MIT", "BSD-3-Clause", "BSD-2-Clause", "Apache-2.0", "ISC", "MPL-2.0", "PSF-2.0", "0BSD", "OFL-1.1", "CC0-1.0"),
    *("MIT-CMU", "LGPL-3.0-only", "LGPL-3.0-or-later", "Unlicense", "HPND", "CC-BY-SA-4.0", "Zlib"),
}
#: Of packages that say it in the text of their licence alone; read once, by hand.
READ = {"axe-playwright-python": "MIT", "pysqlite3": "Zlib"}


@dataclass
class Pin:
    """One line of the lock: every file of that release by its hash, whatever the platform."""

    name: str
    version: str
    marker: str
    hashes: list[str] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Its package URL, which names no index."""
        return f"pkg:pypi/{canonicalize_name(self.name)}@{self.version}"


@dataclass(frozen=True)
class Shipped:
    """A file in our tree that others made."""

    path: Path
    what: str
    licence: str
    sha256: str


def pins(root: Path) -> list[Pin]:
    """The lock."""
    found: list[Pin] = []
    for line in (root / "requirements.lock").read_text().splitlines():
        if pin := PIN.match(line):
            found.append(Pin(pin["name"], pin["version"], (pin["marker"] or "").strip()))
        found[-1].hashes.extend(HASH.findall(line)) if found else None
    return found


def shipped(root: Path) -> list[Shipped]:
    """The files of others, by the two lists that name them."""
    return [*_of_pages(root / "static"), *_of_cards(root / "campaigns" / "cards")]


def _of_pages(folder: Path) -> Iterator[Shipped]:
    for entry in (folder / "SOURCES.md").read_text("utf-8").split("\n## ")[1:]:
        name, _, rest = entry.partition("\n")
        facts = dict(re.findall(r"^- ([A-Za-z0-9-]+): (.+)$", rest, re.MULTILINE))
        licence = re.split(r"[,;]", facts["Licence"])[0].strip()
        yield Shipped(
            folder / name.strip(), f"{facts['What']}, from {facts['From']}", licence, facts["SHA-256"].strip("`")
        )


def _of_cards(folder: Path) -> Iterator[Shipped]:
    lines = [line for line in (folder / "SOURCES.md").read_text("utf-8").splitlines() if line.startswith("|")]
    for line in lines[2:]:
        name, package, version, inside, author, licence, _, sha256 = (
            cell.strip() for cell in line.strip("|").split("|")
        )
        yield Shipped(folder / name, f"{inside} of {package} {version}, by {author}", licence, sha256)


def bill(root: Path, now: datetime) -> dict[str, Any]:
    """The bill of materials as CycloneDX 1.6."""
    locked, files = pins(root), shipped(root)
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed, larger = _reached(project["dependencies"]), _reached(project["optional-dependencies"]["scale"])
    mark = hashlib.sha256((root / "requirements.lock").read_bytes() + "".join(f.sha256 for f in files).encode())
    ours = f"pkg:generic/{project['name']}@{project['version']}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=mark.digest()[:16], version=4)}",
        "version": 1,
        "metadata": {
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": _licences(project["license"]),
            },
        },
        "components": [
            *(_package(pin, _scope(pin, needed, larger)) for pin in locked),
            *_inside(),
            *(_file(each, root) for each in files),
        ],
        "dependencies": _dependencies(ours, locked, [*project["dependencies"]]),
    }


def _package(pin: Pin, scope: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.ref,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.ref,
        "scope": scope,
        "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
    }
    if licences := _licences_of(pin.name):
        told["licenses"] = licences
    if pin.marker:
        told["properties"] = [{"name": "goodword:only-where", "value": pin.marker}]
    return told


def _inside() -> list[dict[str, Any]]:
    """What a browser is given out of a package's own files: htmx."""
    home = Path(str(metadata.distribution("django-htmx").locate_file("django_htmx/static/django_htmx")))
    script = home / "htmx-2.min.js"
    found = re.search(r'version:"([\d.]+)"', script.read_text())
    version = found[1] if found else "unknown"
    return [
        {
            "type": "library",
            "bom-ref": f"pkg:npm/htmx.org@{version}",
            "name": "htmx.org",
            "version": version,
            "purl": f"pkg:npm/htmx.org@{version}",
            "scope": "required",
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(script.read_bytes()).hexdigest()}],
            "licenses": _licences("0BSD"),
            "description": "As django-htmx ships it",
        }
    ]


def _file(each: Shipped, root: Path) -> dict[str, Any]:
    name = each.path.relative_to(root).as_posix()
    return {
        "type": "file",
        "bom-ref": f"file:{name}",
        "name": name,
        "description": each.what,
        "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": each.sha256}],
        "licenses": _licences(each.licence),
    }


def _scope(pin: Pin, needed: set[str], larger: set[str]) -> str:
    """By CycloneDX: needed to run, needed by a larger installation, or only to build and test."""
    name = canonicalize_name(pin.name)
    return "required" if name in needed else "optional" if name in larger else "excluded"


def _reached(wanted: list[str]) -> set[str]:
    """Whatever these need, and what that needs."""
    found: set[tuple[str, tuple[str, ...]]] = set()
    ahead = [Requirement(line) for line in wanted]
    while ahead:
        each = ahead.pop()
        key = (str(canonicalize_name(each.name)), tuple(sorted(each.extras)))
        if key not in found:
            found.add(key)
            ahead.extend(_needs(key[0], each.extras))
    return {name for name, _ in found}


def _needs(name: str, extras: set[str]) -> list[Requirement]:
    """What an installed package asks for, with these extras; a package that is not for this platform asks nothing."""
    try:
        asked = [Requirement(line) for line in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        return []
    chosen = [{"extra": extra} for extra in extras or {""}]
    return [each for each in asked if each.marker is None or any(each.marker.evaluate(one) for one in chosen)]


def _dependencies(ours: str, locked: list[Pin], wanted: list[str]) -> list[dict[str, Any]]:
    refs: dict[str, str] = {canonicalize_name(pin.name): pin.ref for pin in locked}
    direct = sorted({refs[canonicalize_name(Requirement(line).name)] for line in wanted})
    rest = [
        {"ref": refs[name], "dependsOn": sorted({refs[n] for n in _names(_needs(name, set())) if n in refs})}
        for name in sorted(refs)
    ]
    return [{"ref": ours, "dependsOn": direct}, *rest]


def _names(asked: list[Requirement]) -> Iterator[NormalizedName]:
    for each in asked:
        yield canonicalize_name(each.name)


def _licences_of(name: str) -> list[dict[str, Any]]:
    try:
        about: Any = metadata.metadata(name)  # a mail message, which its type does not say before Python 3.12
    except metadata.PackageNotFoundError:
        return []
    said = _said(about, "License-Expression") or READ.get(name, "")
    named = _said(about, "License")
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License")
    ]
    if not said and (named in SPDX or not classified) and "\n" not in named:
        said = named
    if said:
        return _licences(said)
    return [_licence(CLASSIFIED.get(each, each)) for each in classified]


def _said(about: metadata.PackageMetadata, field: str) -> str:
    return str(about[field] or "").strip() if field in about else ""


def _licences(said: str) -> list[dict[str, Any]]:
    """One licence, or an expression of several."""
    return [{"expression": said}] if re.search(r" (?:OR|AND|WITH) ", said) else [_licence(said)]


def _licence(said: str) -> dict[str, Any]:
    return {"license": {"id" if said in SPDX else "name": said}}
