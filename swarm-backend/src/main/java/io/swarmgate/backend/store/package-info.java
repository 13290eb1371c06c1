/** Where verified pieces lie: extent files on edges, the published file itself on a publisher. */
@NullMarked
package io.swarmgate.backend.store;

import org.jspecify.annotations.NullMarked;
