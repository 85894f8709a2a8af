package redress_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"redress.example/redress"
)

// An authority, and the files that a server needs.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
	file        string
	flags       []string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	template := &x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	issued := a.issue(t, template)
	var err error
	a.certificate, err = x509.ParseCertificate(issued.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	a.key = issued.PrivateKey.(*ecdsa.PrivateKey)
	a.pool.AddCert(a.certificate)
	folder := t.TempDir()
	a.file = filepath.Join(folder, "ca.pem")
	write(t, a.file, "CERTIFICATE", a.certificate.Raw)

	server := a.issue(t, &x509.Certificate{
		DNSNames:    []string{"redress.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	write(t, cert, "CERTIFICATE", server.Certificate[0])
	written, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, key, "PRIVATE KEY", written)
	a.flags = []string{"--tls-cert", cert, "--tls-key", key}
	return a
}

// Issues a certificate with a key of its own; that of the authority is signed by itself.
func (a *authority) issue(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: "redress test"}
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Asks with an empty request, and compares the code: InvalidArgument says that it came through.
func wantCode(t *testing.T, code codes.Code, address string, options ...redress.Option) {
	t.Helper()
	options = append(options, redress.WithTimeout(2*time.Second))
	_, err := ask(t, address, options...)
	if failed(t, err).Code != code {
		t.Errorf("%v is wanted, got %v", code, err)
	}
}

func TestAServerIsTrustedByItsAuthority(t *testing.T) {
	authority := newAuthority(t)
	address := "https://" + start(t, authority.flags...)
	config := func(name string) redress.Option {
		return redress.WithTLS(&tls.Config{RootCAs: authority.pool, ServerName: name})
	}
	wantCode(t, codes.InvalidArgument, address, config(""))
	wantCode(t, codes.InvalidArgument, address, config("redress.test"))
	wantCode(t, codes.Unavailable, address, config("other.test"))
	wantCode(t, codes.Unavailable, address)
}

func TestACertificateIsShown(t *testing.T) {
	authority := newAuthority(t)
	flags := append(authority.flags, "--tls-client-ca", authority.file)
	address := "https://" + start(t, flags...)
	identity := authority.issue(t, &x509.Certificate{
		DNSNames:    []string{"checkout.test"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	wantCode(t, codes.InvalidArgument, address, redress.WithTLS(&tls.Config{
		RootCAs:      authority.pool,
		Certificates: []tls.Certificate{identity},
	}))
	wantCode(t, codes.Unavailable, address,
		redress.WithTLS(&tls.Config{RootCAs: authority.pool}))
}

func TestATokenIsKnown(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	line := fmt.Sprintf("checkout %x\n", sha256.Sum256([]byte("a-secret")))
	if err := os.WriteFile(tokens, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	address := "http://" + start(t, "--tokens", tokens)
	wantCode(t, codes.InvalidArgument, address, redress.WithToken("a-secret"))
	wantCode(t, codes.Unauthenticated, address, redress.WithToken("another"))
	_, err := ask(t, address)
	if read := failed(t, err); read.Reason != "ERROR_REASON_UNAUTHENTICATED" {
		t.Errorf("got %+v", read)
	}
}

func TestAReplyAboveTheLimitIsRefused(t *testing.T) {
	_, err := dial(t, address, redress.WithMaxReplyBytes(10)).ListPolicies(background, "")
	if failed(t, err).Code != codes.ResourceExhausted {
		t.Errorf("got %v", err)
	}
}

func TestAnAddressHasASchemeAndAHost(t *testing.T) {
	for _, bad := range []string{
		"localhost:50051", "ftp://localhost", "http://", "http://localhost/path",
		"http://user@localhost", "http://localhost?query", "not an address", "",
	} {
		if _, err := redress.Dial(bad); err == nil ||
			!strings.Contains(err.Error(), "is not an address") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	for name, option := range map[string]redress.Option{
		"WithTimeout":       redress.WithTimeout(0),
		"WithBackoff":       redress.WithBackoff(2*time.Second, time.Second),
		"WithMaxReplyBytes": redress.WithMaxReplyBytes(0),
		"WithToken":         redress.WithToken("two words"),
	} {
		_, err := redress.Dial(address, option)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, option := range []redress.Option{
		redress.WithBackoff(0, time.Second), redress.WithToken(""), redress.WithToken("ü"),
	} {
		if _, err := redress.Dial(address, option); err == nil {
			t.Error("it is taken")
		}
	}
}
