package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.Secret;
import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.HexDigests;
import io.swarmgate.backend.site.Sidecars;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.system.FileGuard;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The metainfo of a site's files, kept on disk so that a restart needn't hash them again. */
final class MetainfoCache {
  private static final Logger LOG = LoggerFactory.getLogger(MetainfoCache.class);
  private static final String FORMAT = "swarmgate-published-2";

  private static final String HALF = "swarmgate-half-hashed-1";
  private static final int SHA256_LENGTH = 32;

  /** Bytes that everything before the metainfo itself fits in. */
  private static final int HEAD = 4 << 10;

  private final Sidecars sidecars;
  private final MetainfoCodec codec;
  private final String site;

  /** Tells metainfo apart that was salted with another secret. */
  private final String salt;

  MetainfoCache(Sidecars sidecars, MetainfoCodec codec, String site, Secret secret) {
    this.sidecars = sidecars;
    this.codec = codec;
    this.site = site;
    this.salt = secret.isEmpty() ? "" : HexDigests.hmac(secret, FORMAT);
  }

  /** The facts of a file that still looks the same; empty if it has to be hashed. */
  Optional<TorrentFacts> find(UrlPath path, FileGuard guard) {
    return sidecars
        .readHead(key(path), HEAD)
        .flatMap(bytes -> read(path, guard, bytes, (facts, in) -> facts));
  }

  /** Loads the metainfo whose facts were found or kept; empty if it is gone or damaged. */
  Optional<Metainfo> load(UrlPath path, FileGuard guard, TorrentFacts facts) {
    return sidecars
        .read(key(path))
        .flatMap(bytes -> read(path, guard, bytes, (found, in) -> codec.decode(in.readAllBytes())))
        .filter(metainfo -> metainfo.infoHash().equals(facts.infoHash()));
  }

  @FunctionalInterface
  private interface Rest<T> {
    T read(TorrentFacts facts, DataInputStream in) throws IOException, InvalidMetainfoException;
  }

  private <T> Optional<T> read(UrlPath path, FileGuard guard, byte[] bytes, Rest<T> rest) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      boolean same =
          in.readUTF().equals(FORMAT)
              && in.readUTF().equals(salt)
              && in.readUTF().equals(guard.toString());
      return same ? Optional.of(rest.read(TorrentFacts.read(in), in)) : Optional.empty();
    } catch (IOException | InvalidMetainfoException e) {
      LOG.warn("Hashing {} again, its kept metainfo is unreadable: {}", path, e.toString());
      return Optional.empty();
    }
  }

  /** Returns whether it can be loaded from here on. */
  boolean keep(UrlPath path, FileGuard guard, Metainfo metainfo) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(FORMAT);
      out.writeUTF(salt);
      // Only ever compared, so the text does.
      out.writeUTF(guard.toString());
      TorrentFacts.of(metainfo).write(out);
      out.write(metainfo.encoded());
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    sidecars.delete(halfKey(path));
    return sidecars.write(key(path), bytes.toByteArray());
  }

  /** How far the hashing of a file that still looks the same had come: see {@link #keepHalf}. */
  byte[] findHalf(UrlPath path, FileGuard guard) {
    Optional<byte[]> kept = sidecars.read(halfKey(path)).filter(MetainfoCache::isWhole);
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(kept.orElse(new byte[SHA256_LENGTH])))) {
      boolean same =
          kept.isPresent() && in.readUTF().equals(HALF) && in.readUTF().equals(guard.toString());
      return same ? in.readNBytes(in.available() - SHA256_LENGTH) : new byte[0];
    } catch (IOException e) {
      LOG.warn("Hashing {} from its beginning: {}", path, e.toString());
      return new byte[0];
    }
  }

  /** A record that a crash has left with holes would make wrong metainfo, so it has a checksum. */
  private static boolean isWhole(byte[] bytes) {
    int end = bytes.length - SHA256_LENGTH;
    return end > 0
        && Arrays.equals(
            Digests.sha256().digest(Arrays.copyOf(bytes, end)),
            Arrays.copyOfRange(bytes, end, bytes.length));
  }

  /**
   * Keeps the SHA-1s of a file's first pieces, until it is hashed.
   *
   * @param hashes 20 bytes each
   */
  void keepHalf(UrlPath path, FileGuard guard, byte[] hashes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(HALF);
      out.writeUTF(guard.toString());
      out.write(hashes);
      out.write(Digests.sha256().digest(bytes.toByteArray()));
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    boolean unused = sidecars.write(halfKey(path), bytes.toByteArray());
  }

  void forget(UrlPath path) {
    sidecars.delete(key(path));
    sidecars.delete(halfKey(path));
  }

  private String key(UrlPath path) {
    return site + "\n" + path;
  }

  private String halfKey(UrlPath path) {
    return key(path) + "\nhalf";
  }
}
