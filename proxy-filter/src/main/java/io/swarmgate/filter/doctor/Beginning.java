package io.swarmgate.filter.doctor;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The first bytes of a body, at most so many; the rest is given up. */
final class Beginning implements HttpResponse.BodySubscriber<byte[]> {
  private final ByteBuffer bytes;
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /**
   * Takes what is enough.
   *
   * @param most bytes; 0 if the response's head alone is of interest
   */
  Beginning(int most) {
    this.bytes = ByteBuffer.allocate(most);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
    endIfFull();
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      int count = Math.min(buffer.remaining(), bytes.remaining());
      bytes.put(buffer.slice(buffer.position(), count));
    }
    endIfFull();
  }

  private void endIfFull() {
    if (!bytes.hasRemaining()) {
      onComplete();
      if (subscription != null) {
        subscription.cancel();
      }
    }
  }

  @Override
  public void onError(Throwable cause) {
    whole.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    whole.complete(Arrays.copyOf(bytes.array(), bytes.position()));
  }
}
