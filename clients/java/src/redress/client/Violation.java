package redress.client;

/**
 * One thing that is wrong with a request.
 *
 * @param field path, such as {@code order.lines[2].quantity}
 * @param reason what is wrong, a name of {@code redress.v1.ErrorReason}
 * @param description what is wrong and how to mend it, for people, in English
 */
public record Violation(String field, String reason, String description) {}
