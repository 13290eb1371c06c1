package io.swarmgate.backend.swarm.bt;

import bt.bencoding.BEType;
import bt.bencoding.model.BEObject;
import bt.bencoding.serializers.BEParser;
import bt.bencoding.types.BEInteger;
import bt.bencoding.types.BEMap;
import bt.bencoding.types.BEString;
import bt.metainfo.MetadataService;
import bt.metainfo.Torrent;
import bt.metainfo.TorrentFile;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** .torrent files through bt's metadata service and bencoding. */
public final class BtMetainfoCodec implements MetainfoCodec {
  private static final String SHA256_KEY = "sha256";
  private static final String SALT_KEY = "salt";

  private final MetadataService metadata = new MetadataService();

  @Override
  public Metainfo decode(byte[] encoded) throws InvalidMetainfoException {
    try {
      Torrent torrent = metadata.fromByteArray(encoded);
      if (torrent.getSource().getMetadata().isEmpty()) {
        throw new InvalidMetainfoException("metainfo: expected an info dictionary, got none");
      }
      PieceLayout layout =
          new PieceLayout(torrent.getSize(), Math.toIntExact(torrent.getChunkSize()));
      ByteArrayOutputStream hashes = new ByteArrayOutputStream();
      for (byte[] hash : torrent.getChunkHashes()) {
        hashes.writeBytes(hash);
      }
      return new Metainfo(
          InfoHash.of(torrent.getTorrentId().getBytes()),
          torrent.getName(),
          layout,
          hashes.toByteArray(),
          sha256(torrent.getSource().getExchangedMetadata()),
          torrent.isPrivate(),
          trackers(torrent),
          files(torrent),
          encoded);
    } catch (RuntimeException e) {
      throw new InvalidMetainfoException(
          "metainfo: expected a .torrent file (BEP 3), got "
              + encoded.length
              + " bytes: "
              + e.getMessage(),
          e);
    }
  }

  private static byte[] sha256(byte[] info) {
    try (BEParser parser = new BEParser(info)) {
      if (parser.readType() != BEType.MAP) {
        return new byte[0];
      }
      BEObject<?> value = parser.readMap().getValue().get(SHA256_KEY);
      return value instanceof BEString string && string.getValue().length == 32
          ? string.getValue()
          : new byte[0];
    }
  }

  private static List<String> trackers(Torrent torrent) {
    List<String> urls = new ArrayList<>();
    torrent
        .getAnnounceKey()
        .ifPresent(
            key -> {
              if (key.isMultiKey()) {
                key.getTrackerUrls().forEach(urls::addAll);
              } else {
                urls.add(key.getTrackerUrl());
              }
            });
    return urls;
  }

  private static List<Metainfo.FileEntry> files(Torrent torrent) {
    if (torrent.getFiles().isEmpty()) {
      return List.of(new Metainfo.FileEntry(torrent.getName(), new ByteSpan(0, torrent.getSize())));
    }
    List<Metainfo.FileEntry> files = new ArrayList<>();
    long start = 0;
    for (TorrentFile file : torrent.getFiles()) {
      ByteSpan span = new ByteSpan(start, start + file.getSize());
      files.add(new Metainfo.FileEntry(String.join("/", file.getPathElements()), span));
      start = span.end();
    }
    return files;
  }

  @Override
  public Metainfo encode(
      String name, PieceLayout layout, byte[] hashes, byte[] sha256, byte[] secret) {
    // Keys in bencoding's order; a TreeMap keeps it whatever the encoder does.
    Map<String, BEObject<?>> info = new TreeMap<>();
    info.put("length", integer(layout.length()));
    info.put("name", new BEString(name.getBytes(StandardCharsets.UTF_8)));
    info.put("piece length", integer(layout.pieceLength()));
    info.put("pieces", new BEString(hashes));
    info.put("private", integer(1));
    info.put(SHA256_KEY, new BEString(sha256));
    if (secret.length > 0) {
      info.put(SALT_KEY, new BEString(salt(secret, hashes)));
    }
    Map<String, BEObject<?>> root = new TreeMap<>();
    root.put("info", new BEMap(null, info));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new BEMap(null, root).writeTo(out);
      return decode(out.toByteArray());
    } catch (IOException | InvalidMetainfoException e) {
      throw new IllegalStateException("what we encoded does not decode", e);
    }
  }

  private static BEInteger integer(long value) {
    return new BEInteger(null, BigInteger.valueOf(value));
  }

  private static byte[] salt(byte[] secret, byte[] hashes) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update("v1".getBytes(StandardCharsets.US_ASCII));
      return mac.doFinal(hashes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
