package redress.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import redress.client.detail.ErrorInfo;
import redress.client.detail.RetryInfo;
import redress.v1.BatchDecideRequest;
import redress.v1.BatchDecideResponse;
import redress.v1.DecideRequest;
import redress.v1.DecideResponse;
import redress.v1.DecisionServiceGrpc;
import redress.v1.ItemResult;

/** When calls are retried, and when they end. */
class RetriesTest {
    /** What a fake server does with one call: it refuses, or it answers with a verdict. */
    record Answer(Status.Code code, long retrySeconds, String domain, redress.v1.Verdict verdict) {
        static Answer refuse(Status.Code code) {
            return new Answer(code, 0, "redress.v1", null);
        }

        static Answer with(redress.v1.Verdict.Builder verdict) {
            return new Answer(Status.Code.OK, 0, "", verdict.build());
        }
    }

    private static final Answer UNAVAILABLE = Answer.refuse(Status.Code.UNAVAILABLE);
    private static final Answer PAY = Answer.with(pay());

    private static redress.v1.Verdict.Builder pay() {
        return redress.v1.Verdict.newBuilder()
                .setOutcome(redress.v1.Outcome.OUTCOME_APPROVED)
                .setNextStep(redress.v1.NextStep.NEXT_STEP_PAY)
                .setPayableNowTotal("59.00");
    }

    /** A server that answers each call with the next of its answers, and the last for ever. */
    static final class Fake extends DecisionServiceGrpc.DecisionServiceImplBase
            implements AutoCloseable, ServerInterceptor {
        final List<Long> times = Collections.synchronizedList(new ArrayList<>());
        final List<Long> left = Collections.synchronizedList(new ArrayList<>());
        final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
        private final List<Answer> answers;
        private final long delayMillis;
        private final io.grpc.Server server;

        Fake(int port, long delayMillis, Answer... answers) throws IOException {
            this.answers = List.of(answers);
            this.delayMillis = delayMillis;
            server = Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
                    .addService(this).intercept(this).build().start();
        }

        Fake(Answer... answers) throws IOException {
            this(0, 0, answers);
        }

        String url() {
            return "http://127.0.0.1:" + server.getPort();
        }

        @Override
        public void close() {
            server.shutdownNow();
        }

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            var name = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
            tokens.add(String.valueOf(headers.get(name)));
            return next.startCall(call, headers);
        }

        @Override
        public void decide(DecideRequest request, StreamObserver<DecideResponse> reply) {
            times.add(System.nanoTime());
            left.add(Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS));
            try {
                Thread.sleep(delayMillis);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
            var answer = answers.get(Math.min(times.size(), answers.size()) - 1);
            if (answer.code() != Status.Code.OK) {
                reply.onError(answer.code().toStatus().withDescription("no")
                        .asRuntimeException(details(answer)));
                return;
            }
            reply.onNext(DecideResponse.newBuilder().setVerdict(answer.verdict()).build());
            reply.onCompleted();
        }

        @Override
        public void batchDecide(
                BatchDecideRequest request, StreamObserver<BatchDecideResponse> reply) {
            var result = ItemResult.newBuilder().setItemId("0");
            reply.onNext(BatchDecideResponse.newBuilder().addResults(result).build());
            reply.onCompleted();
        }

