package io.swarmgate.backend.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwarmBackendConfigTest {
  private static final Map<String, String> ENV = Map.of("TOKEN", "from-env", "DOCS", "www");

  @TempDir Path base;

  @BeforeEach
  void makeFiles() throws IOException {
    Files.createDirectories(base.resolve("www"));
    Files.writeString(base.resolve("secret"), " xyzzy\n");
    Files.writeString(base.resolve("empty"), "\n");
  }

  @Test
  void whatIsNotSetHasItsDefault() throws Exception {
    SwarmBackendConfig config = parse("patterns", "/d/*", "content", "www");

    assertThat(config.enabled()).isTrue();
    assertThat(config.store()).isEqualTo(base.resolve("swarmgate").toAbsolutePath());
    assertThat(config.storeMax()).isBetween(1L, 64L << 30);
    assertThat(config.peer()).hasToString("127.0.0.1:6891");
    assertThat(config.adminListen().orElseThrow()).hasToString("127.0.0.1:6892");
    assertThat(config.mapped()).isTrue();
    assertThat(config.secret().isEmpty()).isTrue();
    assertThat(config.warnings()).isEmpty();
    SiteConfig site = config.sites().get(0);
    assertThat(site.hosts()).isEmpty();
    assertThat(site.maxStall()).isEqualTo(Duration.ofMillis(500));
    assertThat(site.staleIfError()).isEqualTo(Duration.ofHours(1));
    assertThat(site.minSize()).isEqualTo(1 << 20);
    assertThat(site.queryKey()).isEqualTo(QueryKey.ALL);
    assertThat(site.fill()).isEqualTo(Fill.DEMAND);
  }

  @Test
  void everyValueIsReadAndListsAreTrimmed() throws Exception {
    SwarmBackendConfig config =
        parse(
            "patterns", " /d/* , *.iso ,/one.bin",
            "origin", "https://a.test/base/, http://b.test:81",
            "hosts", "Files.TEST , other.test",
            "maxStall", "2s",
            "staleIfError", "0",
            "minSize", "64KiB",
            "queryKey", "v, w",
            "fill", "full",
            "store", "/var/store-that-is-not-there",
            "storeMax", "10GB",
            "peerHost", "0.0.0.0",
            "peerPort", "0",
            "peers", "10.0.0.1:6891, dns:peers.test:6891,[::1]:7",
            "allow", "10.0.0.0/8, ::1, 192.168.1.7",
            "secret", "file:secret",
            "adminToken", "env:TOKEN",
            "mapped", "false",
            "adminListen", "0.0.0.0:1");

    SiteConfig site = config.sites().get(0);
    assertThat(site.patterns())
        .extracting(UrlPattern::text)
        .containsExactly("/d/*", "*.iso", "/one.bin");
    assertThat(site.origins())
        .map(Object::toString)
        .containsExactly("https://a.test/base", "http://b.test:81");
    assertThat(site.hosts()).containsExactly("files.test", "other.test");
    assertThat(site.maxStall()).isEqualTo(Duration.ofSeconds(2));
    assertThat(site.staleIfError()).isZero();
    assertThat(site.minSize()).isEqualTo(65_536);
    assertThat(site.queryKey().of("a=1&w=2&v=3&x")).isEqualTo("w=2&v=3");
    assertThat(site.fill()).isEqualTo(Fill.FULL);
    assertThat(config.storeMax()).isEqualTo(10_000_000_000L);
    assertThat(config.peers())
        .map(Object::toString)
        .containsExactly("10.0.0.1:6891", "dns:peers.test:6891", "[::1]:7");
    assertThat(config.allows(InetAddress.getByName("10.200.3.4"))).isTrue();
    assertThat(config.allows(InetAddress.getByName("11.0.0.1"))).isFalse();
    assertThat(config.secret().bytes()).isEqualTo("xyzzy".getBytes(StandardCharsets.UTF_8));
    assertThat(config.secret()).hasToString("(secret)");
    assertThat(config.adminToken().bytes()).isEqualTo("from-env".getBytes(StandardCharsets.UTF_8));
    assertThat(config.mapped()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "patterns | | patterns: expected at least one pattern such as /downloads/*, got none",
        "content | | content: expected a source (content, origin or catalog) for the site, got none",
        "content | none | content: expected a readable directory, got \"BASE/none\"",
        "patterns | d/* | patterns: expected /path/*, *.extension or an exact /path, got \"d/*\"",
        "patterns | /a*b | patterns: expected /path/*, *.extension or an exact /path, got \"/a*b\"",
        "patterns | / | patterns: expected /path/*, *.extension or an exact /path, got \"/\"",
        "hosts | a b | hosts: expected a host name, got \"a b\"",
        "origin | ftp://x | origin: expected http://host[:port][/path] or https://..., without user,"
            + " query and fragment, got \"ftp://x\"",
        "origin | http://u:p@x | origin: expected http://host[:port][/path] or https://..., without"
            + " user, query and fragment, got \"http://u:p@x\"",
        "storeMax | lots | storeMax: expected a size such as 64GiB or 500MB, got \"lots\"",
        "storeMax | 99999999TiB | storeMax: expected a size such as 64GiB or 500MB, got"
            + " \"99999999TiB\"",
        "storeMax | 0 | storeMax: expected a size of at least 1 byte, got \"0\"",
        "minSize | -1 | minSize: expected a size such as 64GiB or 500MB, got \"-1\"",
        "maxStall | 5 | maxStall: expected a duration such as 500ms, 20s or 1h, got \"5\"",
        "staleIfError | 1y | staleIfError: expected a duration such as 500ms, 20s or 1h, got \"1y\"",
        "fill | some | fill: expected one of demand, full, got \"some\"",
        "authorize | all | authorize: expected one of none, origin, chain, got \"all\"",
        "authorize | origin | authorize: expected none or chain where the site has no origin, got"
            + " \"origin\"",
        "enabled | yes | enabled: expected true or false, got \"yes\"",
        "mapped | 1 | mapped: expected true or false, got \"1\"",
        "encryption | rc4 | encryption: expected one of require, prefer, off, got \"rc4\"",
        "peerPort | 70000 | peerPort: expected a port from 0 to 65535, got \"70000\"",
        "peerHost | 0.0.0.0 | peerHost: expected a loopback address, or allow to say which peers may"
            + " connect, got \"0.0.0.0\" without allow",
        "peers | here | peers: expected host:port or dns:name:port, got \"here\"",
        "allow | ten/8 | allow: expected an address or a CIDR such as 10.1.0.0/16, got \"ten/8\"",
        "allow | 10.0.0.0/33 | allow: expected an address or a CIDR such as 10.1.0.0/16, got"
            + " \"10.0.0.0/33\"",
        "secret | hunter2 | secret: expected file:PATH or env:NAME, got something else",
        "secret | file:no | secret: expected a secret there, not empty, got \"file:no\"",
        "secret | file:empty | secret: expected a secret there, not empty, got \"file:empty\"",
        "adminToken | env:NO | adminToken: expected a secret there, not empty, got \"env:NO\"",
        "adminListen | here | adminListen: expected host:port or off, got \"here\"",
        "adminListen | 0.0.0.0:1 | adminListen: expected a loopback address, or an adminToken, got"
            + " \"0.0.0.0:1\" without adminToken",
        "store | secret/x | store: expected a directory that can be written, got \"BASE/secret/x\"",
        "storemax | 1GiB | storemax: expected a known name (did you mean storeMax?), got \"storemax\"",
        "frobnicate | 1 | frobnicate: expected a known name, got \"frobnicate\"",
        "catalog | none | catalog: expected a readable directory, got \"BASE/none\"",
        "redirectHosts | http://x | redirectHosts: expected host or host:port, got \"http://x\"",
        "tracker | x | tracker: expected an announce URL, http://..., https://... or udp://host:port,"
            + " without user, got \"x\"",
        "tracker | udp://t.test/announce | tracker: expected an announce URL, http://..., https://..."
            + " or udp://host:port, without user, got \"udp://t.test/announce\"",
        "tracker | http://me:pw@t.test/announce | tracker: expected an announce URL, http://...,"
            + " https://... or udp://host:port, without user, got"
            + " \"http://me:pw@t.test/announce\"",
        "tracker | ftp://t.test/announce | tracker: expected an announce URL, http://..., https://..."
            + " or udp://host:port, without user, got \"ftp://t.test/announce\"",
        "peerAdvertise | a.test | peerAdvertise: expected host:port, got \"a.test\"",
        "uploadLimit | 1kB | uploadLimit: expected a size of at least 16KiB, to be sent each second,"
            + " got \"1kB\"",
      })
  void everyBadValueIsOneLine(String name, String value, String line) {
    Map<String, String> values = new HashMap<>(Map.of("patterns", "/d/*", "content", "www"));
    values.put(name, value == null ? "" : value);
    assertThat(problems(values)).containsExactly(line.replace("BASE", absolute("")));
  }

  @Test
  void uploadsAreLimitedOnlyIfAskedFor() throws Exception {
    assertThat(parse("patterns", "/d/*", "content", "www").uploadLimit()).isZero();
    assertThat(parse("patterns", "/d/*", "content", "www", "uploadLimit", "20MB").uploadLimit())
        .isEqualTo(20_000_000);
  }

  @Test
  void trackersAreReadInAnyScheme() throws Exception {
    SwarmBackendConfig config =
        parse(
            "patterns", "/d/*",
            "content", "www",
            "tracker", "http://t.test/announce?key=1, udp://t.test:6969,https://[::1]:8/a",
            "peerAdvertise", "edge.test:7000");

    assertThat(config.trackers())
        .extracting(URI::toString)
        .containsExactly("http://t.test/announce?key=1", "udp://t.test:6969", "https://[::1]:8/a");
    assertThat(config.peerAdvertise().orElseThrow()).hasToString("edge.test:7000");
  }

  @Test
  void anAdvertisedPortCannotBeLeftToChance() {
    assertThat(
            problems(
                Map.of(
                    "patterns", "/d/*",
                    "content", "www",
                    "peerAdvertise", "a.test:0")))
        .containsExactly(
            "peerAdvertise: expected host:port, the port from 1 to 65535, got \"a.test:0\"");
  }

  @Test
  void allProblemsAreToldAtOnce() {
    assertThat(problems(Map.of("minSize", "x", "mapped", "y")))
        .containsExactlyInAnyOrder(
            "minSize: expected a size such as 64GiB or 500MB, got \"x\"",
            "mapped: expected true or false, got \"y\"",
            "patterns: expected at least one pattern such as /downloads/*, got none",
            "content: expected a source (content, origin or catalog) for the site, got none");
  }

  @Test
  void aFileSetsTheSameNamesAndTheContainerOverridesIt() throws Exception {
    Files.writeString(
        base.resolve("swarmgate.properties"),
        """
        patterns = /d/*
        content = ${env.DOCS}
        minSize = 2MiB
        maxStall =
        """);
    SwarmBackendConfig config = parse("config", "swarmgate.properties", "minSize", "3MiB");
    assertThat(config.sites().get(0).minSize()).isEqualTo(3 << 20);
    assertThat(config.sites().get(0).content().orElseThrow()).hasToString(absolute("www"));
    assertThat(config.sites().get(0).maxStall()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void aFileThatIsMissingOrNamesAMissingVariableIsAProblem() throws Exception {
    Map<String, String> values = Map.of("patterns", "/d/*", "content", "www", "config", "no.file");
    assertThat(problems(values))
        .singleElement()
        .asString()
        .startsWith("config: expected a readable properties file, got \"" + base);

    Files.writeString(base.resolve("no.file"), "store = ${env.NONE}");
    assertThat(problems(values))
        .containsExactly("store: expected environment variable NONE, got none");
  }

  @Test
  void sitesHaveValuesOfTheirOwnAndShareTheRest() throws Exception {
    SwarmBackendConfig config =
        parse(
            "sites", "a, b",
            "maxStall", "1s",
            "a.patterns", "/a/*",
            "a.content", "www",
            "b.patterns", "/b/*",
            "b.hosts", "b.test",
            "b.origin", "http://o.test",
            "b.maxStall", "2s");
    assertThat(config.sites()).extracting(SiteConfig::id).containsExactly("a", "b");
    assertThat(config.sites())
        .extracting(SiteConfig::maxStall)
        .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void twoSitesMayNotClaimOneHostAndPattern() {
    assertThat(
            problems(
                Map.of(
                    "sites", "a,b",
                    "content", "www",
                    "a.hosts", "x.test",
                    "a.patterns", "/d/*",
                    "b.hosts", "y.test, x.test",
                    "b.patterns", "*.iso, /d/*")))
        .containsExactly(
            "b.patterns: expected host and pattern that no other site has, got \"/d/*\" on x.test,"
                + " claimed by a too");
  }

  @Test
  void problemsOfASiteNameTheSite() {
    assertThat(
            problems(
                Map.of(
                    "sites", "a",
                    "a.patterns", "/d/*",
                    "a.content", "www",
                    "a.maxstall", "1s",
                    "b.fill", "full",
                    "a.store", "x")))
        .containsExactlyInAnyOrder(
            "a.maxstall: expected a known name (did you mean a.maxStall?), got \"a.maxstall\"",
            "b.fill: expected a known name (did you mean a.fill?), got \"b.fill\"",
            "a.store: expected a known name (did you mean store?), got \"a.store\"");
  }

  @Test
  void aNodeThatIsOffHasNoProblems() throws Exception {
    SwarmBackendConfig config = parse("enabled", "false", "content", "gone", "nonsense", "1");
    assertThat(config.enabled()).isFalse();
    assertThat(config.sites()).isEmpty();
  }

  @Test
  void anOpenPeerPortWithoutASecretIsWarnedOf() throws Exception {
    SwarmBackendConfig config =
        parse("patterns", "/d/*", "content", "www", "peerHost", "0.0.0.0", "allow", "10.0.0.0/8");
    assertThat(config.warnings())
        .containsExactly("peerHost: 0.0.0.0 is not loopback and there is no secret");
  }

  private String absolute(String path) {
    return base.resolve(path).toAbsolutePath().normalize().toString();
  }

  private SwarmBackendConfig parse(String... pairs) throws ConfigException {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      values.put(pairs[i], pairs[i + 1]);
    }
    return SwarmBackendConfig.parse(values, base, ENV::get);
  }

  private List<String> problems(Map<String, String> values) {
    return catchThrowableOfType(
            ConfigException.class, () -> SwarmBackendConfig.parse(values, base, ENV::get))
        .problems();
  }
}
