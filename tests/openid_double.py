"""Google and Facebook on loopback: a server of the tests' own that speaks OpenID Connect as Google does, and the dialect
of Facebook's Graph.

It is as strict as they are: the redirect address, the client's secret, PKCE (S256) and a code that is good for once.
A browser sees a page that asks for consent; a test without one plays it by `accept` and `refuse`. `lies` makes what
Google signs wrong in one way; `fault` makes both fail.
"""

import base64
import hashlib
import hmac
import html
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex, token_urlsafe
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pytest_django import Settings

Json = dict[str, Any]
Query = dict[str, str]

KEYS = {
    "GOOGLE_CLIENT_ID": "oc-pizza.apps.googleusercontent.example",
    "GOOGLE_CLIENT_SECRET": "secret-of-the-double-google",
    "FACEBOOK_CLIENT_ID": "1234567890",
    "FACEBOOK_CLIENT_SECRET": "secret-of-the-double-facebook",
}
GOOGLE_PAGE, GOOGLE_TOKEN, GOOGLE_CERTS = "/o/oauth2/v2/auth", "/token", "/oauth2/v1/certs"
FACEBOOK_PAGE, FACEBOOK_TOKEN, FACEBOOK_ME = "/v23.0/dialog/oauth", "/v23.0/oauth/access_token", "/v23.0/me"
FAULTS: dict[str, tuple[int, Json | str]] = {"500": (500, {"error": "internal_failure"}), "garbage": (200, "{not json")}
PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>{name}</title><main><h1>{name}</h1>
<p>OC Pizza demande votre nom et votre adresse ({scope}).</p>
<p><a href="/_page/accept?{query}">Accepter</a> <a href="/_page/refuse?{query}">Refuser</a></p></main></html>"""


@dataclass
class Person:
    """Who sits in front of the page of Google or Facebook."""

    sub: str = "110169484474386276334"
    email: str = "alix.morel@example.org"
    email_verified: bool = True
    given_name: str = "Alix"
    family_name: str = "Morel"


@dataclass
class Grant:
    """What a code was given for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    person: Person


