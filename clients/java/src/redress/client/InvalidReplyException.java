package redress.client;

/**
 * The reply holds something that this version of the client cannot read, such as a step that it
 * does not know.
 */
public final class InvalidReplyException extends RedressException {
    private static final long serialVersionUID = 1;

    InvalidReplyException(String message) {
        super(message, null);
    }
}
