package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final Admission admission = new Admission(address -> address.getAddress()[0] == 10);

  private static InetAddress address(int network, int host) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {(byte) network, 0, 0, (byte) host});
  }

  @Test
  void whoIsNotAllowedNeitherEntersNorIsDialled() throws Exception {
    assertThat(admission.mayEnter(address(10, 1))).isTrue();
    assertThat(admission.mayDial(address(10, 1))).isTrue();
    assertThat(admission.mayEnter(address(11, 1))).isFalse();
    assertThat(admission.mayDial(address(11, 1))).isFalse();
  }

  @Test
  void anAddressWithTooManyConnectionsWaitsUntilOneEnds() throws Exception {
    InetAddress crowded = address(10, 1);
    for (int i = 0; i < 2_000; i++) {
      assertThat(admission.mayEnter(crowded)).isTrue();
      admission.connected(crowded);
    }
    assertThat(admission.mayEnter(crowded)).isFalse();
    assertThat(admission.mayEnter(address(10, 2))).isTrue();
    assertThat(admission.mayDial(crowded)).as("dialling is our own doing").isTrue();
    admission.disconnected(crowded);
    assertThat(admission.mayEnter(crowded)).isTrue();
  }

  @Test
  void allAddressesTogetherHaveALimitToo() throws Exception {
    for (int i = 0; i < 8_000; i++) {
      admission.connected(address(10, 1 + i % 8));
    }
    assertThat(admission.mayEnter(address(10, 100))).isFalse();
    admission.disconnected(address(10, 1));
    assertThat(admission.mayEnter(address(10, 100))).isTrue();
  }
}