@dataclass
class OpenIdDouble:
    """As a test sees it. `lies`: "issuer", "audience", "expired", "nonce", "signature", "unsigned"."""

    url: str = ""
    person: Person = field(default_factory=Person)
    lies: str = ""
    fault: str = ""
    """ "500" or "garbage", from whatever the site asks."""
    requests: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}

    @property
    def keys(self) -> dict[str, str]:
        """The environment of a site that signs in here."""
        return KEYS | {"GOOGLE_API": self.url, "FACEBOOK_API": self.url}

    def forget(self) -> None:
        """As new."""
        self.person, self.lies, self.fault = Person(), "", ""
        self.requests.clear()
        self.scopes.clear()
        self.__post_init__()

    # -- whoever sits there ----------------------------------------------------------------------------------------

    def accept(self, asked: str) -> str:
        """The address to which the browser goes back, of somebody who consents to what is asked."""
        query = dict(parse_qsl(urlsplit(asked).query))
        assert query["client_id"] in KEYS.values(), query
        assert query["response_type"] == "code", query
        assert query["code_challenge_method"] == "S256", query
        self.scopes.append(query["scope"])
        code = token_urlsafe(24)
        self._codes[code] = Grant(
            client_id=query["client_id"],
            redirect_uri=query["redirect_uri"],
            challenge=query["code_challenge"],
            nonce=query.get("nonce", ""),
            person=self.person,
        )
        return f"{query['redirect_uri']}?{urlencode({'state': query['state'], 'code': code})}"

    def refuse(self, asked: str) -> str:
        query = dict(parse_qsl(urlsplit(asked).query))
        return f"{query['redirect_uri']}?{urlencode({'state': query['state'], 'error': 'access_denied'})}"

    # -- what the site asks ----------------------------------------------------------------------------------------

    def answer(self, path: str, asked: Query) -> tuple[int, Json | str]:
        self.requests.append(path)
        if self.fault:
            return FAULTS[self.fault]
        return self._answer(path, asked)

    def _answer(self, path: str, asked: Query) -> tuple[int, Json]:
        match path:
            case "/token":
                return self._exchange(asked, provider="GOOGLE")
            case "/v23.0/oauth/access_token":
                return self._exchange(asked, provider="FACEBOOK")
            case "/oauth2/v1/certs":
                return 200, {self.kid: self._certificate}
            case "/v23.0/me":
                return self._me(asked)
        return 404, {"error": "unknown path"}

    def _exchange(self, asked: Query, *, provider: str) -> tuple[int, Json]:
        grant = self._codes.pop(asked.get("code", ""), None)
        verifier = asked.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fits = (
            grant
            and grant.challenge == challenge
            and asked.get("redirect_uri") == grant.redirect_uri
            and asked.get("client_id") == grant.client_id == KEYS[f"{provider}_CLIENT_ID"]
            and asked.get("client_secret") == KEYS[f"{provider}_CLIENT_SECRET"]
        )
        if not grant or not fits:
            return 400, {"error": "invalid_grant", "error_description": "Malformed auth code."}
        token = token_urlsafe(32)
        self._tokens[token] = grant
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": 3599}
        return 200, answer | ({"id_token": self._id_token(grant)} if provider == "GOOGLE" else {})

    def _id_token(self, grant: Grant) -> str:
        now, person = int(time.time()), grant.person
        told = {
            "iss": "https://evil.example" if self.lies == "issuer" else "https://accounts.google.com",
            "aud": "somebody-else" if self.lies == "audience" else grant.client_id,
            "iat": now - 7200 if self.lies == "expired" else now,
            "exp": now - 3600 if self.lies == "expired" else now + 3600,
            "sub": person.sub,
            "nonce": token_hex(8) if self.lies == "nonce" else grant.nonce,
            "email": person.email,
            "email_verified": person.email_verified,
            "name": f"{person.given_name} {person.family_name}",
            "given_name": person.given_name,
            "family_name": person.family_name,
            "picture": "https://lh3.googleusercontent.example/a/portrait",
        }
        key = self._anothers_key if self.lies == "signature" else self._key
        if self.lies == "unsigned":
            return jwt.encode(told, "", algorithm="none", headers={"kid": self.kid})
        return jwt.encode(told, key, algorithm="RS256", headers={"kid": self.kid})

    def _me(self, asked: Query) -> tuple[int, Json]:
        token = asked.get("access_token", "")
        secret = KEYS["FACEBOOK_CLIENT_SECRET"].encode()
        proof = hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()
        grant = self._tokens.get(token)
        if not grant or not hmac.compare_digest(proof, asked.get("appsecret_proof", "")):
            return 400, {"error": {"type": "OAuthException", "code": 190}}
        person = grant.person
        known = {
            "id": person.sub,
            "email": person.email,
            "name": f"{person.given_name} {person.family_name}",
            "first_name": person.given_name,
            "last_name": person.family_name,
        }
        return 200, {name: known[name] for name in asked["fields"].split(",") if known.get(name)}

    @cached_property
    def kid(self) -> str:
        return token_hex(20)

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return _new_key()

    @cached_property
    def _anothers_key(self) -> rsa.RSAPrivateKey:
        return _new_key()

    @cached_property
    def _certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the double")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _handler(double: OpenIdDouble) -> type[BaseHTTPRequestHandler]:
    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            parts = urlsplit(self.path)
            if parts.path in (GOOGLE_PAGE, FACEBOOK_PAGE):
                self._page("Google" if parts.path == GOOGLE_PAGE else "Facebook", parts.query)
            elif parts.path.startswith("/_page/"):
                answer = double.accept if parts.path.endswith("accept") else double.refuse
                self._send(302, "", location=answer(f"?{parts.query}"))
            else:
                asked = dict(parse_qsl(parts.query)) | dict(parse_qsl(body))
                status, told = double.answer(parts.path, asked)
                self._send(status, told if isinstance(told, str) else json.dumps(told), kind="application/json")

        def _page(self, name: str, query: str) -> None:
            scope = html.escape(parse_qs(query).get("scope", [""])[0])
            self._send(200, PAGE.format(name=name, scope=scope, query=html.escape(query)))

        def _send(self, status: int, body: str, *, kind: str = "text/html; charset=utf-8", location: str = "") -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815 - the names are the library's

        def log_message(self, *arguments: object) -> None:
            pass

    return Front


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True


@pytest.fixture(scope="session")
def openid_program() -> Iterator[OpenIdDouble]:
    """Started once a run, where a test asks for it."""
    double = OpenIdDouble()
    server = _Quiet(("127.0.0.1", 0), _handler(double))
    double.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    yield double
    server.shutdown()
    server.server_close()


@pytest.fixture
def elsewhere(openid_program: OpenIdDouble, settings: Settings) -> OpenIdDouble:
    """The double as new, and this process's settings with its keys; `keys` is the environment of another process."""
    openid_program.forget()
    for name, value in openid_program.keys.items():
        setattr(settings, name, value)
    return openid_program
