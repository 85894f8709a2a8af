// The calls beside deciding, how a verdict reads, and the example, against a real server.

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>

#include "server.h"
#include "vectors.h"

namespace {

namespace v1 = redress::v1;
using Names = std::vector<std::string>;

Names Listed(const std::string& policy) {
    Names names;
    for (const v1::Policy& one : redress::Client(Shared()).list_policies(policy)) {
        names.push_back(one.policy());
    }
    return names;
}

redress::Verdict Decided(const std::string& name) {
    return redress::Client(Shared()).decide(Named(name));
}

TEST(Calls, PoliciesAreListed) {
    const Names all = {"greek-eshop", "jona", "melina-paris", "milona-paris", "passione-kustom"};
    EXPECT_EQ(Listed(""), all);
    EXPECT_EQ(Listed("jona"), Names{"jona"});
    redress::Client client(Shared());
    EXPECT_GT(client.get_policy("policies/jona").clauses_size(), 20);
    const auto error = Thrown<redress::CallError>([&] { client.get_policy("policies/no-shop"); });
    EXPECT_EQ(error.code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(error.metadata().at("policy"), "no-shop");
}

TEST(Calls, OptionsAreListed) {
    v1::ListOptionsRequest request;
    const std::string json = ReadFile("examples/options_delivered_order.json");
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &request).ok());
    const v1::ListOptionsResponse reply = redress::Client(Shared()).list_options(request);
    EXPECT_TRUE(std::any_of(reply.options().begin(), reply.options().end(),
                            [](const auto& one) { return one.action() == v1::ACTION_RETURN; }));
}

TEST(Calls, AVerdictHasDecimalsAndTimes) {
    const redress::Verdict verdict = Decided("greek-eshop/withdrawal_paid");
    // 30.00 for the ring and 4.00 for its delivery; the statement came on 2 March in Athens,
    // and the 14 days end with the 16th there.
    EXPECT_EQ(verdict.payable_now.str(), "34.00");
    ASSERT_TRUE(verdict.settlement);
    EXPECT_EQ(verdict.settlement->refund_total.minor_units(2), 3400);
    EXPECT_EQ(verdict.settlement->due,
              redress::instant(redress::timestamp("2026-03-15T22:00:00Z")));
    ASSERT_EQ(verdict.rows.size(), 1u);
    EXPECT_EQ(verdict.rows[0].next_step, redress::NextStep::kPay);
}

TEST(Calls, ADateThatWaitsIsNoDate) {
    const redress::Verdict verdict = Decided("jona/cancellation_waits");
    ASSERT_TRUE(verdict.settlement);
    EXPECT_FALSE(verdict.settlement->due);
    EXPECT_EQ(verdict.settlement->message.due().after().event(), "confirm_mail");
}

TEST(Calls, ADenialHasNoSettlement) {
    const redress::Verdict verdict = Decided("milona-paris/return_late");
    EXPECT_FALSE(verdict.settlement);
    EXPECT_TRUE(verdict.payable_now.is_zero());
    EXPECT_FALSE(verdict.rows.at(0).amount);
}

TEST(Calls, AMissingFactCanBeAskedFor) {
    const redress::Verdict verdict = Decided("milona-paris/return_delivery_unknown");
    ASSERT_EQ(verdict.missing.size(), 1u);
    EXPECT_EQ(verdict.missing[0].path, "order.shipments[0].deliver_time");
    EXPECT_EQ(verdict.missing[0].question.back(), '?');
}

TEST(Calls, AnErrorShowsWhatToMend) {
    const auto error = Thrown<redress::CallError>([] { Decided("errors/too_many_units"); });
    EXPECT_EQ(std::string(error.what()).rfind("request.lines[0].groups: ", 0), 0u);
}

TEST(Calls, ABatchHasItsLimit) {
    redress::Client client(Shared());
    const auto error = Thrown<redress::CallError>([&] { client.batch_decide({}); });
    EXPECT_EQ(error.code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(Calls, ThreadsShareAClient) {
    redress::Client client(Shared());
    const v1::DecideRequest request = Named("milona-paris/return_paid");
    std::atomic<int> paid = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back(
            [&] { paid += client.decide(request).next_step == redress::NextStep::kPay ? 1 : 0; });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(paid, 8);
}

TEST(Calls, TheWorklistNamesEveryStep) {
    const std::vector<std::pair<std::string, std::string>> wanted = {
        {"milona-paris/return_delivery_unknown", "ask: When was the parcel delivered"},
        {"milona-paris/return_worn", "let a person decide"},
        {"milona-paris/return_paid", "pay 59.00"},
        {"milona-paris/return_credit", "give what was granted"},
        {"milona-paris/return_waits", "wait"},
        {"milona-paris/return_late", "tell the customer that it is refused"},
        {"errors/too_many_units", "not decided, request.lines[0].groups: "},
    };
    std::string requests;
    for (const auto& [name, says] : wanted) {
        std::string line;
        ASSERT_TRUE(google::protobuf::util::MessageToJsonString(Named(name), &line).ok());
        requests += line + "\n";
    }
    const std::string file = WriteFile("requests.jsonl", requests);
    int code = 0;
    std::istringstream printed(Shell(std::string(WORKLIST) + " " + file + " " + Shared(), &code));
    EXPECT_EQ(code, 1);
    std::string line;
    for (const auto& [name, says] : wanted) {
        ASSERT_TRUE(std::getline(printed, line)) << name;
        EXPECT_EQ(line.rfind("O-1: " + says, 0), 0u) << line;
    }
    EXPECT_FALSE(std::getline(printed, line));
}

}  // namespace
