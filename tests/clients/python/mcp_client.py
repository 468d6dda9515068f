"""The Python SDK's client, from nothing but the server's URL: 401, metadata, registration, PKCE with
`resource`, call; then a tool that needs a scope that it does not have yet."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

from demo import ORIGIN, exercised, visit

CALLBACK = "http://127.0.0.1:4321/callback"


class Kept:
    """What an application keeps for the SDK."""

    def __init__(self):
        self.tokens = self.client = None
        self.authorizations = []

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client

    async def redirect(self, url):
        self.authorizations.append(url)

    async def callback(self):
        ended = await asyncio.to_thread(visit, self.authorizations[-1])
        answer = {name: values[0] for name, values in parse_qs(urlsplit(ended).query).items()}
        return AuthorizationCodeResult(
            code=answer["code"], state=answer["state"], iss=answer["iss"]
        )


async def call(path, kept):
    """Connects, with a person at hand where that is needed, and calls the one tool that there is."""
    url = f"{ORIGIN}{path}"
    provider = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="MCP demo client",
            redirect_uris=[CALLBACK],
            grant_types=["authorization_code", "refresh_token"],
            token_endpoint_auth_method="none",
        ),
        storage=kept,
        redirect_handler=kept.redirect,
        callback_handler=kept.callback,
    )
    async with (
        httpx2.AsyncClient(auth=provider) as http,
        streamable_http_client(url, http_client=http) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        tools = await session.list_tools()
        result = await session.call_tool(tools.tools[0].name, {})
        return json.loads(result.content[0].text)


async def main():
    kept = Kept()
    seen = await call("/mcp", kept)
    # It adds offline_access by itself, since the issuer has that.
    assert seen["scope"].split()[0] == "api:read", seen
    assert "authorization" not in seen, seen
    (first,) = kept.authorizations
    asked = parse_qs(urlsplit(first).query)
    assert asked["resource"] == [f"{ORIGIN}/mcp"], asked
    assert asked["code_challenge_method"] == ["S256"], asked
    exercised("401, metadata, dynamic registration, PKCE with resource, call")

    seen = await call("/mcp/write", kept)
    assert len(kept.authorizations) == 2
    assert "api:write" in seen["scope"].split(), seen
    exercised("403, step-up from api:read to api:write, call")


asyncio.run(main())
