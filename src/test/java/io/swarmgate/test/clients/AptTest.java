package io.swarmgate.test.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Access;
import io.swarmgate.test.harness.Nodes;
import io.swarmgate.test.harness.Nodes.At;
import io.swarmgate.test.harness.Nodes.Published;
import io.swarmgate.test.harness.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** apt, with a repository of one package and directories of its own. */
@Tag("interop")
@ExtendWith(Nodes.Shared.class)
class AptTest {
  private static final int LENGTH = 8 << 20;

  /** When a download is killed, which would take many times as long at the rate it is held to. */
  private static final int KILLED_AT = 512 << 10;

  @TempDir private static Path made;

  @TempDir private Path directory;

  @BeforeAll
  static void makePackage() throws Exception {
    Path tree = made.resolve("tree");
    Files.createDirectories(tree.resolve("DEBIAN"));
    Files.writeString(
        tree.resolve("DEBIAN/control"),
        """
        Package: big
        Version: 1.0
        Architecture: all
        Maintainer: Nobody <nobody@example.com>
        Description: Random bytes
        """);
    byte[] content = new byte[LENGTH];
    new Random(LENGTH).nextBytes(content);
    Files.write(tree.resolve("content"), content);
    Program.run(made, "dpkg-deb", "-Znone", "--build", tree.toString(), "big.deb");
  }

  @ParameterizedTest
  @EnumSource
  void aKilledDownloadOfAPackageIsResumedIfItIsStillTheSame(At at, Nodes nodes) throws Exception {
    Published file = nodes.publish(at, "big.deb", Files.readAllBytes(made.resolve("big.deb")));
    byte[] packages = index(file).getBytes(UTF_8);
    String path = "main/binary-amd64/Packages";
    nodes.publish(at, "dists/test/" + path, packages);
    String release =
        """
        Suite: test
        Architectures: amd64
        Components: main
        Date: Thu, 29 Feb 2024 12:34:56 UTC
        SHA256:
         %s %d %s
        """
            .formatted(sha256(packages), packages.length, path);
    nodes.publish(at, "dists/test/Release", release.getBytes(UTF_8));
    configure(file);
    start("update").succeed();

    Path archives = directory.resolve("archives");
    Path partial = archives.resolve("partial/big_1.0_all.deb");
    try (Program apt = start("-d", "install", "big", "-oAcquire::http::Dl-Limit=1000")) {
      apt.awaitBytes(partial, KILLED_AT);
      apt.terminate();
    }
    long begun = Files.size(partial);
    assertThat(begun).isLessThan(file.content().length);
    start("-d", "install", "big").succeed();

    assertThat(archives.resolve("big_1.0_all.deb")).hasBinaryContent(file.content());
    Access resumed = file.awaitRequest(206, "bytes=" + begun + "-");
    assertThat(resumed.ifRange()).hasValue("Thu, 29 Feb 2024 12:34:56 GMT");
  }

  private String index(Published file) throws Exception {
    return Files.readString(made.resolve("tree/DEBIAN/control"))
        + "Filename: %s\nSize: %d\nSHA256: %s\n"
            .formatted(file.name(), file.content().length, sha256(file.content()));
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private void configure(Published file) throws IOException {
    for (String name : List.of("lists/partial", "archives/partial", "etc/preferences.d", "state")) {
      Files.createDirectories(directory.resolve(name));
    }
    Files.writeString(
        directory.resolve("sources.list"),
        "deb [trusted=yes] %s test main\n".formatted(file.uri().resolve(".")));
    Files.createFile(directory.resolve("status"));
    Files.writeString(
        directory.resolve("apt.conf"),
        """
        Dir::Etc "%1$s/etc";
        Dir::Etc::sourcelist "%1$s/sources.list";
        Dir::State "%1$s/state";
        Dir::State::lists "%1$s/lists";
        Dir::State::status "%1$s/status";
        Dir::Cache "%1$s";
        Dir::Cache::archives "%1$s/archives";
        Dir::Log "%1$s";
        APT::Architecture "amd64";
        APT::Sandbox::User "";
        Acquire::http::Proxy "DIRECT";
        Acquire::Languages "none";
        Debug::NoLocking "true";
        """
            .formatted(directory));
  }

  private Program start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("env", "APT_CONFIG=" + directory.resolve("apt.conf"), "apt-get", "-y", "-q"));
    command.addAll(List.of(arguments));
    return Program.start(directory, command);
  }
}
