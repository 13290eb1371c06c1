package io.swarmgate.backend.swarm.bt;

import bt.bencoding.BEType;
import bt.bencoding.model.BEObject;
import bt.bencoding.serializers.BEParser;
import bt.bencoding.types.BEInteger;
import bt.bencoding.types.BEMap;
import bt.bencoding.types.BEString;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a bencoded dictionary (BEP 3) that a peer sent, through bt's parser. */
public final class Bencoding {
  private Bencoding() {}

  /**
   * Returns a dictionary's integers, strings and dictionaries: {@code Long}, {@code String} (one
   * char for each byte) and {@code Map}. Lists, and integers that are no {@code long}, are left
   * out.
   *
   * @param encoded not more than a few KiB: nesting costs stack
   * @throws IllegalArgumentException if it isn't one
   */
  public static Map<String, Object> dictionary(byte[] encoded) {
    try (BEParser parser = new BEParser(encoded)) {
      if (parser.readType() != BEType.MAP) {
        throw new IllegalArgumentException("expected a bencoded dictionary, got something else");
      }
      return plain(parser.readMap());
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("expected a bencoded dictionary: " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> plain(BEMap map) {
    Map<String, Object> all = new HashMap<>();
    map.getValue()
        .forEach(
            (key, value) -> {
              Object plain = plain(value);
              if (plain != null) {
                all.put(key, plain);
              }
            });
    return all;
  }

  private static @Nullable Object plain(BEObject<?> value) {
    if (value instanceof BEInteger integer) {
      BigInteger number = new BigInteger(integer.getValue().toString());
      return number.bitLength() < Long.SIZE ? number.longValue() : null;
    } else if (value instanceof BEString string) {
      return new String(string.getValue(), StandardCharsets.ISO_8859_1);
    } else if (value instanceof BEMap map) {
      return plain(map);
    }
    return null;
  }
}
