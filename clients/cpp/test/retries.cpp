// When calls are retried, and when they end.

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <redress/client.h>
#include <redress/detail.pb.h>

#include <mutex>
#include <thread>

#include "server.h"

namespace {

namespace v1 = redress::v1;
using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;
using grpc::StatusCode;

// What a fake server does with one call: it refuses, or it answers with a verdict.
struct Answer {
    StatusCode code = StatusCode::OK;
    std::chrono::seconds retry_delay{0};
    std::string domain = "redress.v1";
    v1::Verdict verdict = {};
};

Answer Refuse(StatusCode code, std::chrono::seconds retry_delay = 0s) {
    return {code, retry_delay, "redress.v1", {}};
}

Answer Pay() {
    Answer answer;
    answer.verdict.set_outcome(v1::OUTCOME_APPROVED);
    answer.verdict.set_next_step(v1::NEXT_STEP_PAY);
    answer.verdict.set_payable_now_total("59.00");
    return answer;
}

// A server that answers each call with the next of its answers, and the last for ever.
class Fake : public v1::DecisionService::Service {
public:
    explicit Fake(std::vector<Answer> answers, std::chrono::milliseconds delay = 0ms, int port = 0)
        : answers_(std::move(answers)), delay_(delay) {
        grpc::ServerBuilder builder;
        const std::string address = "127.0.0.1:" + std::to_string(port);
        builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
        builder.RegisterService(this);
        server_ = builder.BuildAndStart();
    }
    ~Fake() override { server_->Shutdown(Clock::now()); }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    int port() const { return port_; }

    grpc::Status Decide(grpc::ServerContext* context, const v1::DecideRequest*,
                        v1::DecideResponse* reply) override {
        Answer answer;
        {
            const std::lock_guard lock(lock_);
            times.push_back(Clock::now());
            left.push_back(context->deadline() - times.back());
            const auto& headers = context->client_metadata();
            const auto token = headers.find("authorization");
            tokens.push_back(token == headers.end()
                                 ? ""
                                 : std::string(token->second.begin(), token->second.end()));
            answer = answers_[std::min(times.size(), answers_.size()) - 1];
        }
        std::this_thread::sleep_for(delay_);
        if (answer.code != StatusCode::OK) {
            return Refusal(answer);
        }
        *reply->mutable_verdict() = answer.verdict;
        return grpc::Status::OK;
    }

    grpc::Status BatchDecide(grpc::ServerContext*, const v1::BatchDecideRequest*,
                             v1::BatchDecideResponse* reply) override {
        reply->add_results()->set_item_id("0");
        return grpc::Status::OK;
    }

    // When each call came, with which time left and which token.
    std::vector<Clock::time_point> times;
    std::vector<Clock::duration> left;
    std::vector<std::string> tokens;

private:
    static grpc::Status Refusal(const Answer& answer) {
        redress::detail::Status status;
        const auto pack = [&](const std::string& name, const google::protobuf::Message& message) {
            google::protobuf::Any& packed = *status.add_details();
            packed.set_type_url("type.googleapis.com/google.rpc." + name);
            packed.set_value(message.SerializeAsString());
        };
        redress::detail::ErrorInfo info;
        info.set_reason("ERROR_REASON_OVERLOADED");
        info.set_domain(answer.domain);
        (*info.mutable_metadata())["limit"] = "1024";
        pack("ErrorInfo", info);
        redress::detail::RetryInfo retry;
        retry.mutable_retry_delay()->set_seconds(answer.retry_delay.count());
        pack("RetryInfo", retry);
        return {answer.code, "no", status.SerializeAsString()};
    }

