/** From a request to the site that answers it: matching, paths, and the sources of a site. */
@NullMarked
package io.swarmgate.backend.site;

import org.jspecify.annotations.NullMarked;
