#include <google/protobuf/util/time_util.h>
#include <redress/error.h>
#include <redress/values.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace redress {
namespace {

bool IsDigits(std::string::const_iterator from, std::string::const_iterator to) {
    return from != to && std::all_of(from, to, [](char c) { return c >= '0' && c <= '9'; });
}

bool IsPlain(const std::string& text) {
    auto point = std::find(text.begin(), text.end(), '.');
    return IsDigits(text.begin(), point) &&
           (point == text.end() || IsDigits(point + 1, text.end()));
}

}  // namespace

Decimal::Decimal(std::string text) : text_(std::move(text)) {
    if (!IsPlain(text_)) {
        throw std::invalid_argument("`" + text_ + "` is not a decimal such as 59.00");
    }
}

std::int64_t Decimal::minor_units(int places) const {
    const std::range_error unfit("`" + text_ + "` does not fit into " + std::to_string(places) +
                                 " places");
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    std::int64_t units = 0;
    const auto append = [&](int digit) {
        if (units > (kMost - digit) / 10) {
            throw unfit;
        }
        units = units * 10 + digit;
    };
    const std::size_t point = text_.find('.');
    for (char digit : text_.substr(0, point)) {
        append(digit - '0');
    }
    for (char digit : point == std::string::npos ? "" : text_.substr(point + 1)) {
        if (places > 0) {
            append(digit - '0');
            --places;
        } else if (digit != '0') {
            throw unfit;
        }
    }
    for (; places > 0; --places) {
        append(0);
    }
    return units;
}

bool Decimal::is_zero() const { return text_.find_first_not_of("0.") == std::string::npos; }

google::protobuf::Timestamp timestamp(Instant instant) {
    return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
        instant.time_since_epoch().count());
}

google::protobuf::Timestamp timestamp(const std::string& rfc3339) {
    google::protobuf::Timestamp written;
    if (!google::protobuf::util::TimeUtil::FromString(rfc3339, &written)) {
        throw std::invalid_argument("`" + rfc3339 + "` is not an instant such as " +
                                    "2026-03-09T10:00:00Z");
    }
    return written;
}

Instant instant(const google::protobuf::Timestamp& written) {
    // What nanoseconds of 64 bits reach is until the year 2262.
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
    if (written.seconds() > kMost || written.seconds() < -kMost || written.nanos() < 0 ||
        written.nanos() > 999'999'999) {
        throw InvalidReplyError("the instant is outside the clock");
    }
    return Instant(std::chrono::seconds(written.seconds()) +
                   std::chrono::nanoseconds(written.nanos()));
}

v1::Answer answer(bool known) { return known ? v1::ANSWER_YES : v1::ANSWER_NO; }

v1::EventTime at(Instant instant) {
    v1::EventTime event;
    *event.mutable_time() = timestamp(instant);
    return event;
}

v1::EventTime at(const std::string& rfc3339) {
    v1::EventTime event;
    *event.mutable_time() = timestamp(rfc3339);
    return event;
}

v1::EventTime on(std::string day) {
    v1::EventTime event;
    event.set_date(std::move(day));
    return event;
}

v1::EventTime not_yet() {
    v1::EventTime event;
    event.mutable_not_yet();
    return event;
}

v1::EventTime happened() {
    v1::EventTime event;
    event.mutable_happened();
    return event;
}

}  // namespace redress
