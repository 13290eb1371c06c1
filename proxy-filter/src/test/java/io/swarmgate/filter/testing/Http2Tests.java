package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
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

/** What must hold over HTTP/2, upgraded to from HTTP/1.1 (h2c), in every container. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class Http2Tests {
  private static final int MIB = 1 << 20;

  private final ScriptedBackend backend = new ScriptedBackend();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  private @Nullable WebServer server;

  /** Starts a server of the container's, its clock standing at the table's. */
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

    HttpResponse<byte[]> response =
        client.send(request(row.method(), "/s/x.txt", row.fields()), BodyHandlers.ofByteArray());

    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    RowAnswer.check(row, validator, "x=:y:", raw(response));
    Settled.assertAllGivenBack(representation);
  }

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
    List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(client.sendAsync(request("GET", "/s/x", List.of()), BodyHandlers.ofByteArray()));
    }
    byte[] content = RowAnswer.content(new ByteSpan(0, 3 * MIB + 17));
    for (CompletableFuture<HttpResponse<byte[]>> each : all) {
      assertThat(each.get().body()).isEqualTo(content);
    }
    files.forEach(Settled::assertAllGivenBack);
  }

  /** A body cut short must not look whole: the stream is reset. */
  @Test
  protected void aBodyThatFailsUnderWayResetsItsStream() throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(4L * MIB).releasedTo(MIB);
    backend.answer(new Outcome.Serve(file));
    HttpResponse<InputStream> response =
        send(request("GET", "/s/x", List.of()), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(body.readNBytes(MIB)).hasSize(MIB);
      await().until(() -> file.parked.get() > 0);
      file.fail(new IOException("every source is gone"));

      assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
    }
    Settled.assertAllGivenBack(file);
  }

  @Test
  protected void aClientThatGivesUpItsStreamIsNoticed() throws Exception {
    MemoryRepresentation file = new MemoryRepresentation(256L * MIB);
    backend.answer(new Outcome.Serve(file));
    HttpResponse<InputStream> response =
        send(request("GET", "/s/x", List.of()), BodyHandlers.ofInputStream());
    response.body().close();

    Settled.assertAllGivenBack(file);
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    return client.send(request, handler);
  }

  private HttpRequest request(String method, String path, List<Field> fields) {
    WebServer started = server;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + started.port() + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.noBody());
    fields.forEach(field -> request.header(field.name(), field.value()));
    return request.build();
  }

  private static RawResponse raw(HttpResponse<byte[]> response) {
    List<Field> fields = new ArrayList<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> fields.add(new Field(name, value))));
    return new RawResponse(response.statusCode(), fields, response.body(), true);
  }
}
