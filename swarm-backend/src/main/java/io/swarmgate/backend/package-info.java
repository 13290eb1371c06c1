/** The facade: which URL is served from what, and everything that can be configured. */
@NullMarked
package io.swarmgate.backend;

import org.jspecify.annotations.NullMarked;
