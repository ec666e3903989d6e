"""What a browser calls itself, in words a person knows.  Only a hint: anybody may call themselves anything."""

#: The first that is found; the order matters, because most call themselves by the names of others too.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome"}
BROWSERS |= {"SamsungBrowser": "Samsung Internet", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows"}
SYSTEMS |= {"Mac OS": "Mac", "CrOS": "Chromebook", "Linux": "Linux"}


def named(agent: str) -> str:
    """“Firefox on Windows”."""
    browser = next((name for word, name in BROWSERS.items() if f"{word}/" in agent), "")
    system = next((name for word, name in SYSTEMS.items() if word in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A browser we do not know"
