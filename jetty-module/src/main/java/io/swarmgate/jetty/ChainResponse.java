package io.swarmgate.jetty;

import io.swarmgate.backend.content.Field;
import io.swarmgate.filter.http.ChainAnswer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What the next handler answers when it is asked. Nothing of it reaches the client. */
final class ChainResponse extends Response.Wrapper {
  private final HttpFields.Mutable headers = HttpFields.build();
  private volatile int status;
  private volatile boolean committed;
  private volatile boolean ended;
  private volatile @Nullable Supplier<HttpFields> trailers;

  ChainResponse(Request request, Response response) {
    super(request, response);
  }

  /** The head, once it is complete. */
  ChainAnswer answer() {
    List<Field> fields =
        headers.stream()
            .map(
                field ->
                    new Field(field.getName(), Objects.requireNonNullElse(field.getValue(), "")))
            .toList();
    return new ChainAnswer(status == 0 ? HttpStatus.OK_200 : status, fields);
  }

  @Override
  public int getStatus() {
    return status;
  }

  @Override
  public void setStatus(int code) {
    if (!committed) {
      status = code;
    }
  }

  @Override
  public HttpFields.Mutable getHeaders() {
    return headers;
  }

  @Override
  public @Nullable Supplier<HttpFields> getTrailersSupplier() {
    return trailers;
  }

  @Override
  public void setTrailersSupplier(@Nullable Supplier<HttpFields> supplier) {
    trailers = supplier;
  }

  @Override
  public boolean isCommitted() {
    return committed;
  }

  @Override
  public boolean hasLastWrite() {
    return ended;
  }

  @Override
  public boolean isCompletedSuccessfully() {
    return ended;
  }

  @Override
  public void reset() {
    if (committed) {
      throw new IllegalStateException("the response is committed");
    }
    status = 0;
    headers.clear();
    trailers = null;
  }

  @Override
  public CompletableFuture<Void> writeInterim(int code, HttpFields fields) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void write(boolean last, @Nullable ByteBuffer content, Callback callback) {
    committed = true;
    ended |= last;
    if (content != null) {
      content.position(content.limit());
    }
    callback.succeeded();
  }
}
