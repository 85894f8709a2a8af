#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <redress/client.h>

#include <algorithm>
#include <optional>
#include <random>
#include <regex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace redress {
namespace {

using Clock = std::chrono::system_clock;

// The time that one attempt to connect has, TLS included.
constexpr int kConnectMs = 5'000;

void Check(const Config& config) {
    if (config.timeout.count() <= 0 || config.backoff.count() <= 0 ||
        config.max_backoff < config.backoff) {
        throw std::invalid_argument(
            "`timeout` and `backoff` must be above zero, and `max_backoff` not below `backoff`");
    }
    if (config.max_reply_bytes <= 0) {
        throw std::invalid_argument("`max_reply_bytes` must be above zero");
    }
    const auto is_visible = [](char c) { return c >= '!' && c <= '~'; };
    if (config.token && (config.token->empty() ||
                         !std::all_of(config.token->begin(), config.token->end(), is_visible))) {
        throw std::invalid_argument("`token` must be visible ASCII without spaces");
    }
}

std::shared_ptr<grpc::Channel> Connect(const std::string& url, const Config& config) {
    static const std::regex kUrl(R"((http|https)://(\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)(:\d+)?/?)");
    std::smatch parts;
    if (!std::regex_match(url, parts, kUrl)) {
        throw std::invalid_argument("`" + url +
                                    "` is not an address such as `http://localhost:50051`");
    }
    const bool secure = parts[1] == "https";
    const std::string port = parts[3].matched ? parts[3].str() : secure ? ":443" : ":80";
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(config.max_reply_bytes);
    // The client retries by itself.
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    // A server that was down is reconnected to within a few retries.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    // Despite its name the time that one attempt to connect has.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
    std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
    if (secure) {
        grpc::SslCredentialsOptions options;
        options.pem_root_certs = config.tls.ca;
        if (config.tls.identity) {
            options.pem_cert_chain = config.tls.identity->certificate;
            options.pem_private_key = config.tls.identity->key;
        }
        credentials = grpc::SslCredentials(options);
        if (!config.tls.server_name.empty()) {
            arguments.SetSslTargetNameOverride(config.tls.server_name);
        }
    }
    return grpc::CreateCustomChannel(parts[2].str() + port, credentials, arguments);
}

// Returns a duration below a bound.
std::chrono::nanoseconds Jitter(std::chrono::nanoseconds bound) {
    thread_local std::mt19937_64 random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> below(0, bound.count() - 1);
    return std::chrono::nanoseconds(below(random));
}

Result ResultOf(const v1::ItemResult& item) {
    switch (item.result_case()) {
        case v1::ItemResult::kVerdict:
            return Verdict::of(item.verdict());
        case v1::ItemResult::kError:
            return CallError::of(item.error());
        case v1::ItemResult::RESULT_NOT_SET:
            break;
    }
    throw InvalidReplyError("item `" + item.item_id() + "` has no result");
}

}  // namespace

Client::Client(const std::string& url, Config config) : config_(std::move(config)) {
    Check(config_);
    const std::shared_ptr<grpc::Channel> channel = Connect(url, config_);
    decisions_ = v1::DecisionService::NewStub(channel);
    policies_ = v1::PolicyService::NewStub(channel);
}

// Every call is pure, so that retries are safe. Only UNAVAILABLE is retried, until the deadline.
template <typename Stub, typename Request, typename Reply>
Reply Client::Call(Stub& stub,
                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                   const Request& request, Timeout timeout) {
    const Clock::time_point deadline = Clock::now() + timeout.value_or(config_.timeout);
    std::chrono::nanoseconds bound = config_.backoff;
    std::optional<CallError> before;
    while (true) {
        grpc::ClientContext context;
        context.set_deadline(deadline);
        if (config_.token) {
            context.AddMetadata("authorization", "Bearer " + *config_.token);
        }
        Reply reply;
        const grpc::Status status = (stub.*method)(&context, request, &reply);
        if (status.ok()) {
            return reply;
        }
        CallError error = CallError::of(status);
        // Why the attempt before failed says more than that a retry had too little time.
        if (before && error.code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
            throw *before;
        }
        // At least what the server asks for, with jitter above that, so that callers that were
        // refused together do not come back together.
        const std::chrono::nanoseconds wait = error.retry_delay() + Jitter(bound);
        if (error.code() != grpc::StatusCode::UNAVAILABLE || wait >= deadline - Clock::now()) {
            throw error;
        }
        std::this_thread::sleep_for(wait);
        before = error;
        bound = std::min<std::chrono::nanoseconds>(bound * 2, config_.max_backoff);
    }
}

Verdict Client::decide(const v1::DecideRequest& request, Timeout timeout) {
    using Stub = v1::DecisionService::StubInterface;
    const v1::DecideResponse reply = Call(*decisions_, &Stub::Decide, request, timeout);
    return Verdict::of(reply.verdict());
}

std::vector<Result> Client::batch_decide(const std::vector<v1::DecideRequest>& requests,
                                         Timeout timeout) {
    using Stub = v1::DecisionService::StubInterface;
    v1::BatchDecideRequest batch;
    for (const v1::DecideRequest& request : requests) {
        v1::BatchItem& item = *batch.add_items();
        item.set_item_id(std::to_string(batch.items_size() - 1));
        *item.mutable_decide() = request;
    }
    const v1::BatchDecideResponse reply = Call(*decisions_, &Stub::BatchDecide, batch, timeout);
    if (reply.results_size() != batch.items_size()) {
        throw InvalidReplyError(std::to_string(reply.results_size()) + " results for " +
                                std::to_string(batch.items_size()) + " requests");
    }
    std::vector<Result> results;
    for (const v1::ItemResult& item : reply.results()) {
        results.push_back(ResultOf(item));
    }
    return results;
}

v1::ListOptionsResponse Client::list_options(const v1::ListOptionsRequest& request,
                                             Timeout timeout) {
    using Stub = v1::DecisionService::StubInterface;
    return Call(*decisions_, &Stub::ListOptions, request, timeout);
}

std::vector<v1::Policy> Client::list_policies(const std::string& policy, Timeout timeout) {
    using Stub = v1::PolicyService::StubInterface;
    v1::ListPoliciesRequest request;
    request.set_policy(policy);
    std::vector<v1::Policy> policies;
    while (true) {
        const v1::ListPoliciesResponse page =
            Call(*policies_, &Stub::ListPolicies, request, timeout);
        policies.insert(policies.end(), page.policies().begin(), page.policies().end());
        if (page.next_page_token().empty()) {
            return policies;
        }
        request.set_page_token(page.next_page_token());
    }
}

v1::Policy Client::get_policy(const std::string& name, Timeout timeout) {
    using Stub = v1::PolicyService::StubInterface;
    v1::GetPolicyRequest request;
    request.set_name(name);
    return Call(*policies_, &Stub::GetPolicy, request, timeout).policy();
}

}  // namespace redress
