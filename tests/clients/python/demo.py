"""What every client here is given: the demo that runs, and a person who uses it in a browser."""

import os

import requests

# The public origin: the API's and the issuer's.
ORIGIN = os.environ["DOCKGATE_ORIGIN"]
# A protected resource of the API.
DATA = f"{ORIGIN}/api/protected/data"
# Where `web` is sent back to. Nobody listens: the person tells where the browser ended.
CALLBACK = "http://localhost:3000/callback"


def exercised(what):
    """Says what has just worked; it becomes a line of docs/compatibility.md."""
    print(f"exercised {what}", flush=True)


def visit(url):
    """Alice opens a URL, logs in if she is asked to, and agrees; gives the URL where she ends."""
    answer = requests.get(os.environ["DOCKGATE_PERSON"], params={"url": url}, timeout=60)
    answer.raise_for_status()
    return answer.text


def metadata():
    """What the issuer says of itself (RFC 8414)."""
    answer = requests.get(f"{ORIGIN}/.well-known/oauth-authorization-server", timeout=10)
    answer.raise_for_status()
    return answer.json()
