// A torrent-to-HTTP server from npm, on loopback, with one peer that it is told of and no other way to find any.
//
//   node gateway.mjs webtorrent|peerflix MODULES TORRENT PEER PORT DIRECTORY
//
// MODULES is the folder that holds node_modules, with webtorrent 1: 2.8.5 and its dependencies, as npm chooses them at the
// time of writing, don't open a .torrent file. Says READY and the path to ask for once it listens; ends with its standard
// input.
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createRequire } from 'node:module'

const [kind, modules, torrent, peer, port, directory] = process.argv.slice(2)
const HOST = '127.0.0.1'
const require = createRequire(path.join(path.resolve(modules), 'package.json'))

// Both listen for peers on every interface, and have no option for it.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'object' || typeof rest[0] === 'string'
    ? listen.call(this, port, ...rest)
    : listen.call(this, port, HOST, ...rest)
}

function ready (path) {
  console.log('READY ' + JSON.stringify({ path }))
}

function webtorrent () {
  const WebTorrent = require('webtorrent')
  const client = new WebTorrent({ dht: false, tracker: false, lsd: false, utPex: false, utp: false })
  client.on('error', fail)
  client.add(fs.readFileSync(torrent), { path: directory, announce: [] }, (added) => {
    // Nothing but what is asked for, so that what is cold stays cold.
    added.deselect(0, added.pieces.length - 1, false)
    added.addPeer(peer)
    added.createServer().listen(Number(port), HOST, () => ready('/0'))
  })
}

function peerflix () {
  const engine = require('peerflix')(fs.readFileSync(torrent), {
    path: directory, tmp: directory, port: Number(port), hostname: HOST, dht: false, tracker: false
  })
  engine.connect(peer)
  engine.server.on('listening', () => ready('/0'))
}

function fail (error) {
  console.error(error)
  process.exit(1)
}

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
kind === 'webtorrent' ? webtorrent() : peerflix()
