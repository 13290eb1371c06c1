package io.swarmgate.jetty;

import io.swarmgate.backend.Backend;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** A Jetty with our handler over a backend that is a function, and a next handler to fall to. */
final class TestServer implements AutoCloseable {
  /** What the next handler says: more than what compressors leave alone for its size. */
  static final String NEXT = "the next handler, ".repeat(9);

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);
  private final HttpClient client = HttpClient.newHttpClient();

  /** A server whose paths under {@code /swarm/} are the backend's. */
  TestServer(Function<RequestView, CompletionStage<Outcome>> open, Handler.Singleton... outer)
      throws Exception {
    this(new NextHandler(), open, outer);
  }

  private TestServer(
      Handler next,
      Function<RequestView, CompletionStage<Outcome>> open,
      Handler.Singleton... outer)
      throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    BackendHandler handler = new Fixed(new FunctionBackend(open));
    handler.setHandler(next);
    server.setHandler(handler);
    for (Handler.Singleton o : outer) {
      server.insertHandler(o);
    }
    server.start();
  }

  /** The same with a next handler of the test's own. */
  static TestServer before(Handler next, Function<RequestView, CompletionStage<Outcome>> open)
      throws Exception {
    return new TestServer(next, open);
  }

  static TestServer answering(Outcome outcome, Handler.Singleton... outer) throws Exception {
    return new TestServer(request -> CompletableFuture.completedFuture(outcome), outer);
  }

  static Outcome passThrough(int status, TestBody body, Field... more) {
    List<Field> fields = new ArrayList<>(List.of(more));
    if (body.length() >= 0) {
      fields.add(new Field("Content-Length", Long.toString(body.length())));
    }
    return new Outcome.PassThrough(status, fields, body);
  }

  void idleTimeout(Duration timeout) {
    connector.setIdleTimeout(timeout.toMillis());
  }

  HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", path, headers);
  }

  HttpResponse<byte[]> send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
  }

  /** A connection on which a GET was sent and nothing read. */
  Socket connect(String path) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    socket.setSoTimeout(20_000);
    socket
        .getOutputStream()
        .write(("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  /** All that comes until the far end closes, however it does. */
  static String readToEnd(Socket socket) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (IOException e) {
      // A reset is an end as well.
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }

  private static final class Fixed extends BackendHandler {
    private final Backend backend;

    Fixed(Backend backend) {
      this.backend = backend;
    }

    @Override
    protected Backend backend() {
      return backend;
    }
  }

  private record FunctionBackend(Function<RequestView, CompletionStage<Outcome>> function)
      implements Backend {
    @Override
    public boolean accepts(RequestView request) {
      return request.rawPath().startsWith("/swarm/");
    }

    @Override
    public CompletionStage<Outcome> open(RequestView request) {
      return function.apply(request);
    }
  }

  /** Answers all but what ends in {@code nobody}; fails where it ends in {@code broken}. */
  private static final class NextHandler extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      @Nullable String path = request.getHttpURI().getPath();
      if (path == null || path.endsWith("nobody")) {
        return false;
      }
      if (path.endsWith("broken")) {
        throw new IllegalStateException("broken");
      }
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain");
      response.write(true, StandardCharsets.UTF_8.encode(NEXT), callback);
      return true;
    }
  }
}
