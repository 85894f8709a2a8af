package redress.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import redress.client.detail.BadRequest;
import redress.client.detail.ErrorInfo;
import redress.client.detail.RetryInfo;
import redress.v1.ErrorReason;
import redress.v1.ItemError;

/**
 * The call failed, or the server refused it. The message has the violations, a line each; without
 * any, what the server said.
 */
public final class CallException extends RedressException {
    private static final long serialVersionUID = 1;

    /** The domain of every reason that the service gives. */
    private static final String DOMAIN = "redress.v1";

    /** The longest wait that the contract's type of a duration knows: ten thousand years. */
    private static final long MOST_SECONDS = 315_576_000_000L;

    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private final Status.Code code;
    private final String reason;
    private final transient Map<String, String> metadata;
    private final transient List<Violation> violations;
    private final Duration retryDelay;

    private CallException(
            Status.Code code,
            String said,
            ErrorInfo info,
            List<Violation> violations,
            Duration retryDelay,
            Throwable cause) {
        super(violations.isEmpty() ? said : lines(violations), cause);
        this.code = code;
        this.reason = info.getReason();
        this.metadata = info.getMetadataMap();
        this.violations = violations;
        this.retryDelay = retryDelay;
    }

    private static String lines(List<Violation> violations) {
        return violations.stream()
                .map(one -> one.field() + ": " + one.description())
                .collect(Collectors.joining("\n"));
    }

    /**
     * {@code INVALID_ARGUMENT}: the request has mistakes. {@code NOT_FOUND}: there is no such
     * policy or revision. {@code UNAUTHENTICATED}: the token or certificate is not known. {@code
     * UNAVAILABLE}: the server cannot be reached or has too much to do, and the deadline leaves no
     * time for a retry. The items of a batch have the code that the request alone would have got,
     * or {@code UNKNOWN}.
     */
    public Status.Code code() {
        return code;
    }

    /** A name of {@code redress.v1.ErrorReason}; empty: none was given. */
    public String reason() {
        return reason;
    }

    /** What belongs to the reason, such as {@code policy} or {@code limit}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All that is wrong with the request. A long list is cut: {@code metadata} has its count. */
    public List<Violation> violations() {
        return violations;
    }

    /** How long the server asks to wait; zero: it does not say. */
    public Duration retryDelay() {
        return retryDelay;
    }

    /** Reads what a call ended with, with the details that it carries. */
    static CallException of(StatusRuntimeException ended) {
        var info = ErrorInfo.getDefaultInstance();
        var bad = BadRequest.getDefaultInstance();
        var retry = RetryInfo.getDefaultInstance();
        for (Any packed : details(ended.getTrailers())) {
            info = unpack(packed, "ErrorInfo", ErrorInfo.parser())
                    .filter(read -> read.getDomain().equals(DOMAIN)).orElse(info);
            bad = unpack(packed, "BadRequest", BadRequest.parser()).orElse(bad);
            retry = unpack(packed, "RetryInfo", RetryInfo.parser()).orElse(retry);
        }
        var delay = retry.getRetryDelay();
        long seconds = Math.max(0, Math.min(delay.getSeconds(), MOST_SECONDS));
        var said = ended.getStatus().getDescription();
        return new CallException(
                ended.getStatus().getCode(),
                said == null ? ended.getStatus().getCode().name() : said,
                info,
                bad.getFieldViolationsList().stream()
                        .map(v -> new Violation(v.getField(), v.getReason(), v.getDescription()))
                        .toList(),
                Duration.ofSeconds(seconds, delay.getNanos()),
                ended);
    }

    /** Reads why one item of a batch got no verdict. */
    static CallException of(ItemError item) {
        var code = switch (item.getReason()) {
            case ERROR_REASON_INVALID_REQUEST -> Status.Code.INVALID_ARGUMENT;
            case ERROR_REASON_POLICY_NOT_FOUND, ERROR_REASON_REVISION_NOT_FOUND ->
                    Status.Code.NOT_FOUND;
            default -> Status.Code.UNKNOWN;
        };
        var reason = name(item.getReason(), item.getReasonValue());
        return new CallException(
                code,
                item.getMessage(),
                ErrorInfo.newBuilder().setReason(reason).build(),
                item.getViolationsList().stream()
                        .map(v -> new Violation(
                                v.getField(),
                                name(v.getReason(), v.getReasonValue()),
                                v.getDescription()))
                        .toList(),
                Duration.ZERO,
                null);
    }

    /** Returns the name of a reason; of one that this version does not know, its number. */
    private static String name(ErrorReason reason, int number) {
        return reason == ErrorReason.UNRECOGNIZED ? String.valueOf(number) : reason.name();
    }

    private static List<Any> details(Metadata trailers) {
        byte[] written = trailers == null ? null : trailers.get(DETAILS);
        try {
            return written == null
                    ? List.of()
                    : redress.client.detail.Status.parseFrom(written).getDetailsList();
        } catch (InvalidProtocolBufferException error) {
            // What a proxy put there is not ours to read.
            return List.of();
        }
    }

    private static <M extends Message> Optional<M> unpack(Any packed, String name, Parser<M> parser) {
        if (!packed.getTypeUrl().endsWith("/google.rpc." + name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.parseFrom(packed.getValue()));
        } catch (InvalidProtocolBufferException error) {
            return Optional.empty();
        }
    }
}
