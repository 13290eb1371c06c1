/** What a node tells about itself: plain data, for the admin pages and metrics. */
@NullMarked
package io.swarmgate.backend.status;

import org.jspecify.annotations.NullMarked;
