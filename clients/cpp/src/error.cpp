#include <redress/detail.pb.h>
#include <redress/error.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace redress {
namespace {

// The domain of every reason that the service gives.
constexpr char kDomain[] = "redress.v1";

std::string Shown(const CallError::Details& details) {
    std::string lines;
    for (const Violation& violation : details.violations) {
        lines += lines.empty() ? "" : "\n";
        lines += violation.field + ": " + violation.description;
    }
    return lines.empty() ? details.message : lines;
}

// Reads a detail of this name, and tells whether it is one. What cannot be read was put there by
// somebody else, such as a proxy.
bool Unpack(const google::protobuf::Any& packed, const std::string& name,
            google::protobuf::Message* into) {
    const std::string& url = packed.type_url();
    return url.substr(url.rfind('/') + 1) == "google.rpc." + name &&
           into->ParseFromString(packed.value());
}

// Returns the name of a reason; of one that this version does not know, its number.
std::string ReasonName(v1::ErrorReason reason) {
    const std::string& name = v1::ErrorReason_Name(reason);
    return name.empty() ? std::to_string(reason) : name;
}

grpc::StatusCode CodeOf(v1::ErrorReason reason) {
    if (reason == v1::ERROR_REASON_INVALID_REQUEST) {
        return grpc::StatusCode::INVALID_ARGUMENT;
    }
    if (reason == v1::ERROR_REASON_POLICY_NOT_FOUND ||
        reason == v1::ERROR_REASON_REVISION_NOT_FOUND) {
        return grpc::StatusCode::NOT_FOUND;
    }
    return grpc::StatusCode::UNKNOWN;
}

}  // namespace

CallError::CallError(Details details) : Error(Shown(details)), details_(std::move(details)) {}

CallError CallError::of(const grpc::Status& status) {
    Details read;
    read.code = status.error_code();
    read.message = status.error_message();
    detail::Status with_details;
    if (!with_details.ParseFromString(status.error_details())) {
        return CallError(std::move(read));
    }
    for (const google::protobuf::Any& packed : with_details.details()) {
        detail::ErrorInfo info;
        detail::BadRequest bad;
        detail::RetryInfo retry;
        if (Unpack(packed, "ErrorInfo", &info) && info.domain() == kDomain) {
            read.reason = info.reason();
            read.metadata = {info.metadata().begin(), info.metadata().end()};
        } else if (Unpack(packed, "BadRequest", &bad)) {
            for (const auto& one : bad.field_violations()) {
                read.violations.push_back({one.field(), one.reason(), one.description()});
            }
        } else if (Unpack(packed, "RetryInfo", &retry)) {
            // A century is no less than for ever, and fits into nanoseconds.
            constexpr std::int64_t kMost = 3'000'000'000;
            read.retry_delay = std::chrono::seconds(std::clamp<std::int64_t>(
                                   retry.retry_delay().seconds(), 0, kMost)) +
                               std::chrono::nanoseconds(retry.retry_delay().nanos());
        }
    }
    return CallError(std::move(read));
}

CallError CallError::of(const v1::ItemError& item) {
    Details read;
    read.code = CodeOf(item.reason());
    read.message = item.message();
    read.reason = ReasonName(item.reason());
    for (const v1::Violation& one : item.violations()) {
        read.violations.push_back({one.field(), ReasonName(one.reason()), one.description()});
    }
    return CallError(std::move(read));
}

}  // namespace redress
