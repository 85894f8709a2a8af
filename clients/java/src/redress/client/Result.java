package redress.client;

/** The answer to one request of a batch: a verdict, or why there is none. */
public sealed interface Result {
    /** A verdict. */
    record Decided(Verdict verdict) implements Result {}

    /** Why there is none. */
    record Failed(CallException error) implements Result {}
}
