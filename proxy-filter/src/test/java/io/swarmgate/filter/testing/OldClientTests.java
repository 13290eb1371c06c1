package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What HTTP/1.0 clients get, in every container. */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class OldClientTests {
  private static final int MIB = 1 << 20;
  private static final Field KEEP = new Field("Connection", "keep-alive");

  private final ScriptedBackend backend = new ScriptedBackend();
  private @Nullable WebServer server;

  /** Starts a server of the container's. */
  protected abstract WebServer start(ScriptedBackend script) throws Exception;

  @BeforeAll
  protected void startServer() throws Exception {
    server = start(backend);
  }

  @AfterAll
  protected void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  protected void aResponseEndsWithItsConnection() throws Exception {
    backend.answer(new Outcome.Serve(new MemoryRepresentation(100)));
    try (RawClient client = connect()) {
      client.sendOld("/s/x", List.of(new Field("Range", "bytes=0-9")));
      RawResponse response = client.receive("GET");

      assertThat(response.status()).isEqualTo(206);
      assertThat(response.value("Content-Range")).isEqualTo("bytes 0-9/100");
      assertThat(response.value("Content-Length")).isEqualTo("10");
      assertThat(response.body()).isEqualTo(RowAnswer.content(new ByteSpan(0, 10)));
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  protected void aConnectionIsKeptForWhoAsksForIt() throws Exception {
    try (RawClient client = connect()) {
      for (long length : new long[] {100, 3 * MIB}) {
        for (String range : List.of("bytes=0-49", "bytes=0-9,20-29", "bytes=50-")) {
          MemoryRepresentation file = new MemoryRepresentation(length).trickling(10_000);
          backend.answer(new Outcome.Serve(file));
          client.sendOld("/s/x", List.of(KEEP, new Field("Range", range)));
          RawResponse response = client.receive("GET");

          assertThat(response.status()).isEqualTo(206);
          assertThat(response.value("Connection")).isEqualToIgnoringCase("keep-alive");
          assertThat(response.value("Transfer-Encoding")).isNull();
          assertThat(response.body())
              .hasSize(Integer.parseInt(response.required("Content-Length")));
          Settled.assertAllGivenBack(file);
        }
      }
    }
  }

  @Test
  protected void aBodyThatFailsAfterItsHeadIsShortAndTheConnectionOver() throws Exception {
    for (List<Field> fields : List.of(List.<Field>of(), List.of(KEEP))) {
      MemoryRepresentation file = new MemoryRepresentation(4L * MIB).releasedTo(MIB);
      backend.answer(new Outcome.Serve(file));
      try (RawClient client = connect()) {
        client.sendOld("/s/x", fields);
        await().until(() -> file.parked.get() > 0);
        file.fail(new IOException("every source is gone"));
        RawResponse response = client.receive("GET");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.value("Content-Length")).isEqualTo(Integer.toString(4 * MIB));
        assertThat(response.whole()).isFalse();
        assertThat(client.isClosedByServer()).isTrue();
      }
      Settled.assertAllGivenBack(file);
    }
  }

  private RawClient connect() throws IOException {
    WebServer started = server;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return RawClient.connect(started.port());
  }
}
