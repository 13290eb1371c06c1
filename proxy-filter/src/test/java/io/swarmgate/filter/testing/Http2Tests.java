package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold over HTTP/2 in the clear (h2c), in every container. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class Http2Tests {
  private static final int MIB = 1 << 20;

  private final ScriptedBackend backend = new ScriptedBackend();
  private @Nullable WebServer server;
  private @Nullable Http2Client client;

  /** Starts a server of the container's, its clock standing at the table's. */
  protected abstract WebServer start(ScriptedBackend script) throws Exception;

  @BeforeAll
  protected void startServer() throws Exception {
    WebServer started = start(backend);
    server = started;
    client = Http2Client.connect(started.port());
  }

  @AfterAll
  protected void stopServer() throws Exception {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }

  protected static Stream<RangeRow> table() {
    return RangeRow.table();
  }

  @ParameterizedTest
  @MethodSource("table")
  protected void answersByTheTable(RangeRow row) throws Exception {
    Validator validator = RangeRow.validator(row.representation());
    MemoryRepresentation representation =
        new MemoryRepresentation(
                RangeRow.LENGTH,
                validator,
                "text/plain",
                List.of(new Field("Repr-Digest", "x=:y:")))
            .trickling(7);
    backend.answer(new Outcome.Serve(representation));

    RawResponse response = client().exchange(row.method(), "/s/x.txt", row.fields());

    RowAnswer.check(row, validator, "x=:y:", response);
    Settled.assertAllGivenBack(representation);
  }

  /** More streams than a server's threads, if each held one. */
  @Test
  protected void manyLongBodiesShareAConnection() throws Exception {
    List<MemoryRepresentation> files = new ArrayList<>();
    backend.script(
        request -> {
          MemoryRepresentation file = new MemoryRepresentation(3L * MIB + 17);
          synchronized (files) {
            files.add(file);
          }
          return CompletableFuture.completedFuture(new Outcome.Serve(file));
        });
    List<Http2Client.Incoming> all = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      all.add(client().send("GET", "/s/x", List.of()));
    }
    byte[] content = RowAnswer.content(new ByteSpan(0, 3 * MIB + 17));
    for (Http2Client.Incoming each : all) {
      RawResponse response = each.response();
      assertThat(response.whole()).isTrue();
      assertThat(response.body()).isEqualTo(content);
    }
    files.forEach(Settled::assertAllGivenBack);
  }

  /** A body cut short must not look whole: the stream is reset. */
  @Test
  protected void aBodyThatFailsUnderWayResetsItsStream() throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(4L * MIB).releasedTo(MIB);
    backend.answer(new Outcome.Serve(file));
    Http2Client.Incoming incoming = client().send("GET", "/s/x", List.of());
    await().until(() -> file.parked.get() > 0 && incoming.received() == MIB);
    file.fail(new IOException("every source is gone"));

    RawResponse response = incoming.response();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.whole()).isFalse();
    assertThat(response.body()).isEqualTo(RowAnswer.content(new ByteSpan(0, MIB)));
    Settled.assertAllGivenBack(file);
  }

  @Test
  protected void aClientThatGivesUpItsStreamIsNoticed() throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(256L * MIB);
    backend.answer(new Outcome.Serve(file));
    Http2Client.Incoming incoming = client().sendAndWait("GET", "/s/x");
    assertThat(incoming.status()).isEqualTo(200);
    // Tomcat 10.1 may overlook a reset that comes while it writes.
    Settled.awaitFull(file);
    incoming.cancel();

    Settled.assertAllGivenBack(file);
  }

  @Test
  protected void aClientMayUpgradeToIt() throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(MIB);
    backend.answer(new Outcome.Serve(file));
    WebServer started = server;
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + (started == null ? 0 : started.port()) + "/s/x"))
            .header("Range", "bytes=5-99999")
            .timeout(Duration.ofSeconds(60))
            .build();

    HttpResponse<byte[]> response =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .build()
            .send(request, BodyHandlers.ofByteArray());

    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.body()).isEqualTo(RowAnswer.content(new ByteSpan(5, 100_000)));
    Settled.assertAllGivenBack(file);
  }

  private Http2Client client() {
    Http2Client started = client;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }
}
