package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.TorrentFacts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an edge writes down about a URL, so that a restart finds what it holds. The metainfo itself
 * lies in the piece store.
 *
 * @param key the URL's key
 * @param origin base URL of the origin that describes it
 * @param ours whether its metainfo was made here
 */
record EdgeNote(
    String key,
    Target target,
    TorrentFacts facts,
    Head head,
    String origin,
    boolean ours,
    Instant validated,
    Instant freshUntil) {
  private static final String FORMAT = "swarmgate-edge-3";

  static EdgeNote of(String key, TorrentFacts facts, Knowledge.Accelerated known) {
    return new EdgeNote(
        key,
        known.generation().target(),
        facts,
        known.head(),
        known.origin(),
        known.generation().isOurs(),
        known.validated(),
        known.freshUntil());
  }

  Knowledge.Accelerated knowledge(Generation generation) {
    return new Knowledge.Accelerated(
        generation, head, origin, validated, freshUntil, freshUntil, Terms.of(head::lines));
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(FORMAT);
      out.writeUTF(key);
      out.writeUTF(target.text());
      facts.write(out);
      out.writeUTF(origin);
      out.writeBoolean(ours);
      out.writeLong(validated.toEpochMilli());
      out.writeLong(freshUntil.toEpochMilli());
      out.writeLong(head.length());
      writeNullable(out, head.contentType());
      writeNullable(out, head.validator().etag());
      Instant modified = head.validator().lastModified();
      writeNullable(out, modified == null ? null : modified.toString());
      out.writeInt(head.fields().size());
      for (Field field : head.fields()) {
        out.writeUTF(field.name());
        out.writeUTF(field.value());
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if it is anything else
   */
  static EdgeNote decode(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      String format = in.readUTF();
      if (!format.equals(FORMAT)) {
        throw new IOException("expected " + FORMAT + ", got " + format);
      }
      String key = in.readUTF();
      Target target = new Target(in.readUTF());
      TorrentFacts facts = TorrentFacts.read(in);
      String origin = in.readUTF();
      boolean ours = in.readBoolean();
      Instant validated = Instant.ofEpochMilli(in.readLong());
      Instant freshUntil = Instant.ofEpochMilli(in.readLong());
      Head head = head(in);
      return new EdgeNote(key, target, facts, head, origin, ours, validated, freshUntil);
    } catch (RuntimeException e) {
      throw new IOException("expected an edge's note, got " + e, e);
    }
  }

  private static Head head(DataInputStream in) throws IOException {
    long length = in.readLong();
    String contentType = readNullable(in);
    String etag = readNullable(in);
    String modified = readNullable(in);
    List<Field> fields = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      fields.add(new Field(in.readUTF(), in.readUTF()));
    }
    Validator validator = new Validator(etag, modified == null ? null : Instant.parse(modified));
    return new Head(length, contentType, validator, fields);
  }

  private static void writeNullable(DataOutputStream out, @Nullable String text)
      throws IOException {
    out.writeBoolean(text != null);
    if (text != null) {
      out.writeUTF(text);
    }
  }

  private static @Nullable String readNullable(DataInputStream in) throws IOException {
    return in.readBoolean() ? in.readUTF() : null;
  }
}
