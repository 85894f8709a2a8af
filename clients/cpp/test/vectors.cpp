// Every vector, alone and in a batch; `clients/vectors/README.md` describes them.

#include "vectors.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "server.h"

namespace {

namespace v1 = redress::v1;
using google::protobuf::Value;

struct Vector {
    std::string name;
    v1::DecideRequest request;
    Value stated;
};

void Read(const std::string& json, google::protobuf::Message* into) {
    const auto status = google::protobuf::util::JsonStringToMessage(json, into);
    ASSERT_TRUE(status.ok()) << status.ToString();
}

std::string Json(const google::protobuf::Message& message) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string written;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &written, options).ok());
    return written;
}

const Value& Member(const Value& object, const std::string& name) {
    static const Value nothing;
    const auto& fields = object.struct_value().fields();
    const auto found = fields.find(name);
    return found == fields.end() ? nothing : found->second;
}

Vector Load(const std::string& name) {
    Vector vector;
    vector.name = name;
    Read(ReadFile("clients/vectors/" + name + ".json"), &vector.stated);
    Read(Json(Member(vector.stated, "request")), &vector.request);
    return vector;
}

std::vector<Vector> LoadAll() {
    std::vector<Vector> vectors;
    const std::filesystem::path root = std::string(ROOT) + "/clients/vectors";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        std::filesystem::path path = std::filesystem::relative(entry.path(), root);
        if (path.extension() == ".json") {
            vectors.push_back(Load(path.replace_extension().string()));
        }
    }
    EXPECT_GT(vectors.size(), 70u);
    return vectors;
}

// Checks that a value holds what is stated; lists are compared whole.
void Holds(const std::string& at, const Value& stated, const Value& got) {
    if (stated.has_struct_value()) {
        ASSERT_TRUE(got.has_struct_value()) << at;
        for (const auto& [name, value] : stated.struct_value().fields()) {
            Holds(at + "." + name, value, Member(got, name));
        }
    } else if (stated.has_list_value()) {
        // A list without entries can be left out.
        const auto& entries = got.list_value().values();
        const auto& wanted = stated.list_value().values();
        ASSERT_EQ(wanted.size(), entries.size()) << at;
        for (int index = 0; index < wanted.size(); ++index) {
            Holds(at + "[" + std::to_string(index) + "]", wanted[index], entries[index]);
        }
    } else {
        EXPECT_EQ(stated.ShortDebugString(), got.ShortDebugString()) << at;
    }
}

const std::map<redress::Outcome, std::string> kOutcomes = {
    {redress::Outcome::kApproved, "OUTCOME_APPROVED"},
    {redress::Outcome::kDenied, "OUTCOME_DENIED"},
    {redress::Outcome::kNeedsReview, "OUTCOME_NEEDS_REVIEW"},
    {redress::Outcome::kNeedsInformation, "OUTCOME_NEEDS_INFORMATION"},
    {redress::Outcome::kMixed, "OUTCOME_MIXED"},
};

void CheckVerdict(const Vector& vector, const redress::Verdict& verdict) {
    const Value& stated = Member(vector.stated, "verdict");
    ASSERT_TRUE(stated.has_struct_value()) << "an error is stated";
    Value got;
    Read(Json(verdict.message), &got);
    Holds("verdict", stated, got);
    // What the client reads of it says the same.
    EXPECT_EQ(kOutcomes.at(verdict.outcome), Member(stated, "outcome").string_value());
    std::string step = "NEXT_STEP_" + redress::to_string(verdict.next_step);
    std::transform(step.begin(), step.end(), step.begin(), ::toupper);
    if (Member(stated, "next_step").has_string_value()) {
        EXPECT_EQ(step, Member(stated, "next_step").string_value());
    }
    const auto& missing = Member(stated, "missing").list_value().values();
    ASSERT_EQ(static_cast<std::size_t>(missing.size()), verdict.missing.size());
    for (int index = 0; index < missing.size(); ++index) {
        EXPECT_EQ(Member(missing[index], "path").string_value(), verdict.missing[index].path);
    }
}

void CheckError(const Vector& vector, const redress::CallError& error) {
    const Value& stated = Member(vector.stated, "error");
    ASSERT_TRUE(stated.has_struct_value()) << "got " << error.what();
    const std::map<std::string, grpc::StatusCode> codes = {
        {"INVALID_ARGUMENT", grpc::StatusCode::INVALID_ARGUMENT},
        {"NOT_FOUND", grpc::StatusCode::NOT_FOUND},
    };
    EXPECT_EQ(codes.at(Member(stated, "code").string_value()), error.code());
    EXPECT_EQ(Member(stated, "reason").string_value(), error.reason());
    std::vector<redress::Violation> got = error.violations();
    std::sort(got.begin(), got.end(),
              [](const auto& a, const auto& b) { return a.field < b.field; });
    const auto& violations = Member(stated, "violations").list_value().values();
    ASSERT_EQ(static_cast<std::size_t>(violations.size()), got.size());
    for (int index = 0; index < violations.size(); ++index) {
        EXPECT_EQ(Member(violations[index], "field").string_value(), got[index].field);
        EXPECT_EQ(Member(violations[index], "reason").string_value(), got[index].reason);
    }
}

}  // namespace

v1::DecideRequest Named(const std::string& name) { return Load(name).request; }

TEST(Vectors, Alone) {
    redress::Client client(Shared());
    for (const Vector& vector : LoadAll()) {
        SCOPED_TRACE(vector.name);
        try {
            CheckVerdict(vector, client.decide(vector.request));
        } catch (const redress::CallError& error) {
            CheckError(vector, error);
        }
    }
}

TEST(Vectors, InABatch) {
    redress::Client client(Shared());
    const std::vector<Vector> vectors = LoadAll();
    std::vector<v1::DecideRequest> requests;
    for (const Vector& vector : vectors) {
        requests.push_back(vector.request);
    }
    const std::vector<redress::Result> results = client.batch_decide(requests);
    for (std::size_t index = 0; index < vectors.size(); ++index) {
        SCOPED_TRACE(vectors[index].name);
        if (const auto* verdict = std::get_if<redress::Verdict>(&results[index])) {
            CheckVerdict(vectors[index], *verdict);
        } else {
            CheckError(vectors[index], std::get<redress::CallError>(results[index]));
        }
    }
}
