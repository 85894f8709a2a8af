package redress_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"redress.example/redress"
)

// The address of a server with the policies that are built in.
var address string

func TestMain(m *testing.M) {
	started, stop, err := serve()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	address = "http://" + started
	code := m.Run()
	stop()
	os.Exit(code)
}

// Returns the program to start: REDRESS_BIN, or what cargo built.
func program() (string, error) {
	if named := os.Getenv("REDRESS_BIN"); named != "" {
		return named, nil
	}
	for _, built := range []string{"release", "debug"} {
		path, err := filepath.Abs("../../target/" + built + "/redress")
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("build it with `cargo build`, or set REDRESS_BIN")
}

// Starts a server on a port of its own, and returns its address without a scheme.
func serve(flags ...string) (address string, stop func(), err error) {
	path, err := program()
	if err != nil {
		return "", nil, err
	}
	flags = append([]string{"serve", "--listen", "127.0.0.1:0", "--drain-delay", "0"}, flags...)
	command := exec.Command(path, flags...)
	// Settings of whoever runs the tests are not those of the server.
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "REDRESS_") {
			command.Env = append(command.Env, setting)
		}
	}
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	}
	first, err := bufio.NewReader(output).ReadString('\n')
	address = strings.TrimSpace(strings.TrimPrefix(first, "listening on "))
	if err != nil || !strings.HasPrefix(first, "listening on ") {
		stop()
		return "", nil, fmt.Errorf("the server did not start: %q", first)
	}
	return address, stop, nil
}

// Starts a server that ends with the test.
func start(t *testing.T, flags ...string) string {
	t.Helper()
	started, stop, err := serve(flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return started
}

// Makes a client that is closed with the test.
func dial(t *testing.T, address string, options ...redress.Option) *redress.Client {
	t.Helper()
	client, err := redress.Dial(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
