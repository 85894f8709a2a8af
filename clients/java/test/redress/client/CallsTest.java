package redress.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redress.v1.Answer;
import redress.v1.DecideRequest;
import redress.v1.ListOptionsRequest;
import redress.v1.Policy;

/** Calls, connections, values, and what README and example show, against a real server. */
class CallsTest {
    @TempDir Path folder;

    private static Verdict decided(String name) throws IOException {
        try (var client = new Client(Server.url())) {
            return client.decide(VectorsTest.named(name));
        }
    }

    @Test
    void policiesAreListed() throws IOException {
        try (var client = new Client(Server.url())) {
            assertEquals(
                    List.of("greek-eshop", "jona", "melina-paris", "milona-paris", "passione-kustom"),
                    client.listPolicies("").stream().map(Policy::getPolicy).toList());
            assertEquals(1, client.listPolicies("jona").size());
            assertTrue(client.getPolicy("policies/jona").getClausesCount() > 20);
            var error = assertThrows(
                    CallException.class, () -> client.getPolicy("policies/no-such-shop"));
            assertEquals(Status.Code.NOT_FOUND, error.code());
            assertEquals("no-such-shop", error.metadata().get("policy"));
            assertThrows(CallException.class, () -> client.batchDecide(List.of()));
            var request = ListOptionsRequest.newBuilder();
            var json = Server.read("examples/options_delivered_order.json");
            JsonFormat.parser().merge(json, request);
            assertTrue(client.listOptions(request.build()).getOptionsList().stream()
                    .anyMatch(option -> option.getAction() == redress.v1.Action.ACTION_RETURN));
        }
    }

    @Test
    void aVerdictHasDecimalsAndTimes() throws IOException {
        var paid = decided("greek-eshop/withdrawal_paid");
        // 30.00 for the ring and 4.00 for its delivery; the statement came on 2 March in Athens,
        // and the 14 days end with the 16th there.
        assertEquals(new BigDecimal("34.00"), paid.payableNow());
        var settlement = paid.settlement().orElseThrow();
        assertEquals(new BigDecimal("34.00"), settlement.refundTotal());
        assertEquals(Optional.of(Instant.parse("2026-03-15T22:00:00Z")), settlement.due());
        var waits = decided("jona/cancellation_waits").settlement().orElseThrow();
        assertEquals(Optional.empty(), waits.due());
        assertEquals("confirm_mail", waits.message().getDue().getAfter().getEvent());
        var denied = decided("milona-paris/return_late");
        assertTrue(denied.settlement().isEmpty() && denied.payableNow().signum() == 0);
        var missing = decided("milona-paris/return_delivery_unknown").missing();
        assertEquals("order.shipments[0].deliver_time", missing.get(0).path());
        assertTrue(missing.get(0).question().endsWith("?"));
        var error = assertThrows(CallException.class, () -> decided("errors/too_many_units"));
        assertTrue(error.getMessage().startsWith("request.lines[0].groups: "));
    }

    @Test
    void valuesAreExact() {
        assertEquals("100", Values.amount(new BigDecimal("1E+2")));
        assertEquals("59.00", Values.amount(Values.parseAmount("59.00").orElseThrow()));
        assertEquals(Optional.empty(), Values.parseAmount(""));
        assertThrows(IllegalArgumentException.class, () -> Values.amount(new BigDecimal("-1")));
        for (String bad : List.of("-1.00", "1e3", "1,00", ".", " 1", "1.", "1\n", "\u0661")) {
            assertThrows(InvalidReplyException.class, () -> Values.parseAmount(bad), bad);
        }
        var instant = Instant.parse("2026-03-09T10:30:00.0005Z");
        assertEquals(1773052200, Values.at(instant).getTime().getSeconds());
        assertEquals(instant, Values.instant(Values.timestamp(instant)));
        var far = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build();
        assertThrows(InvalidReplyException.class, () -> Values.instant(far));
        assertEquals("2026-03-04", Values.on(LocalDate.of(2026, 3, 4)).getDate());
        assertTrue(Values.notYet().hasNotYet() && Values.happened().hasHappened());
        assertEquals(Answer.ANSWER_NO, Values.answer(false));
        assertEquals(Answer.ANSWER_YES, Values.answer(true));
    }

    /** Asks with an empty request: INVALID_ARGUMENT says that it came through. */
    private static Status.Code code(String url, Config config) {
        try (var client = new Client(url, config.withTimeout(Duration.ofSeconds(3)))) {
            var request = DecideRequest.getDefaultInstance();
            return assertThrows(CallException.class, () -> client.decide(request)).code();
        }
    }

