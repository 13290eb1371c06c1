package io.swarmgate.backend;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.headRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.testing.MemoryEngine;
import io.swarmgate.backend.testing.Reading;
import io.swarmgate.backend.testing.TestCodec;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is asked before a publisher's own files, or an edge's, are given out. */
class AuthorizeTest {
  private static final byte[] CONTENT = new byte[5000];
  private static final TestRequest STRANGER = TestRequest.get("/d/a.iso");
  private static final TestRequest MEMBER = STRANGER.with("Cookie", "member=yes");
  private static final TestRequest OTHER = TestRequest.get("/d/none");

  @TempDir Path base;

  private final WireMockServer origin = new WireMockServer(options().dynamicPort());
  private final MemoryEngine.Net net = new MemoryEngine.Net();

  @BeforeEach
  void start() throws Exception {
    origin.start();
    origin.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(403)));
    origin.stubFor(any(anyUrl()).withHeader("Cookie", equalTo("member=yes")).willReturn(ok()));
    Files.createDirectories(base.resolve("www/d"));
    Files.write(base.resolve("www/d/a.iso"), CONTENT);
  }

  @AfterEach
  void end() {
    origin.stop();
  }

  @Test
  void aPublishersFileIsGivenToWhomTheOriginLets() throws Exception {
    try (SwarmBackend node = node("content", "www", "authorize", "origin")) {
      assertServed(open(node, MEMBER));
      assertThat(open(node, STRANGER))
          .isInstanceOfSatisfying(
              Outcome.PassThrough.class, refusal -> assertThat(refusal.status()).isEqualTo(403));
      origin.verify(0, getRequestedFor(anyUrl()).withHeader("Cookie", equalTo("member=yes")));
      origin.stop();
      assertThat(open(node, MEMBER)).isInstanceOf(Outcome.Fail.class);
    }
  }

  @Test
  void aFileIsAskedAboutOnce() throws Exception {
    try (SwarmBackend node = node("content", "www", "authorize", "origin")) {
      assertServed(open(node, MEMBER));
      origin.verify(1, headRequestedFor(anyUrl()));
      Outcome other = open(node, OTHER);
      assertThat(other).isInstanceOf(Outcome.PassThrough.class);
      origin.verify(2, headRequestedFor(anyUrl()));
      assertThat(node.involvesChain(MEMBER)).isFalse();
    }
  }

  @Test
  void theChainIsAskedAboutWhatAPublisherHasAndLeftAloneWithTheRest() throws Exception {
    try (SwarmBackend node = node("content", "www", "authorize", "chain", "origin", "")) {
      Outcome.Ask ask = ask(open(node, STRANGER));
      assertServed(Reading.await(ask.allowed().get()));
      ask(open(node, STRANGER)).refused().run();
      assertThat(open(node, OTHER)).isInstanceOf(Outcome.Next.class);
      assertThat(node.involvesChain(STRANGER)).isTrue();
    }
  }

  @Test
  void anEdgeAsksTheChainBeforeItAsksItsOrigin() throws Exception {
    try (SwarmBackend node = node("authorize", "chain")) {
      Outcome.Ask ask = ask(open(node, MEMBER));
      origin.verify(0, headRequestedFor(anyUrl()));
      assertThat(Reading.await(ask.allowed().get())).isInstanceOf(Outcome.PassThrough.class);
      assertThat(node.involvesChain(MEMBER)).isTrue();
    }
    try (SwarmBackend open = node("authorize", "none")) {
      assertThat(open.involvesChain(MEMBER)).isFalse();
    }
  }

  private static Outcome.Ask ask(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Ask.class);
    return (Outcome.Ask) outcome;
  }

  private static void assertServed(Outcome outcome) throws Exception {
    assertThat(outcome).isInstanceOf(Outcome.Serve.class);
    Representation file = ((Outcome.Serve) outcome).representation();
    assertThat(Reading.all(file)).isEqualTo(CONTENT);
  }

  private static Outcome open(SwarmBackend node, TestRequest request) {
    return Reading.await(node.open(request));
  }

  private SwarmBackend node(String... more) throws Exception {
    Map<String, String> values =
        new HashMap<>(
            Map.of(
                "patterns", "/d/*", "minSize", "1000", "store", "s", "origin", origin.baseUrl()));
    for (int i = 0; i < more.length; i += 2) {
      values.put(more[i], more[i + 1]);
    }
    SwarmBackendConfig config = SwarmBackendConfig.parse(values, base);
    SwarmBackend node = new SwarmBackend(config, new TestCodec(), parsed -> net.engine());
    node.start();
    return node;
  }
}
