#pragma once

// A verdict as a program acts on it; `message` holds all that the contract says.

#include <redress/v1/verdict.pb.h>
#include <redress/values.h>

#include <optional>
#include <string>
#include <vector>

namespace redress {

// What has to be done next. It does not grow: with `-Wswitch` a compiler tells which step a
// `switch` without `default` leaves out.
enum class NextStep {
    // Ask for the facts that are missing.
    kAsk,
    // Let a person decide.
    kReview,
    // Pay what may be paid now.
    kPay,
    // Give goods or credit, or make the change; no money is due back.
    kCarryOut,
    // Wait for an event, or for conditions to be settled.
    kWait,
    // Tell the customer that it is refused.
    kRefuse,
};

// Returns the name of a step, such as `carry_out`.
std::string to_string(NextStep step);

// What was decided. It may grow.
enum class Outcome {
    kApproved,
    kDenied,
    kNeedsReview,
    kNeedsInformation,
    // The rows differ.
    kMixed,
    // One that this version does not know: `message` has its number.
    kUnknown,
};

// A fact that can change the answer.
struct MissingFact {
    // Where in the request it belongs.
    std::string path;
    // What to ask, in the language of the verdict.
    std::string question;
    v1::MissingFact message;
};

// The answer for units of one line.
struct Row {
    std::string line_id;
    int quantity;
    Outcome outcome;
    NextStep next_step;
    // What the units are worth under the remedy; absent: not known, no money, or not approved.
    std::optional<Decimal> amount;
    v1::Row message;
};

// The money of the approved rows, in the currency of the order.
struct Settlement {
    std::string currency_code;
    // To pay back now or later; what may be paid now is `Verdict::payable_now`.
    Decimal refund_total;
    Decimal credit_total;
    // What the customer owes.
    Decimal owed_total;
    // When it is due at the latest; absent: there is no period, or it waits for an event that
    // `message` names.
    std::optional<Instant> due;
    v1::Settlement message;
};

// The answer to one request: act on `next_step`, not on `outcome`.
struct Verdict {
    std::string order_id;
    std::string claim_id;
    Outcome outcome;
    NextStep next_step;
    // What of the refund may be paid now, whatever the step.
    Decimal payable_now;
    std::vector<Row> rows;
    // Absent: no row is approved.
    std::optional<Settlement> settlement;
    std::vector<MissingFact> missing;
    // One sentence for people, at full view.
    std::string summary;
    v1::Verdict message;

    // Reads a verdict. Throws `InvalidReplyError`.
    static Verdict of(const v1::Verdict& message);
};

}  // namespace redress
