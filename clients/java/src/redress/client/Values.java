package redress.client;

import com.google.protobuf.Timestamp;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Pattern;
import redress.v1.Answer;
import redress.v1.EventTime;
import redress.v1.Happened;
import redress.v1.NotYet;

/**
 * Conversions between values of the contract and types of Java. What is absent is unknown: never
 * zero, and never a no.
 */
public final class Values {
    private static final Pattern PLAIN = Pattern.compile("[0-9]+(\\.[0-9]+)?");

    private Values() {}

    /**
     * Writes an amount.
     *
     * @throws IllegalArgumentException it is below zero
     */
    public static String amount(BigDecimal value) {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("`" + value + "` is below zero");
        }
        return value.toPlainString();
    }

    /**
     * Reads an amount, exactly; the empty text is empty: unknown, or not known yet.
     *
     * @throws InvalidReplyException it is not a decimal
     */
    public static Optional<BigDecimal> parseAmount(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!PLAIN.matcher(text).matches()) {
            throw new InvalidReplyException("`" + text + "` is not a decimal");
        }
        return Optional.of(new BigDecimal(text));
    }

    /** Writes an instant. */
    public static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /**
     * Reads an instant.
     *
     * @throws InvalidReplyException it is none
     */
    public static Instant instant(Timestamp written) {
        try {
            return Instant.ofEpochSecond(written.getSeconds(), written.getNanos());
        } catch (DateTimeException | ArithmeticException error) {
            throw new InvalidReplyException("the instant is outside the calendar");
        }
    }

    /** Writes what is known to be so, or not to be so. What is unknown is left unset. */
    public static Answer answer(boolean known) {
        return known ? Answer.ANSWER_YES : Answer.ANSWER_NO;
    }

    /** Says that an event happened at an instant. */
    public static EventTime at(Instant instant) {
        return EventTime.newBuilder().setTime(timestamp(instant)).build();
    }

    /** Says that an event happened on a day, in the zone of the policy; the hour is unknown. */
    public static EventTime on(LocalDate day) {
        return EventTime.newBuilder().setDate(day.toString()).build();
    }

    /**
     * Says that an event has not happened. One of which nothing is known is left unset instead.
     */
    public static EventTime notYet() {
        return EventTime.newBuilder().setNotYet(NotYet.getDefaultInstance()).build();
    }

    /** Says that an event has happened, and that nobody can tell when. */
    public static EventTime happened() {
        return EventTime.newBuilder().setHappened(Happened.getDefaultInstance()).build();
    }
}
