/** Swarmgate in front of every context of a Jetty 12.1 server. */
@NullMarked
package io.swarmgate.jetty;

import org.jspecify.annotations.NullMarked;
