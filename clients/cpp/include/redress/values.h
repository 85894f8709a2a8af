#pragma once

// Conversions between values of the contract and types of C++. What is absent is unknown: never
// zero, and never a no.

#include <google/protobuf/timestamp.pb.h>
#include <redress/v1/facts.pb.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace redress {

// An exact amount of zero or more in the order's one currency, with the places that it was written
// with; 0 unless set. To calculate, take `minor_units`, or read `str` into the decimal type of the
// program.
class Decimal {
public:
    Decimal() = default;
    // Throws `std::invalid_argument`: it is not a decimal such as `59.00`.
    explicit Decimal(std::string text);

    // The amount as the contract writes it.
    const std::string& str() const { return text_; }
    // The amount in units of so many places: of `59.00`, 5900 with two.
    // Throws `std::range_error`: it is finer, or does not fit.
    std::int64_t minor_units(int places) const;
    // Whether it is zero, in whatever places.
    bool is_zero() const;

private:
    std::string text_ = "0";
};

using Instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

// Writes an instant.
google::protobuf::Timestamp timestamp(Instant instant);
// Writes an instant such as `2026-03-09T10:00:00Z`, with any offset.
// Throws `std::invalid_argument`: it is not one.
google::protobuf::Timestamp timestamp(const std::string& rfc3339);
// Reads an instant. Throws `InvalidReplyError`: the clock does not reach as far.
Instant instant(const google::protobuf::Timestamp& written);

// Writes what is known to be so, or not to be so. What is unknown is left unset.
v1::Answer answer(bool known);

// Says that an event happened at an instant.
v1::EventTime at(Instant instant);
v1::EventTime at(const std::string& rfc3339);
// Says that an event happened on a day such as `2026-03-09`, in the zone of the policy; the hour
// is unknown.
v1::EventTime on(std::string day);
// Says that an event has not happened. One of which nothing is known is left unset instead.
v1::EventTime not_yet();
// Says that an event has happened, and that nobody can tell when.
v1::EventTime happened();

}  // namespace redress
