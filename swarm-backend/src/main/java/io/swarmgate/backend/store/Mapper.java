package io.swarmgate.backend.store;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps files, and unmaps them as soon as the Java runtime allows: at once where it has arenas (from
 * 22 on), or else when the garbage collector finds a mapping unused. Thread-safe.
 */
abstract class Mapper {
  private static final Logger LOG = LoggerFactory.getLogger(Mapper.class);
  private static final int FIRST_WITH_ARENAS = 22;
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);
  private static final Mapper BEST = best();

  /**
   * A piece of a file in memory.
   *
   * @param buffer not to be used after {@code unmap}, nor may a view of it be
   * @param unmap called once, when nobody has a view any more
   */
  record Mapping(ByteBuffer buffer, Runnable unmap) {}

  /** The one that suits this Java runtime. */
  static Mapper get() {
    return BEST;
  }

  private static Mapper best() {
    if (Runtime.version().feature() >= FIRST_WITH_ARENAS) {
      try {
        return new ArenaMapper();
      } catch (ReflectiveOperationException e) {
        LOG.warn("Evicted files stay mapped until they are collected: {}", e.toString());
      }
    }
    return new CollectedMapper();
  }

  /** Whether a mapping is gone once it is unmapped, whatever the garbage collector does. */
  abstract boolean isPrompt();

  /**
   * Maps a part of a file for reading.
   *
   * @param unmapped run once, on any thread, when the mapping is gone; must not refer to the buffer
   */
  abstract Mapping map(FileChannel channel, long position, long size, Runnable unmapped)
      throws IOException;

  /** Before Java 22 only the garbage collector can unmap safely. */
  private static final class CollectedMapper extends Mapper {
    private static final Cleaner CLEANER = Cleaner.create();

    @Override
    boolean isPrompt() {
      return false;
    }

    @Override
    Mapping map(FileChannel channel, long position, long size, Runnable unmapped)
        throws IOException {
      MappedByteBuffer root = channel.map(MapMode.READ_ONLY, position, size);
      // We may be told before the runtime's own cleaner has unmapped it, but not long before.
      CLEANER.register(root, () -> LATER.execute(unmapped));
      return new Mapping(root, () -> {});
    }
  }

  /**
   * Maps into a shared {@code java.lang.foreign.Arena} each. A buffer that is used after its arena
   * was closed throws, where a pointer would crash. Reached by name, since this is compiled for
   * Java 17, which hasn't got it; it amounts to:
   *
   * <pre>{@code
   * Arena arena = Arena.ofShared();
   * ByteBuffer buffer = channel.map(MapMode.READ_ONLY, position, size, arena).asByteBuffer();
   * ... arena.close();
   * }</pre>
   */
  private static final class ArenaMapper extends Mapper {
    private final MethodHandle ofShared;
    private final MethodHandle close;
    private final MethodHandle map;
    private final MethodHandle asByteBuffer;

    ArenaMapper() throws ReflectiveOperationException {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> arena = Class.forName("java.lang.foreign.Arena");
      Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
      ofShared =
          lookup
              .findStatic(arena, "ofShared", MethodType.methodType(arena))
              .asType(MethodType.methodType(Object.class));
      close =
          lookup
              .findVirtual(arena, "close", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      map =
          lookup
              .findVirtual(
                  FileChannel.class,
                  "map",
                  MethodType.methodType(segment, MapMode.class, long.class, long.class, arena))
              .asType(
                  MethodType.methodType(
                      Object.class,
                      FileChannel.class,
                      MapMode.class,
                      long.class,
                      long.class,
                      Object.class));
      asByteBuffer =
          lookup
              .findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class))
              .asType(MethodType.methodType(ByteBuffer.class, Object.class));
    }

    @Override
    boolean isPrompt() {
      return true;
    }

    @Override
    Mapping map(FileChannel channel, long position, long size, Runnable unmapped)
        throws IOException {
      try {
        Object arena = (Object) ofShared.invokeExact();
        boolean mapped = false;
        try {
          Object segment =
              (Object) map.invokeExact(channel, MapMode.READ_ONLY, position, size, arena);
          ByteBuffer buffer = (ByteBuffer) asByteBuffer.invokeExact(segment);
          mapped = true;
          return new Mapping(buffer, () -> close(arena, unmapped));
        } finally {
          if (!mapped) {
            close.invokeExact(arena);
          }
        }
      } catch (IOException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    private void close(Object arena, Runnable unmapped) {
      try {
        close.invokeExact(arena);
      } catch (IllegalStateException e) {
        // A system call is using the memory: a write of a response that was aborted meanwhile.
        LATER.execute(() -> close(arena, unmapped));
        return;
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
      unmapped.run();
    }
  }
}
