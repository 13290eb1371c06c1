package io.swarmgate.backend.swarm;

import java.time.Duration;

/**
 * A ban of a peer that lasts.
 *
 * @param address the peer's address
 * @param whole whether of everyone at the address, or else of one peer there
 * @param left how long it lasts from now
 */
public record Ban(String address, boolean whole, Duration left) {}
