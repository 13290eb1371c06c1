package io.swarmgate.backend.catalog;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.MetainfoContent;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.store.FileContent;
import io.swarmgate.backend.store.GuardedFile;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A publisher's hashed file: served in place, with all that its hash lets us promise. */
record PublishedRepresentation(FileContent content, Validator validator, List<Field> fields)
    implements Representation {

  /** A file and what was found when it was hashed. */
  static PublishedRepresentation of(UrlPath path, GuardedFile file, TorrentFacts facts) {
    byte[] sha256 =
        facts.sha256().orElseThrow(() -> new IllegalStateException(facts + " carries no SHA-256"));
    FileContent content = new FileContent(file);
    String link = path.encoded() + SiteRequest.METAINFO_SUFFIX;
    return new PublishedRepresentation(
        content,
        new Validator(
            '"' + HexFormat.of().formatHex(sha256) + '"', content.validator().lastModified()),
        List.of(
            MetainfoContent.link(link),
            new Field(
                "Repr-Digest", "sha-256=:" + Base64.getEncoder().encodeToString(sha256) + ":")));
  }

  /** A file that isn't hashed yet. */
  static PublishedRepresentation unhashed(GuardedFile file) {
    FileContent content = new FileContent(file);
    return new PublishedRepresentation(
        content, content.validator(), List.of(MetainfoContent.PENDING));
  }

  @Override
  public long length() {
    return content.length();
  }

  @Override
  public @Nullable String contentType() {
    return content.contentType();
  }

  @Override
  public ContentReader reader() {
    return content.reader();
  }

  @Override
  public void close() {
    content.close();
  }
}
