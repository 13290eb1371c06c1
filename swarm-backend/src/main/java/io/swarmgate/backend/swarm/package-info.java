/** Getting pieces from peers: demand, picking, sessions, verification. */
@NullMarked
package io.swarmgate.backend.swarm;

import org.jspecify.annotations.NullMarked;
