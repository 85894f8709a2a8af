import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import redress.client.Client;
import redress.client.Result;
import redress.client.Verdict;
import redress.v1.DecideRequest;

/**
 * Decides requests of a file, a line of proto JSON each, and prints what is to be done: {@code java
 * Worklist.java requests.jsonl http://localhost:50051}, with the client in the class path.
 */
public final class Worklist {
    /** What one batch holds at most. */
    private static final int BATCH = 200;

    /** Says what to do; the compiler refuses this as soon as a step is left out. */
    private static String toDo(Verdict verdict) {
        return switch (verdict.nextStep()) {
            case ASK -> "ask: " + verdict.missing().stream()
                    .map(Verdict.MissingFact::question)
                    .collect(Collectors.joining(" "));
            case REVIEW -> "let a person decide";
            case PAY -> "pay " + verdict.payableNow().toPlainString();
            case CARRY_OUT -> "give what was granted";
            case WAIT -> "wait";
            case REFUSE -> "tell the customer that it is refused";
        };
    }

    private static List<DecideRequest> read(Path file) throws IOException {
        var requests = new ArrayList<DecideRequest>();
        for (String line : Files.readAllLines(file)) {
            var request = DecideRequest.newBuilder();
            try {
                JsonFormat.parser().merge(line, request);
            } catch (InvalidProtocolBufferException error) {
                throw new IOException(file + ":" + (requests.size() + 1), error);
            }
            requests.add(request.build());
        }
        return requests;
    }

    public static void main(String[] arguments) throws IOException {
        var requests = read(Path.of(arguments[0]));
        int refused = 0;
        try (var client = new Client(arguments[1])) {
            for (int start = 0; start < requests.size(); start += BATCH) {
                var some = requests.subList(start, Math.min(start + BATCH, requests.size()));
                var results = client.batchDecide(some);
                for (int index = 0; index < some.size(); index++) {
                    var said = "";
                    if (results.get(index) instanceof Result.Decided decided) {
                        said = toDo(decided.verdict());
                    } else if (results.get(index) instanceof Result.Failed failed) {
                        refused++;
                        said = "not decided, " + failed.error().getMessage();
                    }
                    System.out.println(some.get(index).getOrder().getOrderId() + ": " + said);
                }
            }
        }
        System.exit(refused == 0 ? 0 : 1);
    }
}
