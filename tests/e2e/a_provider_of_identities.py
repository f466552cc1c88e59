"""A provider of identities (OpenID Connect) that signs everybody in as one person, without asking."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT_ID, CLIENT_SECRET = "beds", "a-secret-of-the-tests"
AS_LONG_S = 3_600


class _Provider(ThreadingHTTPServer):
    """The server; `nonces` by code, as they were asked for."""

    def __init__(self, email: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.email = email
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.nonces: dict[str, str] = {}

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    """What the provider answers."""

    server: _Provider

    def do_GET(self) -> None:
        """Answer what the provider is, its key, or a sign-in, which it grants at once."""
        asked = urlsplit(self.path)
        if asked.path == "/.well-known/openid-configuration":
            self._answer(_configuration(self.server.issuer))
        elif asked.path == "/jwks":
            self._answer({"keys": [_public_key(self.server.key)]})
        elif asked.path == "/authorize":
            words = {name: values[0] for name, values in parse_qs(asked.query).items()}
            code = secrets.token_hex(8)
            self.server.nonces[code] = words.get("nonce", "")
            self.send_response(302)
            granted = urlencode({"code": code, "state": words["state"]})
            self.send_header("Location", f"{words['redirect_uri']}?{granted}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Give a token for a code."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        code = parse_qs(body)["code"][0]
        self._answer(
            {
                "access_token": secrets.token_hex(8),
                "token_type": "Bearer",
                "expires_in": AS_LONG_S,
                "id_token": _signed(self.server, self.server.nonces.pop(code)),
            }
        )

    def log_message(self, *_: object) -> None:
        """Write nothing."""

    def _answer(self, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def a_provider(email: str) -> Iterator[str]:
    """Give the address of a provider that signs everybody in under an address of e-mail."""
    server = _Provider(email)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.issuer
    finally:
        server.shutdown()
        server.server_close()


def secrets_of_streamlit(issuer: str, dashboard: str) -> str:
    """Return the file of secrets that lets a dashboard sign people in at a provider."""
    return "\n".join(
        [
            "[auth]",
            f'redirect_uri = "{dashboard}/oauth2callback"',
            f'cookie_secret = "{secrets.token_hex(16)}"',
            f'client_id = "{CLIENT_ID}"',
            f'client_secret = "{CLIENT_SECRET}"',
            f'server_metadata_url = "{issuer}/.well-known/openid-configuration"',
            "",
        ]
    )


def _configuration(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "profile", "email"],
    }


def _public_key(key: rsa.RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": "the-key",
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def _signed(provider: _Provider, nonce: str) -> str:
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": CLIENT_ID,
        "sub": "somebody-1",
        "email": provider.email,
        "email_verified": True,
        "iat": now,
        "exp": now + AS_LONG_S,
        **({"nonce": nonce} if nonce else {}),
    }
    parts = [_url_safe(json.dumps(one).encode()) for one in ({"alg": "RS256", "kid": "the-key"}, claims)]
    text = ".".join(parts)
    signature = provider.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_url_safe(signature)}"


def _number(value: int) -> str:
    return _url_safe(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _url_safe(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
