package redress.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real server with the policies that are built in, on a port of its own, until it is closed. */
final class Server implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("root"));
    private static Server shared;

    private final Process process;
    private final String address;

    Server(String... flags) throws IOException {
        var words = new ArrayList<>(List.of(program(), "serve", "--listen", "127.0.0.1:0"));
        words.addAll(List.of("--drain-delay", "0"));
        words.addAll(List.of(flags));
        var builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
        // Settings of whoever runs the tests are not those of the server.
        builder.environment().keySet().removeIf(name -> name.startsWith("REDRESS_"));
        process = builder.start();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream()));
        var first = output.readLine();
        if (first == null || !first.startsWith("listening on ")) {
            throw new IOException("the server did not start: " + first);
        }
        address = first.substring("listening on ".length());
    }

    private static String program() {
        var named = System.getenv("REDRESS_BIN");
        return named != null ? named : ROOT.resolve("target/debug/redress").toString();
    }

    /** The address without a scheme. */
    String address() {
        return address;
    }

    /** The address of a server without flags that all tests share. */
    static synchronized String url() throws IOException {
        if (shared == null) {
            shared = new Server();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return "http://" + shared.address();
    }

    static String read(String path) throws IOException {
        return Files.readString(ROOT.resolve(path));
    }

    @Override
    public void close() {
        process.destroy();
    }
}
