package redress.client;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import redress.v1.BatchDecideRequest;
import redress.v1.BatchItem;
import redress.v1.DecideRequest;
import redress.v1.DecisionServiceGrpc;
import redress.v1.DecisionServiceGrpc.DecisionServiceBlockingStub;
import redress.v1.GetPolicyRequest;
import redress.v1.ItemResult;
import redress.v1.ListOptionsRequest;
import redress.v1.ListOptionsResponse;
import redress.v1.ListPoliciesRequest;
import redress.v1.Policy;
import redress.v1.PolicyServiceGrpc;
import redress.v1.PolicyServiceGrpc.PolicyServiceBlockingStub;

/**
 * Calls the service; threads can share one client. Each of its calls throws a
 * {@link RedressException} where there is no answer.
 */
public final class Client implements AutoCloseable {
    private final Config config;
    private final ManagedChannel channel;
    private final DecisionServiceBlockingStub decisions;
    private final PolicyServiceBlockingStub policies;

    /**
     * Prepares a client that connects with its first call.
     *
     * @throws IllegalArgumentException the address is not one such as {@code http://localhost:50051}
     */
    public Client(String url, Config config) {
        this.config = config;
        var address = address(url);
        boolean secure = address.getScheme().equals("https");
        int port = address.getPort() >= 0 ? address.getPort() : secure ? 443 : 80;
        var credentials = secure ? config.tls() : InsecureChannelCredentials.create();
        var builder = Grpc.newChannelBuilderForAddress(address.getHost(), port, credentials)
                .maxInboundMessageSize(config.maxReplyBytes())
                // The client retries by itself.
                .disableRetry();
        config.serverName().ifPresent(builder::overrideAuthority);
        channel = builder.build();
        decisions = withToken(DecisionServiceGrpc.newBlockingStub(channel));
        policies = withToken(PolicyServiceGrpc.newBlockingStub(channel));
    }

    public Client(String url) {
        this(url, Config.defaults());
    }

    /** Ends the connection and all calls. */
    @Override
    public void close() {
        channel.shutdownNow();
    }

    /** Decides one request. A denial is an answer, not an error. */
    public Verdict decide(DecideRequest request) {
        return Verdict.of(call(decisions, stub -> stub.decide(request)).getVerdict());
    }

    /** Decides 1 to 200 requests at once, and returns a result for each, in their order. */
    public List<Result> batchDecide(List<DecideRequest> requests) {
        var batch = BatchDecideRequest.newBuilder();
        for (DecideRequest request : requests) {
            var id = String.valueOf(batch.getItemsCount());
            batch.addItems(BatchItem.newBuilder().setItemId(id).setDecide(request));
        }
        var reply = call(decisions, stub -> stub.batchDecide(batch.build()));
        if (reply.getResultsCount() != requests.size()) {
            throw new InvalidReplyException(
                    reply.getResultsCount() + " results for " + requests.size() + " requests");
        }
        return reply.getResultsList().stream().map(Client::result).toList();
    }

    private static Result result(ItemResult item) {
        return switch (item.getResultCase()) {
            case VERDICT -> new Result.Decided(Verdict.of(item.getVerdict()));
            case ERROR -> new Result.Failed(CallException.of(item.getError()));
            case RESULT_NOT_SET ->
                    throw new InvalidReplyException("item `" + item.getItemId() + "` has no result");
        };
    }

    /** Lists what is possible with an order at an instant. */
    public ListOptionsResponse listOptions(ListOptionsRequest request) {
        return call(decisions, stub -> stub.listOptions(request));
    }

    /** Lists the revisions of a policy, or of all with an empty id; each page is a call. */
    public List<Policy> listPolicies(String policy) {
        var listed = new ArrayList<Policy>();
        var request = ListPoliciesRequest.newBuilder().setPolicy(policy);
        do {
            var page = call(policies, stub -> stub.listPolicies(request.build()));
            listed.addAll(page.getPoliciesList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return listed;
    }

    /** Gets a revision with its clauses, by {@code policies/POLICY} or its full name. */
    public Policy getPolicy(String name) {
        var request = GetPolicyRequest.newBuilder().setName(name).build();
        return call(policies, stub -> stub.getPolicy(request)).getPolicy();
    }

    /** The channel, for the bare stubs, such as for {@code StreamDecide}. */
    public ManagedChannel channel() {
        return channel;
    }

    /**
     * Calls a method until it answers. Every call is pure, so that retries are safe. Only {@code
     * UNAVAILABLE} is retried, until the deadline.
     */
    private <S extends AbstractStub<S>, A> A call(S stub, Function<S, A> method) {
        long deadline = System.nanoTime() + config.timeout().toNanos();
        long bound = config.backoff().toNanos();
        CallException before = null;
        while (true) {
            try {
                long left = Math.max(deadline - System.nanoTime(), 1);
                return method.apply(stub.withDeadlineAfter(left, TimeUnit.NANOSECONDS));
            } catch (StatusRuntimeException ended) {
                var error = CallException.of(ended);
                // Why the attempt before failed says more than that a retry had too little time.
                if (before != null && error.code() == Status.Code.DEADLINE_EXCEEDED) {
                    throw before;
                }
                // At least what the server asks for, with jitter above that, so that callers that
                // were refused together do not come back together.
                long jitter = ThreadLocalRandom.current().nextLong(bound);
                long wait = nanos(error.retryDelay()) + jitter;
                if (error.code() != Status.Code.UNAVAILABLE || wait >= deadline - System.nanoTime()) {
                    throw error;
                }
                sleep(wait, error);
                before = error;
                bound = Math.min(bound * 2, config.maxBackoff().toNanos());
                // A server that was down is reconnected to within a few retries.
                channel.resetConnectBackoff();
            }
        }
    }

    /** Returns a duration, of which a century is no less than for ever. */
    private static long nanos(Duration duration) {
        return TimeUnit.SECONDS.toNanos(Math.min(duration.getSeconds(), 3_000_000_000L))
                + duration.getNano();
    }

    /** Waits; a thread that is interrupted gets the error, and stays interrupted. */
    private static void sleep(long nanos, CallException error) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw error;
        }
    }

    private <S extends AbstractStub<S>> S withToken(S stub) {
        if (config.token().isEmpty()) {
            return stub;
        }
        var headers = new Metadata();
        var name = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
        headers.put(name, "Bearer " + config.token().get());
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static URI address(String url) {
        var wrong = new IllegalArgumentException(
                "`" + url + "` is not an address such as `http://localhost:50051`");
        URI read;
        try {
            read = URI.create(url);
        } catch (IllegalArgumentException error) {
            throw wrong;
        }
        boolean isHttp = "http".equals(read.getScheme()) || "https".equals(read.getScheme());
        boolean hasMore = read.getUserInfo() != null || read.getQuery() != null
                || read.getFragment() != null || !("".equals(read.getPath()) || "/".equals(read.getPath()));
        if (!isHttp || read.getHost() == null || hasMore) {
            throw wrong;
        }
        return read;
    }
}
