package redress

import (
	"fmt"
	"math/big"
	"regexp"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"redress.example/redress/redressv1"
)

var plain = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// Decimal is an exact amount of zero or more in the order's one currency, with the places that
// it was written with. The zero value is 0. To calculate, take Rat, or read String into the
// decimal type of the program.
type Decimal struct {
	text string
}

// ParseDecimal reads an amount such as 59.00.
func ParseDecimal(text string) (Decimal, error) {
	if !plain.MatchString(text) {
		return Decimal{}, fmt.Errorf("redress: %q is not a decimal such as 59.00", text)
	}
	return Decimal{text}, nil
}

// String returns the amount as the contract writes it.
func (d Decimal) String() string {
	if d.text == "" {
		return "0"
	}
	return d.text
}

// Rat returns the amount as a number, exactly.
func (d Decimal) Rat() *big.Rat {
	// INVARIANT: the text is a plain decimal.
	rat, _ := new(big.Rat).SetString(d.String())
	return rat
}

// IsZero tells whether the amount is zero, in whatever places.
func (d Decimal) IsZero() bool {
	return d.Rat().Sign() == 0
}

// MarshalText returns the amount as the contract writes it, such as for JSON.
func (d Decimal) MarshalText() ([]byte, error) {
	return []byte(d.String()), nil
}

// UnmarshalText reads an amount.
func (d *Decimal) UnmarshalText(text []byte) error {
	read, err := ParseDecimal(string(text))
	if err != nil {
		return err
	}
	*d = read
	return nil
}

// Timestamp writes an instant.
func Timestamp(instant time.Time) *timestamppb.Timestamp {
	return timestamppb.New(instant)
}

// Answer writes what is known to be so, or not to be so. What is unknown is left unset.
func Answer(known bool) redressv1.Answer {
	if known {
		return redressv1.Answer_ANSWER_YES
	}
	return redressv1.Answer_ANSWER_NO
}

// At says that an event happened at an instant.
func At(instant time.Time) *redressv1.EventTime {
	return &redressv1.EventTime{State: &redressv1.EventTime_Time{Time: timestamppb.New(instant)}}
}

// On says that an event happened on a day, in the zone of the policy; the hour is unknown.
func On(year int, month time.Month, day int) *redressv1.EventTime {
	date := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	return &redressv1.EventTime{State: &redressv1.EventTime_Date{Date: date}}
}

// NotYet says that an event has not happened. One of which nothing is known is left unset
// instead.
func NotYet() *redressv1.EventTime {
	return &redressv1.EventTime{State: &redressv1.EventTime_NotYet{NotYet: &redressv1.NotYet{}}}
}

// Happened says that an event has happened, and that nobody can tell when.
func Happened() *redressv1.EventTime {
	return &redressv1.EventTime{
		State: &redressv1.EventTime_Happened{Happened: &redressv1.Happened{}},
	}
}
