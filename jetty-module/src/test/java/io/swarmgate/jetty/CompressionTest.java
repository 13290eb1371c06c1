package io.swarmgate.jetty;

import static io.swarmgate.jetty.TestServer.passThrough;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever compresses around us leaves our responses alone, and only ours. */
class CompressionTest {
  private static final String TEXT = "compress me, ".repeat(200);

  /** Handlers in the order in which they are inserted: the last is the outermost. */
  static Stream<Named<Handler.Singleton[]>> compressors() {
    return Stream.of(
        Named.of("gzip", new Handler.Singleton[] {new GzipHandler()}),
        Named.of("compression", new Handler.Singleton[] {compression()}),
        Named.of("gzip around", new Handler.Singleton[] {compression(), new GzipHandler()}),
        Named.of("gzip within", new Handler.Singleton[] {new GzipHandler(), compression()}));
  }

  private static CompressionHandler compression() {
    CompressionHandler handler = new CompressionHandler();
    handler.putCompression(new GzipCompression());
    handler.putConfiguration("/*", CompressionConfig.builder().build());
    return handler;
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void bodiesStayAsTheyAre(Handler.Singleton[] outer) throws Exception {
    TestBody body = TestBody.of(TEXT.getBytes(UTF_8), TEXT.getBytes(UTF_8));
    try (TestServer server =
        TestServer.answering(
            passThrough(
                206,
                body,
                new Field("Content-Type", "text/plain"),
                new Field("ETag", "\"e\""),
                new Field("Content-Range", "bytes 0-5199/9999")),
            outer)) {
      HttpResponse<byte[]> response = server.get("/swarm/x", "Accept-Encoding", "gzip");
      assertThat(response.statusCode()).isEqualTo(206);
      assertThat(response.body()).asString(UTF_8).isEqualTo(TEXT + TEXT);
      assertThat(response.headers().firstValue("Content-Encoding")).isEmpty();
      assertThat(response.headers().firstValue("Content-Length")).hasValue("5200");
      assertThat(response.headers().firstValue("ETag")).hasValue("\"e\"");
    }
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void theEntityTagOfA304StaysAsItIs(Handler.Singleton[] outer) throws Exception {
    try (TestServer server =
        TestServer.answering(passThrough(304, TestBody.of(), new Field("ETag", "\"e\"")), outer)) {
      HttpResponse<byte[]> response =
          server.get("/swarm/x", "Accept-Encoding", "gzip", "If-None-Match", "\"d\", \"e\"");
      assertThat(response.statusCode()).isEqualTo(304);
      assertThat(response.headers().allValues("ETag")).containsExactly("\"e\"");
    }
  }

  @ParameterizedTest
  @MethodSource("compressors")
  void theNextHandlerIsStillCompressed(Handler.Singleton[] outer) throws Exception {
    try (TestServer server = TestServer.answering(passThrough(200, TestBody.of()), outer)) {
      HttpResponse<byte[]> response = server.get("/elsewhere", "Accept-Encoding", "gzip");
      assertThat(response.headers().firstValue("Content-Encoding")).hasValue("gzip");
    }
  }
}
