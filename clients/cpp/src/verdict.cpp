#include <redress/error.h>
#include <redress/verdict.h>

#include <stdexcept>

namespace redress {
namespace {

NextStep StepOf(v1::NextStep number) {
    switch (number) {
        case v1::NEXT_STEP_ASK:
            return NextStep::kAsk;
        case v1::NEXT_STEP_REVIEW:
            return NextStep::kReview;
        case v1::NEXT_STEP_PAY:
            return NextStep::kPay;
        case v1::NEXT_STEP_CARRY_OUT:
            return NextStep::kCarryOut;
        case v1::NEXT_STEP_WAIT:
            return NextStep::kWait;
        case v1::NEXT_STEP_REFUSE:
            return NextStep::kRefuse;
        default:
            throw InvalidReplyError(std::to_string(number) +
                                    " is not a step that this version knows");
    }
}

Outcome OutcomeOf(v1::Outcome number) {
    switch (number) {
        case v1::OUTCOME_APPROVED:
            return Outcome::kApproved;
        case v1::OUTCOME_DENIED:
            return Outcome::kDenied;
        case v1::OUTCOME_NEEDS_REVIEW:
            return Outcome::kNeedsReview;
        case v1::OUTCOME_NEEDS_INFORMATION:
            return Outcome::kNeedsInformation;
        case v1::OUTCOME_MIXED:
            return Outcome::kMixed;
        default:
            return Outcome::kUnknown;
    }
}

// Reads an amount; the empty text is absent: unknown, or not known yet.
std::optional<Decimal> AmountOf(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    try {
        return Decimal(text);
    } catch (const std::invalid_argument& error) {
        throw InvalidReplyError(error.what());
    }
}

// Reads a sum, which the compact view leaves out where it is zero.
Decimal SumOf(const std::string& text) { return AmountOf(text).value_or(Decimal()); }

Settlement SettlementOf(const v1::Settlement& message) {
    std::optional<Instant> due;
    if (message.due().has_time()) {
        due = instant(message.due().time());
    }
    return {message.currency_code(),
            SumOf(message.refund_total()),
            SumOf(message.credit_total()),
            SumOf(message.owed_total()),
            due,
            message};
}

}  // namespace

std::string to_string(NextStep step) {
    switch (step) {
        case NextStep::kAsk:
            return "ask";
        case NextStep::kReview:
            return "review";
        case NextStep::kPay:
            return "pay";
        case NextStep::kCarryOut:
            return "carry_out";
        case NextStep::kWait:
            return "wait";
        case NextStep::kRefuse:
            return "refuse";
    }
    throw std::invalid_argument("no step");
}

Verdict Verdict::of(const v1::Verdict& message) {
    Verdict verdict{message.order_id(),
                    message.claim_id(),
                    OutcomeOf(message.outcome()),
                    StepOf(message.next_step()),
                    SumOf(message.payable_now_total()),
                    {},
                    std::nullopt,
                    {},
                    message.summary(),
                    message};
    for (const v1::Row& row : message.rows()) {
        verdict.rows.push_back({row.line_id(), row.quantity(), OutcomeOf(row.outcome()),
                                StepOf(row.next_step()), AmountOf(row.entitlement().amount()),
                                row});
    }
    if (message.has_settlement()) {
        verdict.settlement = SettlementOf(message.settlement());
    }
    for (const v1::MissingFact& fact : message.missing()) {
        verdict.missing.push_back({fact.path(), fact.question(), fact});
    }
    return verdict;
}

}  // namespace redress
