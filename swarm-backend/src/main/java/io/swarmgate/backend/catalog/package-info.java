/**
 * Where metainfo comes from: a published directory, a directory of .torrent files, an origin's Link
 * field.
 */
@NullMarked
package io.swarmgate.backend.catalog;

import org.jspecify.annotations.NullMarked;
