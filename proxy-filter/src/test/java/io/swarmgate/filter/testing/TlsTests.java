package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold over TLS in every container: HTTP/1.1, and HTTP/2 chosen by ALPN. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class TlsTests {
  private static final int MIB = 1 << 20;

  /** TLS doesn't see what is asked for: some rows of each kind are enough. */
  private static final int EVERY = 12;

  private final ScriptedBackend backend = new ScriptedBackend();
  private @Nullable TestKeys keys;
  private @Nullable WebServer server;
  private @Nullable Http2Client client;

  /** Starts a server of the container's with TLS, its clock standing at the table's. */
  protected abstract WebServer start(ScriptedBackend script, TestKeys own) throws Exception;

  @BeforeAll
  protected void startServer(@TempDir Path directory) throws Exception {
    TestKeys made = TestKeys.make(directory);
    keys = made;
    WebServer started = start(backend, made);
    server = started;
    client = Http2Client.connectTls(started.tlsPort(), made);
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
    List<RangeRow> all = RangeRow.table().toList();
    return IntStream.range(0, all.size()).filter(i -> i % EVERY == 0).mapToObj(all::get);
  }

  @ParameterizedTest
  @MethodSource("table")
  protected void answersByTheTable(RangeRow row) throws Exception {
    Validator validator = RangeRow.validator(row.representation());
    for (boolean http2 : new boolean[] {false, true}) {
      MemoryRepresentation representation =
          new MemoryRepresentation(
                  RangeRow.LENGTH,
                  validator,
                  "text/plain",
                  List.of(new Field("Repr-Digest", "x=:y:")))
              .trickling(7);
      backend.answer(new Outcome.Serve(representation));

      RawResponse response = exchange(http2, row.method(), "/s/x.txt", row.fields());

      RowAnswer.check(row, validator, "x=:y:", response);
      Settled.assertAllGivenBack(representation);
    }
  }

  @Test
  protected void aLongBodyComesByteForByte() throws Exception {
    byte[] content = RowAnswer.content(new ByteSpan(0, 5 * MIB + 17));
    for (boolean http2 : new boolean[] {false, true}) {
      MemoryRepresentation file = new MemoryRepresentation(5L * MIB + 17);
      backend.answer(new Outcome.Serve(file));

      RawResponse response = exchange(http2, "GET", "/s/x", List.of());

      assertThat(response.whole()).isTrue();
      assertThat(response.body()).isEqualTo(content);
      Settled.assertAllGivenBack(file);
    }
  }

  @Test
  protected void aBodyThatFailsUnderWayIsNotTakenForWhole() throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(4L * MIB).releasedTo(MIB);
    backend.answer(new Outcome.Serve(file));
    Http2Client.Incoming incoming = client().send("GET", "/s/x", List.of());
    await().until(() -> file.parked.get() > 0 && incoming.received() == MIB);
    file.fail(new IOException("every source is gone"));
    assertThat(incoming.response().whole()).isFalse();
    Settled.assertAllGivenBack(file);

    MemoryRepresentation other = new MemoryRepresentation(4L * MIB).releasedTo(MIB);
    backend.answer(new Outcome.Serve(other));
    try (RawClient old = connect()) {
      old.send("GET", "/s/x", List.of());
      await().until(() -> other.parked.get() > 0);
      other.fail(new IOException("every source is gone"));
      RawResponse response = old.receive("GET");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isFalse();
    }
    Settled.assertAllGivenBack(other);
  }

  @Test
  protected void aClientThatLeavesIsNoticed() throws Exception {
    for (boolean http2 : new boolean[] {false, true}) {
      MemoryRepresentation file = new MemoryRepresentation(256L * MIB);
      backend.answer(new Outcome.Serve(file));
      if (http2) {
        Http2Client.Incoming incoming = client().sendAndWait("GET", "/s/x");
        assertThat(incoming.status()).isEqualTo(200);
        // Tomcat 10.1 may overlook a reset that comes while it writes.
        Settled.awaitFull(file);
        incoming.cancel();
      } else {
        try (RawClient old = connect()) {
          old.send("GET", "/s/x", List.of());
          old.receiveBeginning(1000);
          old.vanish();
        }
      }
      Settled.assertAllGivenBack(file);
    }
  }

  private RawResponse exchange(boolean http2, String method, String path, List<Field> fields)
      throws Exception {
    if (http2) {
      return client().exchange(method, path, fields);
    }
    try (RawClient old = connect()) {
      old.send(method, path, fields);
      return old.receive(method);
    }
  }

  private RawClient connect() throws Exception {
    WebServer started = server;
    TestKeys made = keys;
    if (started == null || made == null) {
      throw new IllegalStateException("not started");
    }
    return RawClient.connectTls(started.tlsPort(), made.client());
  }

  private Http2Client client() {
    Http2Client started = client;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }
}
