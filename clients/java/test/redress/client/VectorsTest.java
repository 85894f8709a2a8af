package redress.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import redress.v1.DecideRequest;

/** Every vector, alone and in a batch; {@code clients/vectors/README.md} describes them. */
class VectorsTest {
    record Vector(String name, DecideRequest request, JsonObject stated) {}

    static Vector load(String name) throws IOException {
        var stated = JsonParser.parseString(Server.read("clients/vectors/" + name + ".json"));
        var request = DecideRequest.newBuilder();
        JsonFormat.parser().merge(stated.getAsJsonObject().get("request").toString(), request);
        return new Vector(name, request.build(), stated.getAsJsonObject());
    }

    static DecideRequest named(String name) throws IOException {
        return load(name).request();
    }

    private static List<Vector> all() throws IOException {
        var root = Server.ROOT.resolve("clients/vectors");
        var vectors = new ArrayList<Vector>();
        try (var files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                vectors.add(load(root.relativize(file).toString().replace(".json", "")));
            }
        }
        assertTrue(vectors.size() > 70);
        return vectors;
    }

    @Test
    void alone() throws IOException {
        try (var client = new Client(Server.url())) {
            for (Vector vector : all()) {
                try {
                    check(vector, client.decide(vector.request()));
                } catch (CallException error) {
                    check(vector, error);
                }
            }
        }
    }

    @Test
    void inABatch() throws IOException {
        var vectors = all();
        try (var client = new Client(Server.url())) {
            var results = client.batchDecide(vectors.stream().map(Vector::request).toList());
            for (int index = 0; index < vectors.size(); index++) {
                if (results.get(index) instanceof Result.Decided decided) {
                    check(vectors.get(index), decided.verdict());
                } else if (results.get(index) instanceof Result.Failed failed) {
                    check(vectors.get(index), failed.error());
                }
            }
        }
    }

    private static void check(Vector vector, Verdict verdict) throws IOException {
        var stated = vector.stated().getAsJsonObject("verdict");
        assertTrue(stated != null, vector.name() + ": an error is stated");
        var printer = JsonFormat.printer().preservingProtoFieldNames().includingDefaultValueFields();
        holds(vector.name(), stated, JsonParser.parseString(printer.print(verdict.message())));
        // What the client reads of it says the same.
        assertEquals(stated.get("outcome").getAsString(), "OUTCOME_" + verdict.outcome());
        if (stated.has("next_step")) {
            assertEquals(stated.get("next_step").getAsString(), "NEXT_STEP_" + verdict.nextStep());
        }
        var paths = new ArrayList<String>();
        stated.getAsJsonArray("missing")
                .forEach(fact -> paths.add(fact.getAsJsonObject().get("path").getAsString()));
        assertEquals(paths, verdict.missing().stream().map(Verdict.MissingFact::path).toList());
    }

    private static void check(Vector vector, CallException error) {
        var stated = vector.stated().getAsJsonObject("error");
        assertTrue(stated != null, vector.name() + ": " + error);
        assertEquals(stated.get("code").getAsString(), error.code().name(), vector.name());
        assertEquals(stated.get("reason").getAsString(), error.reason(), vector.name());
        var wanted = new ArrayList<String>();
        for (JsonElement one : stated.getAsJsonArray("violations")) {
            var violation = one.getAsJsonObject();
            wanted.add(violation.get("field").getAsString() + " "
                    + violation.get("reason").getAsString());
        }
        var got = error.violations().stream()
                .sorted(Comparator.comparing(Violation::field))
                .map(violation -> violation.field() + " " + violation.reason())
                .toList();
        assertEquals(wanted, got, vector.name());
    }

    /** Checks that a value holds what is stated; lists are compared whole. */
    private static void holds(String at, JsonElement stated, JsonElement got) {
        if (stated.isJsonObject()) {
            assertTrue(got.isJsonObject(), at);
            for (var member : stated.getAsJsonObject().entrySet()) {
                var other = got.getAsJsonObject().get(member.getKey());
                holds(at + "." + member.getKey(), member.getValue(),
                        other == null ? JsonNull.INSTANCE : other);
            }
        } else if (stated.isJsonArray()) {
            assertTrue(got.isJsonArray(), at);
            assertEquals(stated.getAsJsonArray().size(), got.getAsJsonArray().size(), at);
            for (int index = 0; index < stated.getAsJsonArray().size(); index++) {
                holds(at + "[" + index + "]", stated.getAsJsonArray().get(index),
                        got.getAsJsonArray().get(index));
            }
        } else {
            assertEquals(stated, got, at);
        }
    }
}
