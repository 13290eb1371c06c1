/** What is served: representations, their validators, and readers of their bytes. */
@NullMarked
package io.swarmgate.backend.content;

import org.jspecify.annotations.NullMarked;
