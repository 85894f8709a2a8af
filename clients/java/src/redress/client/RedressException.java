package redress.client;

/** There is no answer. */
public abstract sealed class RedressException extends RuntimeException
        permits CallException, InvalidReplyException {
    private static final long serialVersionUID = 1;

    RedressException(String message, Throwable cause) {
        super(message, cause);
    }
}
