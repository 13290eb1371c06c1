package io.swarmgate.filter.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Checks what a node needs of its machine. */
public final class Machine {
  private static final long ENOUGH_FILES = 16_384;

  private Machine() {}

  /**
   * Looks at the limits and the disk.
   *
   * @param store the store's directory
   * @param missing bytes that the store may still grow by
   */
  public static List<Finding> of(Path store, long missing) {
    List<Finding> all = new ArrayList<>();
    all.add(files());
    all.add(disk(store, missing));
    return all;
  }

  private static Finding files() {
    String check = "open files";
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return Finding.note(check, "unknown on this system", "");
    }
    long most = unix.getMaxFileDescriptorCount();
    String found = unix.getOpenFileDescriptorCount() + " of " + most;
    return most >= ENOUGH_FILES
        ? Finding.good(check, found)
        : Finding.warning(
            check,
            found,
            "raise the limit to " + ENOUGH_FILES + " at least: LimitNOFILE in systemd, ulimit -n");
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }

  private static Finding disk(Path store, long missing) {
    try {
      long free = Files.getFileStore(store).getUsableSpace();
      String found = gib(free) + " free, the store may grow by " + gib(missing);
      return free >= missing
          ? Finding.good("disk", found)
          : Finding.warning("disk", found, "lower storeMax, or make room");
    } catch (IOException e) {
      return Finding.bad("disk", e.toString(), "look whether the store's directory is there");
    }
  }
}
