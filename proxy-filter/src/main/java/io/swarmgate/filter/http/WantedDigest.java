package io.swarmgate.filter.http;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client wants of digests: Want-Repr-Digest, a dictionary of algorithms and preferences (RFC
 * 9530 section 4). We have one digest and send it unasked, so only its refusal matters.
 */
final class WantedDigest {
  private static final String OURS = "sha-256";

  /** A key and an integer, the only kind of member defined (RFC 8941 sections 3.1.2 and 3.3.1). */
  private static final Pattern MEMBER =
      Pattern.compile("(?<key>[a-z*][a-z0-9_.*-]*)=(?<preference>-?\\d{1,15})");

  private WantedDigest() {}

  /**
   * Whether our digest may be sent. A field that is malformed anywhere is ignored as a whole.
   *
   * @param lines of the field
   */
  static boolean accepts(List<String> lines) {
    if (lines.isEmpty()) {
      return true;
    }
    boolean refused = false;
    for (String member : String.join(",", lines).split(",", -1)) {
      Matcher matcher = MEMBER.matcher(member.strip());
      if (!matcher.matches()) {
        return true;
      }
      // The last of members with the same key counts.
      if (matcher.group("key").equals(OURS)) {
        refused = Long.parseLong(matcher.group("preference")) == 0;
      }
    }
    return !refused;
  }
}
