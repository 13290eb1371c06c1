/** What happens in a node, told as it happens: counted, kept, and shown by whoever listens. */
@NullMarked
package io.swarmgate.backend.observe;

import org.jspecify.annotations.NullMarked;
