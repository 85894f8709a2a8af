// Decides requests of a file, a line of proto JSON each, and prints what is to be done:
//
//     worklist requests.jsonl http://localhost:50051

#include <google/protobuf/util/json_util.h>
#include <redress/client.h>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace v1 = redress::v1;

namespace {

// What one batch holds at most.
constexpr std::size_t kBatch = 200;

// Says what to do. A compiler with `-Wswitch` tells as soon as a step is left out.
std::string ToDo(const redress::Verdict& verdict) {
    switch (verdict.next_step) {
        case redress::NextStep::kAsk: {
            std::string questions = "ask:";
            for (const redress::MissingFact& fact : verdict.missing) {
                questions += " " + fact.question;
            }
            return questions;
        }
        case redress::NextStep::kReview:
            return "let a person decide";
        case redress::NextStep::kPay:
            return "pay " + verdict.payable_now.str();
        case redress::NextStep::kCarryOut:
            return "give what was granted";
        case redress::NextStep::kWait:
            return "wait";
        case redress::NextStep::kRefuse:
            return "tell the customer that it is refused";
    }
    throw std::logic_error("a verdict has no other step");
}

std::vector<v1::DecideRequest> Read(const char* path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error(std::string("cannot open ") + path);
    }
    std::vector<v1::DecideRequest> requests;
    for (std::string line; std::getline(file, line);) {
        v1::DecideRequest request;
        const auto status = google::protobuf::util::JsonStringToMessage(line, &request);
        if (!status.ok()) {
            throw std::runtime_error(std::string(path) + ":" + std::to_string(requests.size() + 1) +
                                     ": " + status.ToString());
        }
        requests.push_back(request);
    }
    return requests;
}

// Prints what is to be done, and returns how many requests were not decided.
int Work(const char* path, const char* url) {
    const std::vector<v1::DecideRequest> requests = Read(path);
    redress::Client client(url);
    int refused = 0;
    for (std::size_t start = 0; start < requests.size(); start += kBatch) {
        const std::size_t end = std::min(start + kBatch, requests.size());
        const std::vector<v1::DecideRequest> some(requests.begin() + start, requests.begin() + end);
        const std::vector<redress::Result> results = client.batch_decide(some);
        for (std::size_t index = 0; index < some.size(); ++index) {
            std::cout << some[index].order().order_id() << ": ";
            if (const auto* verdict = std::get_if<redress::Verdict>(&results[index])) {
                std::cout << ToDo(*verdict) << '\n';
            } else {
                ++refused;
                std::cout << "not decided, " << std::get<redress::CallError>(results[index]).what()
                          << '\n';
            }
        }
    }
    return refused;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: worklist FILE ADDRESS\n";
        return 2;
    }
    try {
        return Work(argv[1], argv[2]) == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
