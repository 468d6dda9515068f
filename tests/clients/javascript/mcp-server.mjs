// A Model Context Protocol server as people write them: it knows nothing of tokens, and takes the
// caller's name from the header that the filter sets. `/mcp` has a tool that reads, `/mcp/write` one
// that changes something.

import http from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

function tool(name) {
  const server = new McpServer({ name: 'demo', version: '1.0.0' })
  server.registerTool(name, { description: `A tool to ${name}` }, ({ requestInfo }) => {
    const { 'x-auth-subject': subject, 'x-auth-scope': scope, authorization } = requestInfo.headers
    const text = JSON.stringify({ subject, scope, authorization })
    return { content: [{ type: 'text', text }] }
  })
  return server
}

const tools = { '/mcp': 'read', '/mcp/write': 'write' }

http
  .createServer(async (request, response) => {
    const name = tools[request.url]
    if (!name) return response.writeHead(404).end()
    // Stateless: a transport for each request.
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
    response.on('close', () => transport.close())
    await tool(name).connect(transport)
    await transport.handleRequest(request, response)
  })
  .listen(process.argv[2], '127.0.0.1', () => console.log('listening'))