        private static Metadata details(Answer answer) {
            var status = redress.client.detail.Status.newBuilder()
                    .addDetails(pack("ErrorInfo", ErrorInfo.newBuilder()
                            .setReason("ERROR_REASON_OVERLOADED")
                            .setDomain(answer.domain())
                            .putMetadata("limit", "1024").build()))
                    .addDetails(pack("RetryInfo", RetryInfo.newBuilder()
                            .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                                    .setSeconds(answer.retrySeconds())).build()));
            var trailers = new Metadata();
            trailers.put(
                    Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
                    status.build().toByteArray());
            return trailers;
        }

        private static Any pack(String name, MessageLite message) {
            return Any.newBuilder().setTypeUrl("type.googleapis.com/google.rpc." + name)
                    .setValue(message.toByteString()).build();
        }
    }

    private static Config quick(long millis) {
        return Config.defaults().withTimeout(Duration.ofMillis(millis))
                .withBackoff(Duration.ofMillis(10), Duration.ofMillis(50));
    }

    private static Verdict ask(String url, Config config) {
        try (var client = new Client(url, config)) {
            return client.decide(DecideRequest.getDefaultInstance());
        }
    }

    private static CallException failed(String url, long millis) {
        return assertThrows(CallException.class, () -> ask(url, quick(millis)));
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    @Test
    void unavailableIsRetried() throws IOException {
        try (var fake = new Fake(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, PAY)) {
            assertEquals(NextStep.PAY, ask(fake.url(), quick(10_000)).nextStep());
            assertEquals(5, fake.times.size());
        }
    }

    @Test
    void nothingElseIsRetried() throws IOException {
        for (var code : List.of(Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED,
                Status.Code.INTERNAL, Status.Code.UNAUTHENTICATED)) {
            try (var fake = new Fake(Answer.refuse(code), PAY)) {
                assertEquals(code, failed(fake.url(), 10_000).code());
                assertEquals(1, fake.times.size());
            }
        }
    }

    @Test
    void retriesWaitAsLongAsTheServerAsks() throws IOException {
        var slow = new Answer(Status.Code.UNAVAILABLE, 1, "redress.v1", null);
        try (var fake = new Fake(slow, slow, PAY)) {
            ask(fake.url(), quick(10_000));
            assertEquals(3, fake.times.size());
            for (int index = 1; index < 3; index++) {
                assertTrue(fake.times.get(index) - fake.times.get(index - 1) >= 1_000_000_000L);
            }
            // The server is told what is left.
            assertTrue(fake.left.get(0) > 8_000 && fake.left.get(0) <= 10_500, "" + fake.left);
            assertTrue(fake.left.get(1) < fake.left.get(0) - 500, "" + fake.left);
        }
    }

    @Test
    void noRetryWaitsBeyondTheDeadline() throws IOException {
        for (long asked : List.of(60L, 300_000_000_000L, Long.MAX_VALUE)) {
            var slow = new Answer(Status.Code.UNAVAILABLE, asked, "redress.v1", null);
            try (var fake = new Fake(slow, PAY)) {
                long began = System.nanoTime();
                var error = failed(fake.url(), 5_000);
                assertTrue(millisSince(began) < 4_000);
                assertEquals(1, fake.times.size());
                assertEquals(Status.Code.UNAVAILABLE, error.code());
                assertEquals("ERROR_REASON_OVERLOADED", error.reason());
                assertEquals("1024", error.metadata().get("limit"));
                assertEquals(
                        Duration.ofSeconds(Math.min(asked, 315_576_000_000L)), error.retryDelay());
            }
        }
    }

    @Test
    void retriesEndWithTheDeadline() throws IOException {
        try (var fake = new Fake(UNAVAILABLE)) {
            long began = System.nanoTime();
            // Also where the deadline ends the last attempt.
            assertEquals(Status.Code.UNAVAILABLE, failed(fake.url(), 1_000).code());
            assertTrue(millisSince(began) < 3_000);
            assertTrue(fake.times.size() > 3, "" + fake.times.size());
        }
    }

    @Test
    void aCallWithoutAnAnswerEndsWithTheDeadline() throws IOException {
        try (var fake = new Fake(0, 2_000, PAY)) {
            long began = System.nanoTime();
            assertEquals(Status.Code.DEADLINE_EXCEEDED, failed(fake.url(), 300).code());
            assertTrue(millisSince(began) < 1_500);
        }
    }

    @Test
    void aServerThatStartsLateIsReached() throws Exception {
        int port;
        try (var taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
        }
        var late = new Fake[1];
        var starts = new Thread(() -> {
            try {
                Thread.sleep(500);
                late[0] = new Fake(port, 0, PAY);
            } catch (IOException | InterruptedException error) {
                throw new IllegalStateException(error);
            }
        });
        starts.start();
        assertEquals(NextStep.PAY, ask("http://127.0.0.1:" + port, quick(8_000)).nextStep());
        starts.join();
        late[0].close();
    }

    @Test
    void whereNobodyListensTheServerIsUnavailable() {
        assertEquals(Status.Code.UNAVAILABLE, failed("http://127.0.0.1:1", 1_500).code());
    }

    @Test
    void aReasonOfSomebodyElseIsNotOurs() throws IOException {
        try (var fake = new Fake(new Answer(Status.Code.INTERNAL, 0, "proxy.example", null))) {
            var error = failed(fake.url(), 10_000);
            assertEquals("", error.reason());
            assertTrue(error.metadata().isEmpty());
        }
    }

    @Test
    void whatCannotBeReadIsNotActedOn() throws IOException {
        var settlement = redress.v1.Settlement.newBuilder().setRefundTotal("-1.00");
        for (var strange : List.of(
                pay().clearNextStep(), pay().setNextStepValue(99),
                pay().addRows(redress.v1.Row.getDefaultInstance()),
                pay().setPayableNowTotal("1e3"), pay().setSettlement(settlement))) {
            try (var fake = new Fake(Answer.with(strange))) {
                assertThrows(InvalidReplyException.class, () -> ask(fake.url(), quick(10_000)));
            }
        }
        try (var fake = new Fake(Answer.with(pay().setOutcomeValue(99)))) {
            assertEquals(Outcome.UNKNOWN, ask(fake.url(), quick(10_000)).outcome());
        }
    }

    @Test
    void anItemWithoutAResultIsTold() throws IOException {
        var one = DecideRequest.getDefaultInstance();
        try (var fake = new Fake(PAY); var client = new Client(fake.url())) {
            assertThrows(InvalidReplyException.class, () -> client.batchDecide(List.of(one)));
            assertThrows(InvalidReplyException.class, () -> client.batchDecide(List.of(one, one)));
        }
    }

    @Test
    void theTokenIsCarriedAndNotShown() throws IOException {
        var config = quick(10_000).withToken("a-secret");
        try (var fake = new Fake(PAY)) {
            ask(fake.url(), config);
            assertEquals(List.of("Bearer a-secret"), fake.tokens);
        }
        assertTrue(!config.toString().contains("a-secret"));
    }
}
