package io.swarmgate.backend.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Java virtual machines of their own, for tests that kill them or starve them. */
public final class ChildJvm {
  private ChildJvm() {}

  /** Starts a class's main method; what it says on standard error is passed on. */
  public static Process start(List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    // They live for a few seconds: C2 takes longer for its code than that ever saves.
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
