package io.swarmgate.backend.swarm;

import io.swarmgate.backend.config.Encryption;
import java.util.concurrent.Executor;

/**
 * What connections need to obfuscate themselves.
 *
 * @param torrents those an incoming connection may be about
 * @param pool computes keys, so that the loop never does
 */
record Obfuscation(Encryption policy, MseTorrents torrents, Executor pool) {}
