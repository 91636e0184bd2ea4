"""A small identity service after OpenID Connect Core 1.0, for tests: it signs in whoever it was told to, without asking."""

import contextlib
import threading
import time
import urllib.parse

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from tests import processes

CLIENT, SECRET = "gridmap", "only for this test"


class Identity:
    """The service: its address, and who signs in next."""

    def __init__(self, address):
        self.address, self.person = address, ""
        self._key = RSAKey.generate_key(2048, {"kid": "1"})
        self._nonces = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _about(self, _):
        ways = {name: f"{self.address}/{path}" for name, path in (("authorization_endpoint", "authorize"),)}
        ways |= {"token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys"}
        return JSONResponse(
            {
                "issuer": self.address,
                **ways,
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _authorize(self, request):
        asked = request.query_params
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        code = f"code-{len(self._nonces)}"
        self._nonces[code] = asked.get("nonce")
        back = urllib.parse.urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request):
        form = await request.form()
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": f"id-{self.person}",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self._nonces.pop(form["code"]),
            "preferred_username": self.person,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    async def _keys(self, _):
        return JSONResponse({"keys": [self._key.as_dict(private=False, use="sig", alg="RS256")]})


@contextlib.contextmanager
def serving():
    """Run it on a free loopback port until the block ends."""
    port = processes.free_port()
    found = Identity(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(found.app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield found
    server.should_exit = True
    thread.join()