    const std::vector<Answer> answers_;
    const std::chrono::milliseconds delay_;
    std::mutex lock_;
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

redress::Config Quick(std::chrono::milliseconds timeout = 10s) {
    redress::Config config;
    config.timeout = timeout;
    config.backoff = 10ms;
    config.max_backoff = 50ms;
    return config;
}

// Asks once.
redress::Verdict Ask(const std::string& url, const redress::Config& config = Quick()) {
    return redress::Client(url, config).decide(v1::DecideRequest());
}

redress::CallError Failed(const std::string& url, const redress::Config& config = Quick()) {
    return Thrown<redress::CallError>([&] { Ask(url, config); });
}

constexpr StatusCode kUnavailable = StatusCode::UNAVAILABLE;

TEST(Retries, UnavailableIsRetried) {
    const Answer no = Refuse(kUnavailable);
    Fake fake({no, no, no, no, Pay()});
    EXPECT_EQ(Ask(fake.url()).next_step, redress::NextStep::kPay);
    EXPECT_EQ(fake.times.size(), 5u);
}

TEST(Retries, NothingElseIsRetried) {
    for (StatusCode code : {StatusCode::INVALID_ARGUMENT, StatusCode::RESOURCE_EXHAUSTED,
                            StatusCode::INTERNAL, StatusCode::UNAUTHENTICATED}) {
        Fake fake({Refuse(code), Pay()});
        EXPECT_EQ(Failed(fake.url()).code(), code);
        EXPECT_EQ(fake.times.size(), 1u);
    }
}

TEST(Retries, TheyWaitAsLongAsTheServerAsks) {
    const Answer slow = Refuse(kUnavailable, 1s);
    Fake fake({slow, slow, Pay()});
    Ask(fake.url());
    ASSERT_EQ(fake.times.size(), 3u);
    EXPECT_GE(fake.times[1] - fake.times[0], 1s);
    EXPECT_GE(fake.times[2] - fake.times[1], 1s);
    // The server is told what is left.
    EXPECT_GT(fake.left[0], 9s);
    EXPECT_LT(fake.left[0], 10500ms);
    EXPECT_LT(fake.left[1], fake.left[0] - 500ms);
}

TEST(Retries, NoneWaitsBeyondTheDeadline) {
    Fake fake({Refuse(kUnavailable, 60s), Pay()});
    const auto began = Clock::now();
    const redress::CallError error = Failed(fake.url(), Quick(5s));
    EXPECT_LT(Clock::now() - began, 4s);
    EXPECT_EQ(fake.times.size(), 1u);
    EXPECT_EQ(error.code(), kUnavailable);
    EXPECT_EQ(error.reason(), "ERROR_REASON_OVERLOADED");
    EXPECT_EQ(error.metadata().at("limit"), "1024");
    EXPECT_EQ(error.retry_delay(), 60s);
}

TEST(Retries, AWaitForEverIsNotARetry) {
    for (const auto asked : {std::chrono::seconds(300'000'000'000), std::chrono::seconds::max()}) {
        Fake fake({Refuse(kUnavailable, asked), Pay()});
        EXPECT_EQ(Failed(fake.url()).code(), kUnavailable);
        EXPECT_EQ(fake.times.size(), 1u);
    }
}

TEST(Retries, TheyEndWithTheDeadline) {
    Fake fake({Refuse(kUnavailable)});
    const auto began = Clock::now();
    // Also where the deadline ends the last attempt.
    EXPECT_EQ(Failed(fake.url(), Quick(500ms)).code(), kUnavailable);
    EXPECT_LT(Clock::now() - began, 3s);
    EXPECT_GT(fake.times.size(), 3u);
}

TEST(Retries, ACallWithoutAnAnswerEndsWithTheDeadline) {
    Fake fake({Pay()}, 2s);
    const auto began = Clock::now();
    EXPECT_EQ(Failed(fake.url(), Quick(200ms)).code(), StatusCode::DEADLINE_EXCEEDED);
    EXPECT_LT(Clock::now() - began, 1500ms);
}

TEST(Retries, OneCallCanHaveADeadlineOfItsOwn) {
    Fake fake({Pay()}, 1s);
    redress::Client client(fake.url());
    const auto error =
        Thrown<redress::CallError>([&] { client.decide(v1::DecideRequest(), 100ms); });
    EXPECT_EQ(error.code(), StatusCode::DEADLINE_EXCEEDED);
    EXPECT_EQ(client.decide(v1::DecideRequest()).next_step, redress::NextStep::kPay);
}

TEST(Retries, AServerThatStartsLateIsReached) {
    const int port = Fake({Pay()}).port();
    std::unique_ptr<Fake> late;
    std::thread starts([&] {
        std::this_thread::sleep_for(500ms);
        late = std::make_unique<Fake>(std::vector{Pay()}, 0ms, port);
    });
    const std::string url = "http://127.0.0.1:" + std::to_string(port);
    EXPECT_EQ(Ask(url).next_step, redress::NextStep::kPay);
    starts.join();
}

TEST(Retries, WhereNobodyListensTheServerIsUnavailable) {
    EXPECT_EQ(Failed("http://127.0.0.1:1", Quick(1500ms)).code(), kUnavailable);
}

TEST(Retries, AReasonOfSomebodyElseIsNotOurs) {
    Answer strange = Refuse(StatusCode::INTERNAL);
    strange.domain = "proxy.example";
    Fake fake({strange});
    const redress::CallError error = Failed(fake.url());
    EXPECT_EQ(error.reason(), "");
    EXPECT_TRUE(error.metadata().empty());
}

TEST(Retries, WhatCannotBeReadIsNotActedOn) {
    std::vector<Answer> strange(5, Pay());
    strange[0].verdict.clear_next_step();
    strange[1].verdict.set_next_step(static_cast<v1::NextStep>(99));
    strange[2].verdict.add_rows();
    strange[3].verdict.set_payable_now_total("1e3");
    strange[4].verdict.mutable_settlement()->set_refund_total("-1.00");
    for (const Answer& answer : strange) {
        Fake fake({answer});
        EXPECT_THROW(Ask(fake.url()), redress::InvalidReplyError);
    }
}

TEST(Retries, AnItemWithoutAResultIsTold) {
    Fake fake({Pay()});
    redress::Client client(fake.url());
    EXPECT_THROW(client.batch_decide({{}}), redress::InvalidReplyError);
    EXPECT_THROW(client.batch_decide({{}, {}}), redress::InvalidReplyError);
}

TEST(Retries, AnOutcomeOfALaterVersionIsUnknown) {
    Answer later = Pay();
    later.verdict.set_outcome(static_cast<v1::Outcome>(99));
    Fake fake({later});
    EXPECT_EQ(Ask(fake.url()).outcome, redress::Outcome::kUnknown);
}

TEST(Retries, TheTokenIsCarried) {
    Fake fake({Pay()});
    redress::Config config = Quick();
    config.token = "a-secret";
    Ask(fake.url(), config);
    EXPECT_EQ(fake.tokens.at(0), "Bearer a-secret");
}

}  // namespace
