package io.swarmgate.backend.catalog;

import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A directory whose files are published under their paths. Blocks on the disk; thread-safe. */
final class DocumentRoot {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentRoot.class);

  private final Path root;

  /** Takes an existing directory. */
  DocumentRoot(Path root) throws IOException {
    this.root = root.toRealPath();
  }

  /**
   * The regular file under a path, by its real path. Empty if there is none, if its name is written
   * in another case, or if a link leads out of the root or to anything hidden.
   */
  Optional<Path> resolve(UrlPath path) {
    try {
      Path named = root.resolve(path.decoded().substring(1));
      Path real = named.toRealPath();
      // Without following links the real path differs from the name in its letters' case only.
      boolean sameCase = named.toRealPath(LinkOption.NOFOLLOW_LINKS).equals(named.normalize());
      boolean inside = real.startsWith(root) && UrlPath.isServable(decoded(real));
      return sameCase && inside && Files.isRegularFile(real) ? Optional.of(real) : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether a path that {@link #resolve} found leads to the same file as before. One system call.
   */
  boolean leadsTo(UrlPath path, FileGuard file) {
    try {
      return file.equals(FileGuard.of(root.resolve(path.decoded().substring(1))));
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  /** The directory, by its real path. */
  Path path() {
    return root;
  }

  /** Visits every wanted file that {@link #resolve} finds, with its path. */
  void walk(Predicate<UrlPath> wanted, BiConsumer<UrlPath, Path> visitor) throws IOException {
    walk(root, directory -> true, wanted, visitor);
  }

  /**
   * Visits a directory, those in it, and every wanted file that {@link #resolve} finds there, with
   * its path.
   *
   * @param entered told each directory before what is in it; false ends the walk
   */
  void walk(
      Path from,
      Predicate<Path> entered,
      Predicate<UrlPath> wanted,
      BiConsumer<UrlPath, Path> visitor)
      throws IOException {
    Files.walkFileTree(
        from,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.equals(root) && !UrlPath.isServable(decoded(directory))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            return entered.test(directory) ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            urlPath(file)
                .filter(wanted)
                .ifPresent(path -> resolve(path).ifPresent(real -> visitor.accept(path, real)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            LOG.debug("Not published: {}", e.toString());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
            if (e != null) {
              LOG.debug("Not published in full: {}", e.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The path under which a file below the root is published; empty if none may be. */
  Optional<UrlPath> urlPath(Path file) {
    return Optional.of(decoded(file)).filter(UrlPath::isServable).map(UrlPath::new);
  }

  /** Whether a path names something in a directory below the root. */
  boolean isBelow(UrlPath path, Path directory) {
    return path.decoded().startsWith(decoded(directory) + "/");
  }

  private String decoded(Path file) {
    return "/" + root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "/");
  }
}
