/** Where metainfo comes from: a published directory, a directory of .torrent files. */
@NullMarked
package io.swarmgate.backend.catalog;

import org.jspecify.annotations.NullMarked;
