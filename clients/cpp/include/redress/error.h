#pragma once

// Why there is no answer. A denial is an answer.

#include <grpcpp/support/status.h>
#include <redress/v1/error.pb.h>

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace redress {

// There is no answer.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The reply holds something that this version of the client cannot read, such as a step that it
// does not know.
class InvalidReplyError : public Error {
public:
    using Error::Error;
};

// One thing that is wrong with a request.
struct Violation {
    // Path, such as `order.lines[2].quantity`.
    std::string field;
    // What is wrong, a name of `v1::ErrorReason`.
    std::string reason;
    // What is wrong and how to mend it, for people, in English.
    std::string description;
};

// The call failed, or the server refused it. `what()` has the violations, a line each; without
// any, the message.
class CallError : public Error {
public:
    struct Details {
        grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
        std::string message;
        std::string reason;
        std::map<std::string, std::string> metadata;
        std::vector<Violation> violations;
        std::chrono::nanoseconds retry_delay{0};
    };

    explicit CallError(Details details);

    // INVALID_ARGUMENT: the request has mistakes. NOT_FOUND: there is no such policy or revision.
    // UNAUTHENTICATED: the token or certificate is not known. UNAVAILABLE: the server cannot be
    // reached or has too much to do, and the deadline leaves no time for a retry. The items of a
    // batch have the code that the request alone would have got, or UNKNOWN.
    grpc::StatusCode code() const { return details_.code; }
    // For people, in English.
    const std::string& message() const { return details_.message; }
    // A name of `v1::ErrorReason`, such as `ERROR_REASON_OVERLOADED`; empty: none was given.
    const std::string& reason() const { return details_.reason; }
    // What belongs to the reason, such as `policy` or `limit`.
    const std::map<std::string, std::string>& metadata() const { return details_.metadata; }
    // All that is wrong with the request. A long list is cut: `metadata` has its `count`.
    const std::vector<Violation>& violations() const { return details_.violations; }
    // How long the server asks to wait; zero: it does not say.
    std::chrono::nanoseconds retry_delay() const { return details_.retry_delay; }

    // Reads what a call ended with, with the details that it carries.
    static CallError of(const grpc::Status& status);
    // Reads why one item of a batch got no verdict.
    static CallError of(const v1::ItemError& item);

private:
    Details details_;
};

}  // namespace redress
