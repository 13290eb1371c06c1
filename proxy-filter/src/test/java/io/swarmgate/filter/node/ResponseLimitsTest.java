package io.swarmgate.filter.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseLimitsTest {
  @Test
  void refusesMoreThanTheLimitAndTakesAgainWhatIsGivenBack() {
    ResponseLimits limits = new ResponseLimits(2, 0);
    ResponseLimits.Place first = take(limits, "192.0.2.1");
    take(limits, "192.0.2.2");

    assertThat(limits.take("192.0.2.3")).isNull();
    first.giveBack();
    take(limits, "192.0.2.3");
    assertThat(limits.take("192.0.2.4")).isNull();
    assertThat(limits.count()).isEqualTo(2);
  }

  @Test
  void oneClientsLimitDoesNotTouchAnother() {
    ResponseLimits limits = new ResponseLimits(0, 1);
    ResponseLimits.Place first = take(limits, "192.0.2.1");

    assertThat(limits.take("192.0.2.1")).isNull();
    take(limits, "192.0.2.2");
    first.giveBack();
    take(limits, "192.0.2.1");
  }

  @Test
  void whatAClientIsRefusedDoesNotCountForTheOthers() {
    ResponseLimits limits = new ResponseLimits(2, 1);
    take(limits, "192.0.2.1");
    for (int i = 0; i < 10; i++) {
      assertThat(limits.take("192.0.2.1")).isNull();
    }

    assertThat(limits.count()).isEqualTo(1);
    take(limits, "192.0.2.2");
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:0:1::1, 2001:db8:0:1:ffff::2",
    "[2001:db8:0:1::1], 2001:db8:0:1::1",
    "::ffff:192.0.2.1, 192.0.2.1",
  })
  void oneClientMayHaveSeveralAddresses(String one, String another) {
    ResponseLimits limits = new ResponseLimits(0, 1);
    take(limits, one);

    assertThat(limits.take(another)).isNull();
  }

  @Test
  void neighbouringNetworksAreDifferentClients() {
    ResponseLimits limits = new ResponseLimits(0, 1);
    take(limits, "2001:db8:0:1::1");

    take(limits, "2001:db8:0:2::1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "::1", "[0:0:0:0:0:0:0:1]"})
  void aProxyOnThisMachineIsNoClient(String address) {
    ResponseLimits limits = new ResponseLimits(3, 1);
    take(limits, address);
    take(limits, address);
    take(limits, address);

    assertThat(limits.take(address)).isNull();
  }

  @Test
  void zeroIsNoLimit() {
    ResponseLimits limits = new ResponseLimits(0, 0);
    for (int i = 0; i < 1000; i++) {
      take(limits, "192.0.2.1");
    }
  }

  @Test
  void aSharedPlaceIsGivenBackByItsLastHolder() {
    ResponseLimits limits = new ResponseLimits(1, 1);
    ResponseLimits.Place place = take(limits, "192.0.2.1");
    ResponseLimits.Place other = place.share();
    place.giveBack();
    place.giveBack();
    assertThat(limits.take("192.0.2.1")).isNull();
    other.giveBack();

    take(limits, "192.0.2.1");
  }

  @Test
  void manyThreadsNeverHoldMoreThanTheLimit() throws Exception {
    ResponseLimits limits = new ResponseLimits(3, 2);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    CountDownLatch together = new CountDownLatch(8);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String client = "192.0.2." + i % 2;
        all.add(
            threads.submit(
                () -> {
                  together.countDown();
                  together.await();
                  for (int n = 0; n < 20_000; n++) {
                    ResponseLimits.Place place = limits.take(client);
                    if (place != null) {
                      place.giveBack();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(limits.count()).isZero();
    take(limits, "192.0.2.0");
    take(limits, "192.0.2.0");
    assertThat(limits.take("192.0.2.0")).isNull();
  }

  private static ResponseLimits.Place take(ResponseLimits limits, String address) {
    return Objects.requireNonNull(limits.take(address), address);
  }
}
