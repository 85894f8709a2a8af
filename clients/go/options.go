package redress

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
)

// The time that one attempt to connect has, TLS included.
const connectTimeout = 5 * time.Second

// Option sets one thing of a client.
type Option func(*settings)

type settings struct {
	timeout       time.Duration
	backoff       time.Duration
	maxBackoff    time.Duration
	maxReplyBytes int
	token         *string
	tls           *tls.Config
	dial          []grpc.DialOption
}

func defaults() settings {
	return settings{
		timeout:    10 * time.Second,
		backoff:    50 * time.Millisecond,
		maxBackoff: time.Second,
		// A full batch at full view fits.
		maxReplyBytes: 32 << 20,
	}
}

// WithTimeout sets how long a call may take whose context has no deadline, retries included; 10
// seconds unless set. The server is told.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// WithBackoff sets the longest wait before the first retry, and what it doubles up to with
// further ones; 50 milliseconds and one second unless set.
func WithBackoff(first, longest time.Duration) Option {
	return func(s *settings) { s.backoff, s.maxBackoff = first, longest }
}

// WithMaxReplyBytes sets the bytes of the largest reply that is accepted; 32 MiB unless set.
func WithMaxReplyBytes(limit int) Option {
	return func(s *settings) { s.maxReplyBytes = limit }
}

// WithToken sets the token that each call carries. Without TLS, whoever reads along knows it.
func WithToken(token string) Option {
	return func(s *settings) { s.token = &token }
}

// WithTLS sets how the server of an https address is trusted: the authorities in RootCAs, the
// name to expect in ServerName, the certificate to show in Certificates. Without it, the
// authorities of the system are trusted.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls = config }
}

// WithDialOptions adds options of gRPC, such as interceptors.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

func (s *settings) check() error {
	switch {
	case s.timeout <= 0:
		return fmt.Errorf("redress: WithTimeout: %v is not above zero", s.timeout)
	case s.backoff <= 0 || s.maxBackoff < s.backoff:
		return fmt.Errorf("redress: WithBackoff: %v must be above zero and at most %v",
			s.backoff, s.maxBackoff)
	case s.maxReplyBytes <= 0:
		return fmt.Errorf("redress: WithMaxReplyBytes: %d is not above zero", s.maxReplyBytes)
	case s.token != nil && !isToken(*s.token):
		return fmt.Errorf("redress: WithToken: a token is visible ASCII without spaces")
	}
	return nil
}

func isToken(text string) bool {
	strange := func(letter rune) bool { return letter < '!' || letter > '~' }
	return text != "" && strings.IndexFunc(text, strange) < 0
}

func (s *settings) dialOptions(secure bool) []grpc.DialOption {
	options := []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(s.maxReplyBytes)),
		// The client retries by itself.
		grpc.WithDisableRetry(),
		// A server that was down is reconnected to within a few retries.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay:  100 * time.Millisecond,
				Multiplier: 1.6,
				Jitter:     0.2,
				MaxDelay:   time.Second,
			},
			MinConnectTimeout: connectTimeout,
		}),
	}
	if secure {
		// Credentials take a copy; an empty configuration trusts the system.
		config := s.tls
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	} else {
		options = append(options, grpc.WithInsecure())
	}
	if s.token != nil {
		options = append(options, grpc.WithPerRPCCredentials(bearer(*s.token)))
	}
	return append(options, s.dial...)
}

// A token as each call carries it.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// A server behind a proxy that ends TLS knows callers by tokens as well.
func (b bearer) RequireTransportSecurity() bool {
	return false
}

// Reads an address such as http://localhost:50051 or https://redress.example.
func target(address string) (target string, secure bool, err error) {
	ports := map[string]string{"http": "80", "https": "443"}
	read, err := url.Parse(address)
	if err != nil || ports[read.Scheme] == "" || read.Hostname() == "" || read.User != nil ||
		strings.Trim(read.Path, "/") != "" || read.RawQuery != "" || read.Fragment != "" {
		return "", false, fmt.Errorf(
			"redress: %q is not an address such as http://localhost:50051", address)
	}
	port := read.Port()
	if port == "" {
		port = ports[read.Scheme]
	}
	return net.JoinHostPort(read.Hostname(), port), read.Scheme == "https", nil
}
