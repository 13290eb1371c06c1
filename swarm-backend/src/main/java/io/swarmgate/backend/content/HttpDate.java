package io.swarmgate.backend.content;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * HTTP-date, a point in time to the second (RFC 9110 section 5.6.7). Written as IMF-fixdate; the
 * two obsolete forms are still read.
 */
public final class HttpDate {
  private static final String TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";
  private static final String MONTH = "(?<month>[A-Z][a-z][a-z])";

  /** IMF-fixdate, rfc850-date and asctime-date, as in {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
  private static final List<Pattern> FORMS =
      List.of(
          Pattern.compile(
              "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) "
                  + MONTH
                  + " (?<year>\\d{4}) "
                  + TIME
                  + " GMT"),
          Pattern.compile(
              "(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-"
                  + MONTH
                  + "-(?<year>\\d\\d) "
                  + TIME
                  + " GMT"),
          Pattern.compile(
              "(Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
                  + MONTH
                  + " (?<day>[ \\d]\\d) "
                  + TIME
                  + " (?<year>\\d{4})"));

  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

  private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");

  /** What was written last: the date of a file that many responses in a row are of. */
  private static volatile Written last = new Written(Instant.EPOCH, write(Instant.EPOCH));

  /** A date and how it is written. */
  private record Written(Instant date, String text) {}

  private HttpDate() {}

  /** Writes an IMF-fixdate, which has years from 0 to 9999. Fractions of the second are dropped. */
  public static String format(Instant date) {
    Written known = last;
    if (known.date().equals(date)) {
      return known.text();
    }
    String text = write(date);
    last = new Written(date, text);
    return text;
  }

  private static String write(Instant date) {
    OffsetDateTime utc = date.atOffset(ZoneOffset.UTC);
    // By hand, since each response has one: a DateTimeFormatter took 3 % of a small range's time.
    StringBuilder text = new StringBuilder(29);
    text.append(DAYS.get(utc.getDayOfWeek().ordinal())).append(", ");
    appendTwo(text, utc.getDayOfMonth()).append(' ');
    text.append(MONTHS.get(utc.getMonthValue() - 1)).append(' ');
    appendTwo(text, utc.getYear() / 100);
    appendTwo(text, utc.getYear() % 100).append(' ');
    appendTwo(text, utc.getHour()).append(':');
    appendTwo(text, utc.getMinute()).append(':');
    return appendTwo(text, utc.getSecond()).append(" GMT").toString();
  }

  private static StringBuilder appendTwo(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  /**
   * Reads a date in any of the three forms; null if it is none. The day of the week isn't compared
   * with the date.
   *
   * @param now what a two-digit year is measured against: over 50 years ahead means the past
   */
  public static @Nullable Instant parse(String text, Instant now) {
    for (Pattern form : FORMS) {
      Matcher matcher = form.matcher(text);
      if (matcher.matches()) {
        return toInstant(matcher, now);
      }
    }
    return null;
  }

  private static @Nullable Instant toInstant(Matcher date, Instant now) {
    int month = MONTHS.indexOf(date.group("month")) + 1;
    int day = Integer.parseInt(date.group("day").strip());
    int second = Integer.parseInt(date.group("second"));
    try {
      // A leap second is allowed by the grammar; it has no Instant but that of the next second.
      int leap = second == 60 ? 1 : 0;
      LocalTime time =
          LocalTime.of(
              Integer.parseInt(date.group("hour")),
              Integer.parseInt(date.group("minute")),
              second - leap);
      String digits = date.group("year");
      int year = Integer.parseInt(digits);
      if (digits.length() == 2) {
        year = fullYear(year, month, day, time, now);
      }
      return at(year, month, day, time).plusSeconds(leap);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static int fullYear(int twoDigits, int month, int day, LocalTime time, Instant now) {
    int thisYear = now.atOffset(ZoneOffset.UTC).getYear();
    int year = thisYear - Math.floorMod(thisYear, 100) + twoDigits;
    Instant limit = now.atOffset(ZoneOffset.UTC).plusYears(50).toInstant();
    return at(year, month, day, time).isAfter(limit) ? year - 100 : year;
  }

  private static Instant at(int year, int month, int day, LocalTime time) {
    return LocalDate.of(year, month, day).atTime(time).toInstant(ZoneOffset.UTC);
  }
}
