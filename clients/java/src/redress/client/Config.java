package redress.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.time.Duration;
import java.util.Optional;

/**
 * Sets deadline, retries and credentials of a client.
 *
 * @param timeout how long one call may take, retries included; the server is told
 * @param backoff the longest wait before the first retry; it doubles with each further one
 * @param maxBackoff what it doubles up to
 * @param maxReplyBytes bytes of the largest reply that is accepted; a full batch at full view fits
 * @param token the token to carry; without TLS, whoever reads along knows it
 * @param tls how the server of an {@code https} address is trusted, and the certificate to show
 * @param serverName the name to expect in the server's certificate; empty: that of the address
 */
public record Config(
        Duration timeout,
        Duration backoff,
        Duration maxBackoff,
        int maxReplyBytes,
        Optional<String> token,
        ChannelCredentials tls,
        Optional<String> serverName) {

    public Config {
        if (!isPositive(timeout) || !isPositive(backoff) || maxBackoff.compareTo(backoff) < 0) {
            throw new IllegalArgumentException(
                    "`timeout` and `backoff` must be above zero, and `maxBackoff` not below `backoff`");
        }
        if (maxReplyBytes <= 0) {
            throw new IllegalArgumentException("`maxReplyBytes` must be above zero");
        }
        if (token.isPresent() && !token.get().matches("[!-~]+")) {
            throw new IllegalArgumentException("`token` must be visible ASCII without spaces");
        }
    }

    /** What holds unless it is set: 10 seconds for a call, and the authorities of Java. */
    public static Config defaults() {
        return new Config(
                Duration.ofSeconds(10),
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                32 * 1024 * 1024,
                Optional.empty(),
                TlsChannelCredentials.create(),
                Optional.empty());
    }

    public Config withTimeout(Duration timeout) {
        return new Config(timeout, backoff, maxBackoff, maxReplyBytes, token, tls, serverName);
    }

    public Config withBackoff(Duration first, Duration longest) {
        return new Config(timeout, first, longest, maxReplyBytes, token, tls, serverName);
    }

    public Config withMaxReplyBytes(int limit) {
        return new Config(timeout, backoff, maxBackoff, limit, token, tls, serverName);
    }

    public Config withToken(String token) {
        return new Config(
                timeout, backoff, maxBackoff, maxReplyBytes, Optional.of(token), tls, serverName);
    }

    public Config withTls(ChannelCredentials tls) {
        return new Config(timeout, backoff, maxBackoff, maxReplyBytes, token, tls, serverName);
    }

    public Config withServerName(String name) {
        return new Config(
                timeout, backoff, maxBackoff, maxReplyBytes, token, tls, Optional.of(name));
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "Config[timeout=" + timeout + ", backoff=" + backoff + ", maxBackoff=" + maxBackoff
                + ", maxReplyBytes=" + maxReplyBytes + ", serverName=" + serverName + "]";
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isZero() && !duration.isNegative();
    }
}
