package io.swarmgate.backend.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.site.UrlPath;
import org.junit.jupiter.api.Test;

class HashQueueTest {
  private static final UrlPath A = new UrlPath("/a");
  private static final UrlPath B = new UrlPath("/b");
  private static final UrlPath C = new UrlPath("/c");

  private final HashQueue queue = new HashQueue();

  private void addAll() {
    queue.add(A);
    queue.add(B);
    queue.add(C);
  }

  @Test
  void whatWasFoundFirstComesFirst() {
    addAll();
    queue.add(A);
    assertThat(queue.all()).containsExactly(A, B, C);
  }

  @Test
  void whatIsAskedForMoreOftenComesBefore() {
    addAll();
    queue.raise(C);
    assertThat(queue.all()).containsExactly(C, A, B);
    queue.raise(B);
    queue.raise(B);
    assertThat(queue.all()).containsExactly(B, C, A);
    queue.raise(A);
    assertThat(queue.all()).containsExactly(B, A, C);
  }

  @Test
  void whatIsNotReadyIsPassedOver() {
    addAll();
    assertThat(queue.next(path -> !path.equals(A))).contains(B);
    assertThat(queue.next(path -> false)).isEmpty();
    assertThat(queue.all()).containsExactly(A, C);
  }

  @Test
  void whatIsTakenOutIsGoneAndForgotten() {
    addAll();
    queue.raise(C);
    queue.remove(C);
    queue.raise(C);
    queue.remove(C);
    assertThat(queue.all()).containsExactly(A, B);
    queue.add(C);
    assertThat(queue.all()).containsExactly(A, B, C);
    for (UrlPath each : queue.all()) {
      queue.remove(each);
    }
    assertThat(queue.isEmpty()).isTrue();
  }
}
