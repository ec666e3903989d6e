"""Static files under names that hold a checksum, also where one of our JavaScript modules imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

#: `import { a } from "./b.js";` on a line of its own, as we write it.  Django's own pattern also takes comments.
IMPORT = r'(?m)^(?P<matched>import (?P<names>[^"\n]+) from "(?P<url>\./[\w.-]+\.js)";)$'
REWRITTEN = 'import %(names)s from "%(url)s";'


class Manifest(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Whitenoise's storage, which also rewrites the imports in static/js/."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", ((IMPORT, REWRITTEN),)))
