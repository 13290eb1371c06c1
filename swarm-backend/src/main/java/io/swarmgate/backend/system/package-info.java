/** What is asked of the machine, whatever for: threads, and files as a whole. */
@NullMarked
package io.swarmgate.backend.system;

import org.jspecify.annotations.NullMarked;