    @Test
    void serversAndCallersAreKnownByCertificates() throws Exception {
        run(new ProcessBuilder("bash", "-c", """
                set -e
                new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                $new -x509 -keyout ca.key -out ca.pem -subj "/CN=redress test" -days 1
                $new -keyout server.key -out server.csr -subj "/CN=server"
                $new -keyout client.key -out client.csr -subj "/CN=client"
                printf 'subjectAltName=DNS:redress.test,IP:127.0.0.1' >server.ext
                printf 'subjectAltName=DNS:checkout.test' >client.ext
                for one in server client; do
                    openssl x509 -req -in $one.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                        -out $one.pem -days 1 -extfile $one.ext
                done"""), 0);
        var ca = file("ca.pem");
        var defaults = Config.defaults();
        var trusting = defaults.withTls(
                TlsChannelCredentials.newBuilder().trustManager(ca).build());
        var shown = defaults.withTls(TlsChannelCredentials.newBuilder().trustManager(ca)
                .keyManager(file("client.pem"), file("client.key")).build());
        String[] flags = {"--tls-cert", file("server.pem").getPath(),
            "--tls-key", file("server.key").getPath(), "--tls-client-ca", ca.getPath()};
        try (var server = new Server(flags[0], flags[1], flags[2], flags[3])) {
            var url = "https://" + server.address();
            assertEquals(Status.Code.INVALID_ARGUMENT, code(url, trusting));
            var named = trusting.withServerName("redress.test");
            assertEquals(Status.Code.INVALID_ARGUMENT, code(url, named));
            var other = trusting.withServerName("other.test");
            assertEquals(Status.Code.UNAVAILABLE, code(url, other));
            assertEquals(Status.Code.UNAVAILABLE, code(url, defaults));
        }
        try (var server = new Server(flags)) {
            var url = "https://" + server.address();
            assertEquals(Status.Code.UNAVAILABLE, code(url, trusting));
            assertEquals(Status.Code.INVALID_ARGUMENT, code(url, shown));
        }
    }

    @Test
    void aTokenIsKnown() throws Exception {
        var digest = MessageDigest.getInstance("SHA-256").digest("a-secret".getBytes());
        var line = "checkout " + HexFormat.of().formatHex(digest) + "\n";
        var tokens = Files.writeString(folder.resolve("tokens"), line);
        try (var server = new Server("--tokens", tokens.toString())) {
            var url = "http://" + server.address();
            var defaults = Config.defaults();
            assertEquals(Status.Code.INVALID_ARGUMENT, code(url, defaults.withToken("a-secret")));
            assertEquals(Status.Code.UNAUTHENTICATED, code(url, defaults.withToken("another")));
            assertEquals(Status.Code.UNAUTHENTICATED, code(url, defaults));
        }
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        for (String bad : List.of("localhost:50051", "ftp://localhost", "http://",
                "http://localhost/path", "http://user@localhost", "http://localhost?query",
                "not an address", "")) {
            assertThrows(IllegalArgumentException.class, () -> new Client(bad), bad);
        }
        var defaults = Config.defaults();
        var second = Duration.ofSeconds(1);
        assertThrows(IllegalArgumentException.class, () -> defaults.withTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class,
                () -> defaults.withBackoff(Duration.ofSeconds(2), second));
        assertThrows(IllegalArgumentException.class, () -> defaults.withMaxReplyBytes(0));
        assertThrows(IllegalArgumentException.class, () -> defaults.withToken("two words"));
        assertThrows(IllegalArgumentException.class, () -> defaults.withToken(""));
        try (var client = new Client(Server.url(), defaults.withMaxReplyBytes(10))) {
            var error = assertThrows(CallException.class, () -> client.listPolicies(""));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, error.code());
        }
    }

    @Test
    void theReadmeComesToItsVerdict() throws Exception {
        var readme = Server.read("clients/java/README.md");
        var program = readme.split("```java\n", 2)[1].split("```", 2)[0];
        assertTrue(program.contains("http://localhost:50051"));
        var source = folder.resolve("First.java");
        Files.writeString(source, program.replace("http://localhost:50051", Server.url()));
        var shown = readme.split("```text\n", 2)[1].split("```", 2)[0];
        assertEquals(shown, run(new ProcessBuilder("java", source.toString()), 0));
    }

    @Test
    void theWorklistNamesEveryStep() throws Exception {
        String[][] wanted = {
            {"milona-paris/return_delivery_unknown", "ask: When was the parcel delivered"},
            {"milona-paris/return_worn", "let a person decide"},
            {"milona-paris/return_paid", "pay 59.00"},
            {"milona-paris/return_credit", "give what was granted"},
            {"milona-paris/return_waits", "wait"},
            {"milona-paris/return_late", "tell the customer that it is refused"},
            {"errors/too_many_units", "not decided, request.lines[0].groups: "},
        };
        var requests = new StringBuilder();
        var printer = JsonFormat.printer().omittingInsignificantWhitespace();
        for (String[] one : wanted) {
            requests.append(printer.print(VectorsTest.named(one[0]))).append('\n');
        }
        var file = Files.writeString(folder.resolve("requests.jsonl"), requests);
        var program = Server.ROOT.resolve("clients/java/examples/Worklist.java").toString();
        var lines = run(new ProcessBuilder("java", program, file.toString(), Server.url()), 1)
                .split("\n");
        assertEquals(wanted.length, lines.length);
        for (int index = 0; index < wanted.length; index++) {
            assertTrue(lines[index].startsWith("O-1: " + wanted[index][1]), lines[index]);
        }
    }

    private File file(String name) {
        return folder.resolve(name).toFile();
    }

    /** Runs a program with the class path of the tests, and returns what it prints. */
    private String run(ProcessBuilder builder, int code) throws IOException, InterruptedException {
        builder.directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        var process = builder.start();
        var printed = new String(process.getInputStream().readAllBytes());
        assertEquals(code, process.waitFor(), printed);
        return printed;
    }
}
