#pragma once

// The client of the decision service, which decides what a shop's customer is owed.

#include <grpcpp/channel.h>
#include <redress/error.h>
#include <redress/v1/decision_service.grpc.pb.h>
#include <redress/v1/policy_service.grpc.pb.h>
#include <redress/verdict.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace redress {

// The certificate that a client shows, PEM.
struct Identity {
    std::string certificate;
    std::string key;
};

// How an `https` address is trusted.
struct Tls {
    // Authorities to trust, PEM; empty: the defaults of gRPC.
    std::string ca;
    // The name to expect in the server's certificate; empty: that of the address.
    std::string server_name;
    std::optional<Identity> identity;
};

// Sets deadline, retries and credentials of a client.
struct Config {
    // How long one call may take, retries included; the server is told.
    std::chrono::milliseconds timeout{10'000};
    // The longest wait before the first retry; it doubles with each further one.
    std::chrono::milliseconds backoff{50};
    // What it doubles up to.
    std::chrono::milliseconds max_backoff{1'000};
    // Bytes of the largest reply that is accepted; a full batch at full view fits.
    int max_reply_bytes = 32 * 1024 * 1024;
    // The token to carry; absent: none. Without TLS, whoever reads along knows it.
    std::optional<std::string> token;
    Tls tls;
};

// The answer to one request of a batch: a verdict, or why there is none.
using Result = std::variant<Verdict, CallError>;

// Calls the service; threads can share one client.
class Client {
public:
    using Timeout = std::optional<std::chrono::milliseconds>;

    // Prepares a client that connects with its first call, to an address such as
    // `http://localhost:50051`. Throws `std::invalid_argument`: an address or a setting is not one.
    explicit Client(const std::string& url, Config config = {});

    // Each of the calls throws an `Error` where there is no answer. A timeout holds in place of
    // that of the configuration.

    // Decides one request. A denial is an answer, not an error.
    Verdict decide(const v1::DecideRequest& request, Timeout timeout = {});
    // Decides 1 to 200 requests at once, and returns a result for each, in their order.
    std::vector<Result> batch_decide(const std::vector<v1::DecideRequest>& requests,
                                     Timeout timeout = {});
    // Lists what is possible with an order at an instant.
    v1::ListOptionsResponse list_options(const v1::ListOptionsRequest& request,
                                         Timeout timeout = {});
    // Lists the revisions of a policy, or of all with an empty id; each page is a call.
    std::vector<v1::Policy> list_policies(const std::string& policy = {}, Timeout timeout = {});
    // Gets a revision with its clauses, by `policies/POLICY` or its full name.
    v1::Policy get_policy(const std::string& name, Timeout timeout = {});

    // The bare stubs, such as for `StreamDecide`: without deadline, token and retries.
    v1::DecisionService::StubInterface& decisions() { return *decisions_; }
    v1::PolicyService::StubInterface& policies() { return *policies_; }

private:
    template <typename Stub, typename Request, typename Reply>
    Reply Call(Stub& stub,
               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
               const Request& request, Timeout timeout);

    Config config_;
    std::unique_ptr<v1::DecisionService::StubInterface> decisions_;
    std::unique_ptr<v1::PolicyService::StubInterface> policies_;
};

}  // namespace redress
