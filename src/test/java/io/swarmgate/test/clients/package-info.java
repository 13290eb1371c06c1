/** What downloads from nodes: other people's programs, and very many clients at once. */
@NullMarked
package io.swarmgate.test.clients;

import org.jspecify.annotations.NullMarked;
