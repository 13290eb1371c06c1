/** What a torrent is: its metainfo, and the only arithmetic between offsets, pieces and blocks. */
@NullMarked
package io.swarmgate.backend.metainfo;

import org.jspecify.annotations.NullMarked;
