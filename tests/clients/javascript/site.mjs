// The site of an application without a server side: a page, and the library that it uses.

import { readFileSync } from 'node:fs'
import http from 'node:http'

const library = readFileSync('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js')
const page = readFileSync('oidc-client-ts.html')

http
  .createServer((request, response) => {
    const is_library = request.url === '/oidc-client-ts.js'
    response.setHeader('content-type', is_library ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(is_library ? library : page)
  })
  .listen(process.argv[2], '127.0.0.1')
