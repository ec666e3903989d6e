"""A hundred thousand rows, reviewed and imported while the site is being used.

The steps are those of the pages, done by the real web server and the real worker; what is measured is what somebody
waits for from the upload to the last page, the largest memory of any of our processes, and how quickly the list of
customers answers meanwhile.
"""

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks import harness

ROWS = 100_000
LIMIT_SECONDS, LIMIT_MEGABYTES = 60, 300


def main(rows: int = ROWS) -> dict[str, Any]:
    """Bring a list through all its steps, the same list again, and take it back."""
    with harness.running() as site:
        owner = harness.provisioned(site, 10)
        path = harness.customers_file(site.folder, rows)
        with httpx.Client(base_url=site.url, follow_redirects=True, timeout=120) as browser:
            _post(browser, browser.get(urlsplit(str(owner["sign_in_url"])).path), {})
            first = _bring(site, browser, path)
            again = _bring(site, browser, path)
            undone = _undo(site, browser, first["import"])
    enough = first["seconds"] <= LIMIT_SECONDS and first["peak_megabytes"] <= LIMIT_MEGABYTES
    return {"rows": rows, "first": first, "again": again, "undone": undone, "in_time_and_memory": enough}


def _post(browser: httpx.Client, page: httpx.Response, values: dict[str, str], **more: Any) -> httpx.Response:
    """Press the button of a page: its hidden fields and these values."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text[:300]
    version = re.search(r'name="version" value="(\d+)"', page.text)
    hidden = {"csrfmiddlewaretoken": token[1]} | ({"version": version[1]} if version else {})
    return browser.post(str(page.url), data=hidden | values, headers={"Referer": str(page.url)}, **more)


def _bring(site: harness.Site, browser: httpx.Client, path: Path) -> dict[str, Any]:
    """From the upload to the last page."""
    start, spent = time.monotonic(), _cpu(site)
    said = {"consent": "They are customers", "attested": "on"}
    with path.open("rb") as file:
        columns = _post(browser, browser.get("/customers/import/"), said, files={"file": file})
    uploaded = time.monotonic()
    chosen = dict(re.findall(r'name="(column_\d+)".*?<option value="(\w*)" selected', columns.text, re.DOTALL))
    waits: list[float] = []
    review, peak = _wait(site, browser, _post(browser, columns, chosen), waits)
    reviewed = time.monotonic()
    done, later = _wait(site, browser, _post(browser, review, {}), waits)
    end = time.monotonic()
    return {
        "import": int(done.url.path.strip("/").rpartition("/")[2]),
        "said": re.sub(r"<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", done.text, re.DOTALL)[1]),  # type: ignore[index]
        "upload_seconds": round(uploaded - start, 1),
        "review_seconds": round(reviewed - uploaded, 1),
        "save_seconds": round(end - reviewed, 1),
        "seconds": round(end - start, 1),
        "cpu_seconds": round(_cpu(site) - spent, 1),
        "peak_megabytes": max(peak, later),
        "page_meanwhile_p95_ms": round(sorted(waits)[int(len(waits) * 0.95)] * 1000) if waits else None,
    }


def _wait(
    site: harness.Site, browser: httpx.Client, page: httpx.Response, waits: list[float]
) -> tuple[httpx.Response, int]:
    """Until the bar is gone; look at the customers meanwhile, as a colleague would."""
    peak = _megabytes(site)
    while 'id="progress"' in page.text:
        asked = time.monotonic()
        browser.get("/customers/").raise_for_status()
        waits.append(time.monotonic() - asked)
        peak = max(peak, _megabytes(site))
        time.sleep(0.2)
        page = browser.get(str(page.url))
    return page, peak


def _undo(site: harness.Site, browser: httpx.Client, record: int) -> dict[str, Any]:
    start = time.monotonic()
    page = browser.get(f"/customers/import/{record}/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    pressed = browser.post(
        f"/customers/import/{record}/undo/",
        data={"csrfmiddlewaretoken": token[1]},
        headers={"Referer": str(page.url)},
    )
    done, peak = _wait(site, browser, pressed, [])
    told = re.findall(r"<li><b>(\d+)</b> ([^<]+)</li>", done.text)
    return {"seconds": round(time.monotonic() - start, 1), "said": [" ".join(each) for each in told], "peak": peak}


def _cpu(site: harness.Site) -> float:
    """CPU spent so far by the site and the worker: what a busy machine does not change."""
    return site.cpu_seconds("celery") + site.cpu_seconds("gunicorn")


def _megabytes(site: harness.Site) -> int:
    """The largest resident size that any of our processes has had."""
    sizes = [0]
    for pid in harness.descendants(site.process.pid):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        sizes.append(int(found[1]) // 1024 if found else 0)
    return max(sizes)
