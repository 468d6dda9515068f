"""Authlib: a web application, a service with a secret, and one with a key that registers itself."""

import os

# The demo is plain HTTP on loopback.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from demo import CALLBACK, DATA, ORIGIN, exercised, metadata, visit

issuer = metadata()
exercised("discovery")

web = OAuth2Session(
    "web",
    "web-secret",
    scope="openid email offline_access api:read api:write",
    redirect_uri=CALLBACK,
    code_challenge_method="S256",
    token_endpoint=issuer["token_endpoint"],
    revocation_endpoint_auth_method="client_secret_basic",
)
verifier = "a-verifier-of-at-least-forty-three-characters-says-RFC-7636"
url, state = web.create_authorization_url(
    issuer["authorization_endpoint"], code_verifier=verifier, nonce="n-0S6"
)
token = web.fetch_token(
    authorization_response=visit(url), state=state, code_verifier=verifier
)
assert web.get(DATA).status_code == 200
exercised("authorization code with PKCE, call of the API")

keys = KeySet.import_key_set(requests.get(issuer["jwks_uri"], timeout=10).json())
claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ORIGIN},
    aud={"essential": True, "value": "web"},
    nonce={"essential": True, "value": "n-0S6"},
).validate(claims)
exercised("ID token")

user = web.get(issuer["userinfo_endpoint"]).json()
assert (user["sub"], user["email"]) == (claims["sub"], "alice@example.com"), user
exercised("userinfo")

old = token["refresh_token"]
token = web.refresh_token(issuer["token_endpoint"])
assert token["refresh_token"] != old
exercised("refresh with rotation")

gateway = OAuth2Session("gateway", "gateway-secret")
answer = gateway.introspect_token(issuer["introspection_endpoint"], token=token["access_token"])
assert answer.json()["active"] is True, answer.text
exercised("introspection")

assert web.revoke_token(issuer["revocation_endpoint"], token=token["refresh_token"]).ok
try:
    web.refresh_token(issuer["token_endpoint"], refresh_token=token["refresh_token"])
    raise AssertionError("a revoked token was refreshed")
except OAuthError as error:
    assert error.error == "invalid_grant", error
exercised("revocation")

service = OAuth2Session("service", "service-secret", scope="api:read")
service.fetch_token(issuer["token_endpoint"], grant_type="client_credentials")
assert service.get(DATA).status_code == 200
exercised("client credentials")

# Authlib signs with nothing but RSA here.
key = RSAKey.generate_key(2048, {"kid": "of-the-client", "use": "sig", "alg": "RS256"})
registered = requests.post(
    issuer["registration_endpoint"],
    json={
        "client_name": "A service with a key of its own",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "redirect_uris": [],
        "scope": "api:read",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "RS256",
        "jwks": {"keys": [key.as_dict(private=False)]},
    },
    timeout=10,
)
assert registered.status_code == 201, registered.text
own = OAuth2Session(
    registered.json()["client_id"],
    key.as_pem(private=True),
    scope="api:read",
    # What it calls the token endpoint becomes the audience, which has to be the issuer (RFC 10070).
    token_endpoint_auth_method=PrivateKeyJWT(ORIGIN),
)
own.fetch_token(issuer["token_endpoint"], grant_type="client_credentials")
assert own.get(DATA).status_code == 200
exercised("dynamic registration, client credentials by private_key_jwt")
