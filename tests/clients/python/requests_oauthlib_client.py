"""requests-oauthlib: a web application with PKCE, a service, and the two clients of old grants."""

import os

# The demo is plain HTTP on loopback.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from oauthlib.oauth2 import (
    BackendApplicationClient,
    InvalidGrantError,
    LegacyApplicationClient,
    MobileApplicationClient,
)
from requests_oauthlib import OAuth2Session

from demo import CALLBACK, DATA, exercised, metadata, visit

issuer = metadata()
token_url = issuer["token_endpoint"]

web = OAuth2Session(
    "web", redirect_uri=CALLBACK, scope=["offline_access", "api:read", "api:write"], pkce="S256"
)
url, state = web.authorization_url(issuer["authorization_endpoint"])
token = web.fetch_token(
    token_url, authorization_response=visit(url), client_secret="web-secret"
)
assert web.get(DATA).status_code == 200
exercised("authorization code with PKCE, call of the API")

old = token["refresh_token"]
token = web.refresh_token(token_url, auth=("web", "web-secret"))
assert token["refresh_token"] != old
assert web.get(DATA).status_code == 200
exercised("refresh with rotation")

service = OAuth2Session(client=BackendApplicationClient("service", scope=["api:read"]))
service.fetch_token(token_url, client_id="service", client_secret="service-secret")
assert service.get(DATA).status_code == 200
exercised("client credentials")

legacy = OAuth2Session(client=LegacyApplicationClient("legacy", scope=["api:read"]))
people = {"username": "alice", "password": "wonderland"}
legacy.fetch_token(token_url, **people, client_id="legacy", client_secret="legacy-secret")
assert legacy.get(DATA).status_code == 200
exercised("password (legacy)")

try:
    people["password"] = "wonder"
    legacy.fetch_token(token_url, **people, client_id="legacy", client_secret="legacy-secret")
    raise AssertionError("a wrong password was taken")
except InvalidGrantError:
    exercised("a wrong password refused (legacy)")

mobile = OAuth2Session(
    client=MobileApplicationClient("legacy-spa"),
    redirect_uri="http://127.0.0.1:4321/callback",
    scope=["api:read"],
)
url, state = mobile.authorization_url(issuer["authorization_endpoint"])
mobile.token_from_fragment(visit(url))
assert mobile.get(DATA).status_code == 200
exercised("implicit (legacy)")
