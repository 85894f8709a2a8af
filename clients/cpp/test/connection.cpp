// TLS, certificates and tokens, against a real server.

#include <gtest/gtest.h>

#include "server.h"

namespace {

namespace v1 = redress::v1;
using namespace std::chrono_literals;
using grpc::StatusCode;

// An authority, and certificates of a server and a client, made with openssl.
struct Authority {
    Authority() {
        const std::string folder = WriteFile("tls", "") + ".d";
        // Each of the two is issued for what it is used for.
        Shell("mkdir -p " + folder + " && cd " + folder + R"( && exec 2>/dev/null
            new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            $new -x509 -keyout ca.key -out ca.pem -subj "/CN=redress test" -days 1
            $new -keyout server.key -out server.csr -subj "/CN=server"
            $new -keyout client.key -out client.csr -subj "/CN=client"
            printf 'subjectAltName=DNS:redress.test,IP:127.0.0.1\n' >server.ext
            printf 'subjectAltName=DNS:checkout.test\n' >client.ext
            for one in server client; do
                openssl x509 -req -in $one.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                    -out $one.pem -days 1 -extfile $one.ext
            done)");
        file = folder + "/ca.pem";
        tls.ca = ReadFile(file);
        flags = {"--tls-cert", folder + "/server.pem", "--tls-key", folder + "/server.key"};
        identity = {ReadFile(folder + "/client.pem"), ReadFile(folder + "/client.key")};
    }

    std::string file;
    redress::Tls tls;
    std::vector<std::string> flags;
    redress::Identity identity;
};

// Asks with an empty request, and returns the code: INVALID_ARGUMENT says that it came through.
StatusCode Code(const std::string& url, const redress::Tls& tls,
                const std::optional<std::string>& token = {}) {
    redress::Config config;
    config.timeout = 2s;
    config.tls = tls;
    config.token = token;
    redress::Client client(url, config);
    return Thrown<redress::CallError>([&] { client.decide(v1::DecideRequest()); }).code();
}

TEST(Connection, AServerIsTrustedByItsAuthority) {
    const Authority authority;
    const Server server(authority.flags);
    const std::string url = "https://" + server.address();
    redress::Tls tls = authority.tls;
    EXPECT_EQ(Code(url, tls), StatusCode::INVALID_ARGUMENT);
    tls.server_name = "redress.test";
    EXPECT_EQ(Code(url, tls), StatusCode::INVALID_ARGUMENT);
    tls.server_name = "other.test";
    EXPECT_EQ(Code(url, tls), StatusCode::UNAVAILABLE);
    EXPECT_EQ(Code(url, {}), StatusCode::UNAVAILABLE);
}

TEST(Connection, ACertificateIsShown) {
    const Authority authority;
    std::vector<std::string> flags = authority.flags;
    flags.insert(flags.end(), {"--tls-client-ca", authority.file});
    const Server server(flags);
    const std::string url = "https://" + server.address();
    redress::Tls tls = authority.tls;
    EXPECT_EQ(Code(url, tls), StatusCode::UNAVAILABLE);
    tls.identity = authority.identity;
    EXPECT_EQ(Code(url, tls), StatusCode::INVALID_ARGUMENT);
}

TEST(Connection, ATokenIsKnown) {
    const std::string digest = Shell("printf a-secret | sha256sum | cut -d ' ' -f 1");
    const Server server({"--tokens", WriteFile("tokens", "checkout " + digest)});
    const std::string url = "http://" + server.address();
    EXPECT_EQ(Code(url, {}, "a-secret"), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(Code(url, {}, "another"), StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(Code(url, {}), StatusCode::UNAUTHENTICATED);
}

TEST(Connection, AReplyAboveTheLimitIsRefused) {
    redress::Config config;
    config.max_reply_bytes = 10;
    redress::Client client(Shared(), config);
    const auto error = Thrown<redress::CallError>([&] { client.list_policies(); });
    EXPECT_EQ(error.code(), StatusCode::RESOURCE_EXHAUSTED);
}

TEST(Connection, AnAddressHasASchemeAndAHost) {
    for (const char* bad :
         {"localhost:50051", "ftp://localhost", "http://", "http://localhost/path",
          "http://user@localhost", "http://localhost?query", "not an address", ""}) {
        EXPECT_THROW(redress::Client{bad}, std::invalid_argument) << bad;
    }
    for (const char* good :
         {"http://localhost", "https://redress.example/", "http://[::1]:50051"}) {
        EXPECT_NO_THROW(redress::Client{good}) << good;
    }
}

TEST(Connection, SettingsThatCannotBeAreRefused) {
    std::vector<redress::Config> bad(6);
    bad[0].timeout = 0ms;
    bad[1].backoff = 0ms;
    bad[2].backoff = 2s;
    bad[3].max_reply_bytes = 0;
    bad[4].token = "two words";
    bad[5].token = "";
    for (const redress::Config& config : bad) {
        EXPECT_THROW(redress::Client("http://localhost", config), std::invalid_argument);
    }
}

}  // namespace
