package io.swarmgate.backend.catalog;

import io.swarmgate.backend.content.FileGuard;
import io.swarmgate.backend.site.UrlPath;
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
      boolean inside = real.startsWith(root) && UrlPath.isServable(urlPath(real));
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

  /** Visits every wanted file that {@link #resolve} finds, with its path. */
  void walk(Predicate<UrlPath> wanted, BiConsumer<UrlPath, Path> visitor) throws IOException {
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            boolean servable = directory.equals(root) || UrlPath.isServable(urlPath(directory));
            return servable ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            UrlPath path = new UrlPath(urlPath(file));
            if (UrlPath.isServable(path.decoded()) && wanted.test(path)) {
              resolve(path).ifPresent(real -> visitor.accept(path, real));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            LOG.debug("Not published: {}", e.toString());
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private String urlPath(Path file) {
    return "/" + root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "/");
  }
}
