// The conformance suite of the Model Context Protocol, its part for authorization servers.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { exercised, origin, visit } from './demo.mjs'

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

const program = 'node_modules/@modelcontextprotocol/conformance/dist/index.js'
const wanted = ['authorization', '--url', origin, '--client-id', 'spa', '--port', `${port}`]
const suite = spawn(process.execPath, [program, ...wanted], { stdio: ['ignore', 'pipe', 'inherit'] })
let said = ''
let visited = false
for await (const piece of suite.stdout) {
  said += piece
  const url = said.match(/http\S+\/authorize\?\S+/)?.[0]
  if (url && !visited) {
    visited = true
    // It waits for the browser at its own callback.
    await fetch(await visit(url))
  }
}
if (suite.exitCode === null) await new Promise((resolve) => suite.on('exit', resolve))
console.log(said)
assert.equal(suite.exitCode, 0)
exercised('authorization')
