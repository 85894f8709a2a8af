package redress

import (
	"context"
	"math/rand"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Calls a method until it answers. Every call is pure, so that retries are safe. Only
// UNAVAILABLE is retried, until the deadline.
func call[Q, A any](
	ctx context.Context,
	client *Client,
	method func(context.Context, Q, ...grpc.CallOption) (A, error),
	request Q,
) (A, error) {
	if _, ok := ctx.Deadline(); !ok {
		limited, cancel := context.WithTimeout(ctx, client.settings.timeout)
		defer cancel()
		ctx = limited
	}
	// Of its own, since the shared source of older releases starts everywhere alike.
	random := rand.New(rand.NewSource(time.Now().UnixNano()))
	bound := client.settings.backoff
	var before *Error
	for {
		reply, err := method(ctx, request)
		if err == nil {
			return reply, nil
		}
		failed := callError(err)
		// Why the attempt before failed says more than that a retry had too little time.
		if before != nil && failed.Code == codes.DeadlineExceeded {
			return reply, before
		}
		// At least what the server asks for, with jitter above that, so that callers that were
		// refused together do not come back together.
		wait := failed.RetryDelay + time.Duration(random.Int63n(int64(bound)))
		if failed.Code != codes.Unavailable || !fits(ctx, failed.RetryDelay) || !fits(ctx, wait) {
			return reply, failed
		}
		if err := sleep(ctx, wait); err != nil {
			return reply, callError(status.FromContextError(err).Err())
		}
		before = failed
		bound *= 2
		if bound > client.settings.maxBackoff {
			bound = client.settings.maxBackoff
		}
	}
}

// Tells whether the deadline leaves time for a wait.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || wait < time.Until(deadline)
}

// Waits; the error is that of a context that ended before.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
