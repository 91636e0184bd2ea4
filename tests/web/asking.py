"""Ask an ASGI app as a browser does, without a server."""

import asyncio
from types import SimpleNamespace
from urllib.parse import unquote


def get(app, path, query="", state=(), **headers):
    """Give status, headers and the body as it was sent. state: what the gate would have put beside the request."""
    sent = []
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "server": ("127.0.0.1", 80),
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "state": dict(state),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    known = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return SimpleNamespace(status=sent[0]["status"], headers=known, body=b"".join(m.get("body", b"") for m in sent))
