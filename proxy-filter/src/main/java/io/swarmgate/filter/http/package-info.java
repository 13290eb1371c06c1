/** HTTP range serving as pure decisions and container-neutral writing. */
@NullMarked
package io.swarmgate.filter.http;

import org.jspecify.annotations.NullMarked;
