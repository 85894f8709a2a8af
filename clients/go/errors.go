package redress

import (
	"context"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"redress.example/redress/internal/detail"
	"redress.example/redress/redressv1"
)

// The domain of every reason that the service gives.
const domain = "redress.v1"

// ErrInvalidReply is wrapped by the error of a reply that holds something that this version of
// the client cannot read, such as a step that it does not know.
var ErrInvalidReply = errors.New("redress: invalid reply")

// FieldViolation is one thing that is wrong with a request.
type FieldViolation struct {
	// Path, such as order.lines[2].quantity.
	Field string
	// What is wrong, a name of redressv1.ErrorReason.
	Reason string
	// What is wrong and how to mend it, for people, in English.
	Description string
}

// Error tells why there is no answer: the call failed, or the server refused it.
type Error struct {
	// InvalidArgument: the request has mistakes. NotFound: there is no such policy or revision.
	// Unauthenticated: the token or certificate is not known. Unavailable: the server cannot be
	// reached or has too much to do, and the deadline leaves no time for a retry. The items of a
	// batch have the code that the request alone would have got, or Unknown.
	Code codes.Code
	// A name of redressv1.ErrorReason, such as ERROR_REASON_OVERLOADED; empty: none was given.
	Reason string
	// For people, in English.
	Message string
	// What belongs to the reason, such as policy or limit.
	Metadata map[string]string
	// All that is wrong with the request. A long list is cut: Metadata["count"] tells.
	FieldViolations []FieldViolation
	// How long the server asks to wait; zero: it does not say.
	RetryDelay time.Duration
}

// Error returns the violations, a line each; without any, the message.
func (e *Error) Error() string {
	if len(e.FieldViolations) == 0 {
		return "redress: " + e.Code.String() + ": " + e.Message
	}
	lines := make([]string, 0, len(e.FieldViolations))
	for _, violation := range e.FieldViolations {
		lines = append(lines, violation.Field+": "+violation.Description)
	}
	return strings.Join(lines, "\n")
}

// GRPCStatus returns code and message as the package status reads them.
func (e *Error) GRPCStatus() *status.Status {
	return status.New(e.Code, e.Message)
}

// Is tells whether it is the error of a context that has ended.
func (e *Error) Is(target error) bool {
	switch target {
	case context.DeadlineExceeded:
		return e.Code == codes.DeadlineExceeded
	case context.Canceled:
		return e.Code == codes.Canceled
	}
	return false
}

// Reads what a call ended with, with the details that it carries.
func callError(err error) *Error {
	read := status.Convert(err)
	failed := &Error{Code: read.Code(), Message: read.Message()}
	for _, packed := range read.Proto().GetDetails() {
		// What cannot be read was put there by somebody else, such as a proxy.
		switch name := packed.GetTypeUrl(); name[strings.LastIndexByte(name, '/')+1:] {
		case "google.rpc.ErrorInfo":
			var info detail.ErrorInfo
			if proto.Unmarshal(packed.GetValue(), &info) == nil && info.GetDomain() == domain {
				failed.Reason, failed.Metadata = info.GetReason(), info.GetMetadata()
			}
		case "google.rpc.BadRequest":
			var bad detail.BadRequest
			if proto.Unmarshal(packed.GetValue(), &bad) == nil {
				for _, v := range bad.GetFieldViolations() {
					failed.FieldViolations = append(failed.FieldViolations,
						FieldViolation{v.GetField(), v.GetReason(), v.GetDescription()})
				}
			}
		case "google.rpc.RetryInfo":
			var retry detail.RetryInfo
			if proto.Unmarshal(packed.GetValue(), &retry) == nil {
				failed.RetryDelay = retry.GetRetryDelay().AsDuration()
			}
		}
	}
	return failed
}

// Reads why one item of a batch got no verdict.
func itemError(item *redressv1.ItemError) *Error {
	failed := &Error{
		Code:    codes.Unknown,
		Reason:  item.GetReason().String(),
		Message: item.GetMessage(),
	}
	switch item.GetReason() {
	case redressv1.ErrorReason_ERROR_REASON_INVALID_REQUEST:
		failed.Code = codes.InvalidArgument
	case redressv1.ErrorReason_ERROR_REASON_POLICY_NOT_FOUND,
		redressv1.ErrorReason_ERROR_REASON_REVISION_NOT_FOUND:
		failed.Code = codes.NotFound
	}
	for _, v := range item.GetViolations() {
		failed.FieldViolations = append(failed.FieldViolations,
			FieldViolation{v.GetField(), v.GetReason().String(), v.GetDescription()})
	}
	return failed
}
