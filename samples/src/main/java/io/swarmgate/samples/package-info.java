/** Programs that embed Swarmgate, each in one file to copy from. */
@NullMarked
package io.swarmgate.samples;

import org.jspecify.annotations.NullMarked;
