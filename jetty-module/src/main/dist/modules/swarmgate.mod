[description]
Serves large files over HTTP (range) requests from a BitTorrent swarm of
the publisher's own servers. Set patterns, and content (on the publisher),
origin (on the edges) or catalog (a directory of .torrent files), in
start.d/swarmgate.ini.

[tags]
server
handler
swarmgate

[depend]
server
logging

# A handler inserted later stands further out. Swarmgate comes before all that
# wrap the whole server, and so stands innermost, just around the contexts.
[before]
compression
cross-origin
debuglog
delay-until-content
dos
eager-content
graceful
gzip
min-data-rate
qos
rewrite
secure-redirect
size-limit
state-tracking
statistics
thread-limit

# One directory for each version, each jar by its name: a newer version that is
# unpacked over an older one mixes nothing.
[lib]
lib/swarmgate/${swarmgate.version}/aopalliance.jar
lib/swarmgate/${swarmgate.version}/bt-bencoding.jar
lib/swarmgate/${swarmgate.version}/bt-core.jar
lib/swarmgate/${swarmgate.version}/caffeine.jar
lib/swarmgate/${swarmgate.version}/failureaccess.jar
lib/swarmgate/${swarmgate.version}/guava.jar
lib/swarmgate/${swarmgate.version}/guice.jar
lib/swarmgate/${swarmgate.version}/HdrHistogram.jar
lib/swarmgate/${swarmgate.version}/jakarta.inject-api.jar
lib/swarmgate/${swarmgate.version}/javax.inject.jar
lib/swarmgate/${swarmgate.version}/LatencyUtils.jar
lib/swarmgate/${swarmgate.version}/micrometer-commons.jar
lib/swarmgate/${swarmgate.version}/micrometer-core.jar
lib/swarmgate/${swarmgate.version}/micrometer-observation.jar
lib/swarmgate/${swarmgate.version}/micrometer-registry-prometheus.jar
lib/swarmgate/${swarmgate.version}/prometheus-metrics-config.jar
lib/swarmgate/${swarmgate.version}/prometheus-metrics-core.jar
lib/swarmgate/${swarmgate.version}/prometheus-metrics-exposition-textformats.jar
lib/swarmgate/${swarmgate.version}/prometheus-metrics-model.jar
lib/swarmgate/${swarmgate.version}/prometheus-metrics-tracer-common.jar
lib/swarmgate/${swarmgate.version}/snakeyaml.jar
lib/swarmgate/${swarmgate.version}/swarmgate-backend.jar
lib/swarmgate/${swarmgate.version}/swarmgate-filter.jar
lib/swarmgate/${swarmgate.version}/swarmgate-jetty.jar

[xml]
etc/swarmgate.xml

[ini]
swarmgate.version?=${project.version}
jetty.webapp.addHiddenClasses+=,io.swarmgate.
jetty.webapp.addHiddenClasses+=,${jetty.base.uri}/lib/swarmgate/

[ini-template]
## false: every request goes on to the next handler.
# swarmgate.enabled=true

## Which URLs, by their full path. Comma list, servlet syntax:
## /downloads/*, *.iso, or an exact path. Required.
# swarmgate.patterns=

## Host names to answer for, comma list; any if empty.
# swarmgate.hosts=

## On a publisher: the document root. URL path p is the file content/p.
# swarmgate.content=

## On an edge: base URLs, comma list, tried in order.
# swarmgate.origin=

## Hosts beside its own that an origin may redirect us to: host or host:port, comma list.
# swarmgate.redirectHosts=

## On a catalogue node: a directory of .torrent files. URL path p is catalog/p.torrent.
# swarmgate.catalog=

## Who decides whether a request may be answered:
## none (public), origin (each request is checked there), chain (by the next handler).
# swarmgate.authorize=none

## What of the query belongs to a file's identity: all, none, or names.
# swarmgate.queryKey=all

## Time without a new block for an awaited piece, before the origin is asked for it.
# swarmgate.maxStall=500ms

## How long stale content may stand in for a failing origin.
# swarmgate.staleIfError=1h

## Smaller files are left to the next handler.
# swarmgate.minSize=1MiB

## demand: fetch what readers need. full: the whole file once one has read of it.
# swarmgate.fill=demand

## Most responses under way at a time; more are answered 503. 0 for no limit.
# swarmgate.maxResponses=4096

## Most of them to one client: an IPv4 address, or a /64 network of IPv6; loopback
## isn't counted. 0 for no limit, as is needed behind a proxy on another machine.
# swarmgate.maxResponsesPerClient=256

## How long a stop lets responses finish, before it aborts them; 0s for not at all.
# swarmgate.drainTimeout=10m

## Directory of the pieces; relative to $JETTY_BASE.
# swarmgate.store=swarmgate

## Bytes it may take; the smaller of 64GiB and 80 % of what is free if empty.
# swarmgate.storeMax=

## Address on which BitTorrent peers connect. Any but loopback needs allow.
# swarmgate.peerHost=127.0.0.1

## Port on which BitTorrent peers connect.
# swarmgate.peerPort=6891

## Peers to connect to, comma list: host:port, or dns:name:port.
# swarmgate.peers=

## Trackers to tell of our torrents and ask for peers, comma list of announce URLs:
## http://..., https://... or udp://host:port. Those that a torrent names are ignored.
# swarmgate.tracker=

## host:port that trackers are told to send peers to; peerPort at the address they
## see if empty.
# swarmgate.peerAdvertise=

## Addresses that may connect as peers, comma list of CIDRs; those of peers if empty.
# swarmgate.allow=

## Most bytes a second sent to peers, all together, such as 20MB; no limit if empty.
# swarmgate.uploadLimit=

## What the nodes of one swarm share: file:PATH or env:NAME, never the secret itself.
# swarmgate.secret=

## What the admin listener asks for: file:PATH or env:NAME.
# swarmgate.adminToken=

## Obfuscation of what peers say to each other (MSE, RC4): require, prefer, off.
## It costs throughput; off is fastest where only nodes of your own are connected.
# swarmgate.encryption=prefer

## false: read files with read calls, where mapping them is unwise.
# swarmgate.mapped=true

## Status page, JSON and health, as host:port; off for none.
# swarmgate.adminListen=127.0.0.1:6892

## A properties file of NAME=value lines, relative to $JETTY_BASE;
## what is set here goes before it.
# swarmgate.config=

## Ids of several sites, comma list; their settings (ID.patterns, ...) stand in the
## config file.
# swarmgate.sites=
