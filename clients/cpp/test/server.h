#pragma once

#include <redress/client.h>

#include <functional>
#include <string>
#include <vector>

// Returns the text of a file below the root of the repository, or by an absolute path.
std::string ReadFile(const std::string& path);

// Writes a file into the folder of temporary files, and returns its path.
std::string WriteFile(const std::string& name, const std::string& text);

// A real server with the policies that are built in, on a port of its own, until it goes.
class Server {
public:
    explicit Server(const std::vector<std::string>& flags = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // The address without a scheme.
    const std::string& address() const { return address_; }

private:
    int pid_ = 0;
    std::string address_;
};

// The address of a server without flags that all tests share.
const std::string& Shared();

// Returns the error that a call throws.
template <typename E>
E Thrown(const std::function<void()>& call) {
    try {
        call();
    } catch (const E& error) {
        return error;
    }
    throw std::logic_error("nothing is thrown");
}

// Runs a command of the shell, and returns what it prints; `code` is how it ends.
std::string Shell(const std::string& command, int* code = nullptr);
