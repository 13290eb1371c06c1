package io.swarmgate.backend.metainfo;

/** Reads and writes .torrent files. Stateless and thread-safe. */
public interface MetainfoCodec {
  /**
   * Decodes a .torrent file. The info-hash is taken over the info dictionary's bytes as they came.
   *
   * @throws InvalidMetainfoException if {@code encoded} is not one, with what was expected and what
   *     came
   */
  Metainfo decode(byte[] encoded) throws InvalidMetainfoException;

  /**
   * Encodes the metainfo of one private file (BEP 27).
   *
   * @param name the file's name
   * @param layout how the file divides into pieces
   * @param hashes the pieces' SHA-1s, 20 bytes each
   * @param sha256 the file's SHA-256, 32 bytes
   * @param secret salts the info dictionary so that the info-hash can't be guessed from the
   *     content; empty for an open swarm. The salt depends on secret and pieces alone, so that
   *     every publisher of the same content makes the same info-hash.
   */
  Metainfo encode(String name, PieceLayout layout, byte[] hashes, byte[] sha256, byte[] secret);
}
