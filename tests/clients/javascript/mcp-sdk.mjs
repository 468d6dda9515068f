// The TypeScript SDK's client, from nothing but the server's URL: 401, metadata, registration, PKCE
// with `resource`, call; then a tool that needs a scope that it does not have yet.

import assert from 'node:assert/strict'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { exercised, origin, visit } from './demo.mjs'

const redirect = 'http://127.0.0.1:4321/callback'

/** What an application keeps for the SDK. */
class Kept {
  redirectUrl = redirect
  authorizations = []
  clientMetadata = {
    client_name: 'MCP demo client',
    redirect_uris: [redirect],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  clientInformation() { return this.client }
  saveClientInformation(client) { this.client = client }
  tokens() { return this.kept }
  saveTokens(tokens) { this.kept = tokens }
  codeVerifier() { return this.verifier }
  saveCodeVerifier(verifier) { this.verifier = verifier }
  redirectToAuthorization(url) { this.authorizations.push(url) }
}

/** Connects, with a person at hand where that is needed, and calls the one tool that there is. */
async function call(path, kept) {
  for (;;) {
    const transport = new StreamableHTTPClientTransport(new URL(path, origin), { authProvider: kept })
    const client = new Client({ name: 'demo', version: '1.0.0' })
    try {
      await client.connect(transport)
      const { tools } = await client.listTools()
      const { content } = await client.callTool({ name: tools[0].name })
      await client.close()
      return JSON.parse(content[0].text)
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error
      const ended = await visit(kept.authorizations.at(-1))
      await transport.finishAuth(ended.searchParams.get('code'))
    }
  }
}

const kept = new Kept()
let seen = await call('/mcp', kept)
assert.equal(seen.scope, 'api:read')
assert.equal(seen.authorization, undefined)
assert.match(seen.subject, /^user-/)
const [first] = kept.authorizations
assert.equal(first.searchParams.get('resource'), `${origin}/mcp`)
assert.equal(first.searchParams.get('code_challenge_method'), 'S256')
exercised('401, metadata, dynamic registration, PKCE with resource, call')

assert.equal(kept.authorizations.length, 1)
seen = await call('/mcp/write', kept)
assert.equal(kept.authorizations.length, 2)
assert.ok(seen.scope.split(' ').includes('api:write'), seen.scope)
exercised('403, step-up from api:read to api:write, call')
