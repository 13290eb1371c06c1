package io.swarmgate.test;

import static java.util.Arrays.copyOfRange;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Cluster;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A publisher and edges, each a real Jetty, and what plain HTTP clients get from them. */
class SwarmTest {
  @RegisterExtension final Servers servers = new Servers();

  @Test
  void edgesServeTheFileFromTheSwarmAndTheOriginSendsItByHttpToNobody() throws Exception {
    Cluster cluster = Cluster.start(servers, 2);
    cluster.download(cluster.publisher());
    for (int i = 1; i <= 2; i++) {
      cluster.download(cluster.edge(i));
      assertThat(cluster.edge(i).status().downloaded()).isGreaterThanOrEqualTo(Cluster.LENGTH);
      assertThat(cluster.edge(i).status().fromOrigins()).isZero();
    }
    assertThat(cluster.publisher().status().uploaded()).isGreaterThanOrEqualTo(Cluster.LENGTH);
  }

  @Test
  void rangesAndResumedDownloadsAreByteExact() throws Exception {
    Cluster cluster = Cluster.start(servers, 1);
    JettyProcess edge = cluster.edge(1);
    byte[] content = cluster.content();

    HttpResponse<byte[]> middle = Http.get(cluster.file(edge), "Range", "bytes=1048570-2097160");
    assertThat(middle.statusCode()).isEqualTo(206);
    assertThat(middle.headers().firstValue("Content-Range"))
        .hasValue("bytes 1048570-2097160/" + Cluster.LENGTH);
    assertThat(middle.body()).isEqualTo(copyOfRange(content, 1048570, 2097161));

    String etag = middle.headers().firstValue("ETag").orElseThrow();
    HttpResponse<byte[]> rest =
        Http.get(cluster.file(edge), "Range", "bytes=2097161-", "If-Range", etag);
    assertThat(rest.statusCode()).isEqualTo(206);
    assertThat(rest.body()).isEqualTo(copyOfRange(content, 2097161, content.length));

    HttpResponse<byte[]> last = Http.get(cluster.file(edge), "Range", "bytes=-10");
    assertThat(last.body()).isEqualTo(copyOfRange(content, content.length - 10, content.length));

    HttpResponse<byte[]> stale =
        Http.get(cluster.file(edge), "Range", "bytes=5-9", "If-Range", "\"other\"");
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(stale.body()).isEqualTo(content);

    HttpResponse<byte[]> beyond =
        Http.get(cluster.file(edge), "Range", "bytes=" + Cluster.LENGTH + "-");
    assertThat(beyond.statusCode()).isEqualTo(416);

    assertThat(Http.get(cluster.file(edge), "If-None-Match", etag).statusCode()).isEqualTo(304);
  }

  @Test
  void aRestartedEdgeFetchesNothingTwice() throws Exception {
    Cluster cluster = Cluster.start(servers, 1);
    cluster.download(cluster.edge(1));
    JettyProcess again = cluster.restart(1);
    cluster.download(again);
    assertThat(again.status().downloaded()).isZero();
    assertThat(again.status().fromOrigins()).isZero();
  }

  @Test
  void edgesThatHaveTheFileAmongThemServeItWhenPublisherAndOriginHaveGone() throws Exception {
    Cluster cluster = Cluster.start(servers, 2);
    cluster.download(cluster.edge(1));
    assertThat(Http.get(cluster.file(cluster.edge(2)), "Range", "bytes=0-9").statusCode())
        .isEqualTo(206);
    cluster.publisher().close();
    cluster.download(cluster.edge(1));
    cluster.download(cluster.edge(2));
    for (int i = 1; i <= 2; i++) {
      HttpResponse<byte[]> stale =
          Http.get(cluster.file(cluster.edge(i)), "Cache-Control", "no-cache");
      assertThat(stale.statusCode()).isEqualTo(200);
      assertThat(stale.body()).isEqualTo(cluster.content());
    }
  }

  @Test
  void whatTheOriginHasNotIsNotFoundOnTheEdge() throws Exception {
    Cluster cluster = Cluster.start(servers, 1);
    assertThat(Http.get(cluster.edge(1).uri("/files/none")).statusCode()).isEqualTo(404);
    assertThat(Http.get(cluster.edge(1).uri("/elsewhere")).statusCode()).isEqualTo(404);
  }
}
