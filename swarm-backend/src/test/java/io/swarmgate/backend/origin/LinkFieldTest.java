package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkFieldTest {
  private static final URI CONTEXT = URI.create("http://o.test/d/a.iso");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "</t.torrent>; rel=\"describedby\"; type=\"application/x-bittorrent\" | http://o.test/t.torrent",
        "<t.torrent>;rel=describedby;type=application/x-bittorrent | http://o.test/d/t.torrent",
        "<t>; type=\"Application/X-BitTorrent\"; rel=\"x describedby\" | http://o.test/d/t",
        "<http://p.test/t>; rel=describedby; type=application/x-bittorrent | http://p.test/t",
        "</a,b>; rel=next, <t>; title=\"a, <b>\"; rel=describedby; type=application/x-bittorrent"
            + " | http://o.test/d/t",
        "<t>; rel=describedby |",
        "<t>; type=application/x-bittorrent |",
        "<t>; rel=describedby; type=text/html |",
        "<a b>; rel=describedby; type=application/x-bittorrent |",
        "rubbish |",
      })
  void metainfoIsWhereTheLinkSays(String value, String url) {
    assertThat(LinkField.metainfo(List.of(value), CONTEXT).map(URI::toString).orElse(null))
        .isEqualTo(url);
  }

  @Test
  void everyLineOfTheFieldIsLookedAt() {
    assertThat(
            LinkField.metainfo(
                List.of("<a>; rel=x", "<t>; rel=describedby; type=application/x-bittorrent"),
                CONTEXT))
        .contains(URI.create("http://o.test/d/t"));
  }
}
