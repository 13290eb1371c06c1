/** The only package that knows the bt library. */
@NullMarked
package io.swarmgate.backend.swarm.bt;

import org.jspecify.annotations.NullMarked;
