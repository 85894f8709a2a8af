// Conversions between values of the contract and types of C++.

#include <gtest/gtest.h>
#include <redress/error.h>
#include <redress/values.h>

namespace {

using redress::Decimal;

TEST(Values, AmountsAreExact) {
    EXPECT_EQ(Decimal("59.00").minor_units(2), 5900);
    EXPECT_EQ(Decimal("59").minor_units(2), 5900);
    EXPECT_EQ(Decimal("0.005").minor_units(3), 5);
    EXPECT_EQ(Decimal("100").minor_units(0), 100);
    EXPECT_EQ(Decimal("7.00").minor_units(0), 7);
    EXPECT_EQ(Decimal("1000000000000.01").minor_units(2), 100000000000001);
    EXPECT_EQ(Decimal("92233720368547758.07").minor_units(2), INT64_MAX);
    EXPECT_EQ(Decimal("59.00").str(), "59.00");
    EXPECT_TRUE(Decimal("0.00").is_zero());
    EXPECT_FALSE(Decimal("0.01").is_zero());
    EXPECT_EQ(Decimal().str(), "0");
}

TEST(Values, WhatDoesNotFitIsNotRounded) {
    EXPECT_THROW(Decimal("0.005").minor_units(2), std::range_error);
    EXPECT_THROW(Decimal("92233720368547758.08").minor_units(2), std::range_error);
    EXPECT_THROW(Decimal("92233720368547759").minor_units(2), std::range_error);
}

TEST(Values, WhatIsNoAmountIsNotRead) {
    for (const char* bad : {"", "-1.00", "1e3", "1,00", ".", ".5", "NaN", " 1", "1.", "1\n"}) {
        EXPECT_THROW(Decimal{bad}, std::invalid_argument) << bad;
    }
}

TEST(Values, EventsAreToldAsFarAsTheyAreKnown) {
    const auto event = redress::at("2026-03-09T11:30:00.0005+01:00");
    EXPECT_EQ(event.time().seconds(), 1773052200);
    EXPECT_EQ(event.time().nanos(), 500'000);
    const redress::Instant instant = redress::instant(event.time());
    EXPECT_EQ(redress::at(instant).time().SerializeAsString(), event.time().SerializeAsString());
    EXPECT_EQ(redress::on("2026-03-04").date(), "2026-03-04");
    EXPECT_TRUE(redress::not_yet().has_not_yet());
    EXPECT_TRUE(redress::happened().has_happened());
    for (const char* bad : {"", "2026-03-09", "2026-03-09T10:00:00"}) {
        EXPECT_THROW(redress::at(bad), std::invalid_argument) << bad;
    }
}

TEST(Values, AnInstantOutsideTheClockIsNotRead) {
    google::protobuf::Timestamp far;
    far.set_seconds(100'000'000'000);
    EXPECT_THROW(redress::instant(far), redress::InvalidReplyError);
    far.set_seconds(-100'000'000'000);
    EXPECT_THROW(redress::instant(far), redress::InvalidReplyError);
    far.set_seconds(0);
    far.set_nanos(1'000'000'000);
    EXPECT_THROW(redress::instant(far), redress::InvalidReplyError);
}

TEST(Values, UnknownIsNotNo) {
    EXPECT_EQ(redress::answer(true), redress::v1::ANSWER_YES);
    EXPECT_EQ(redress::answer(false), redress::v1::ANSWER_NO);
}

}  // namespace
