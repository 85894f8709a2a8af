#include "server.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace {

// Returns the program to start: `REDRESS_BIN`, or what cargo built.
std::string Program() {
    if (const char* named = std::getenv("REDRESS_BIN")) {
        return named;
    }
    for (const char* built : {"release", "debug"}) {
        const std::string path = std::string(ROOT) + "/target/" + built + "/redress";
        if (access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    throw std::runtime_error("build it with `cargo build`, or set REDRESS_BIN");
}

// Returns what `execve` takes of texts, which have to outlive it.
std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

std::string ReadFile(const std::string& path) {
    std::ifstream file(path.front() == '/' ? path : std::string(ROOT) + "/" + path);
    if (!file) {
        throw std::runtime_error("no file " + path);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string WriteFile(const std::string& name, const std::string& text) {
    static const std::string folder = [] {
        std::string made = "/tmp/redress-test-XXXXXX";
        if (mkdtemp(made.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
        return made;
    }();
    const std::string path = folder + "/" + name;
    std::ofstream(path) << text;
    return path;
}

Server::Server(const std::vector<std::string>& flags) {
    const std::string program = Program();
    std::vector<std::string> words = {program,       "serve",         "--listen",
                                      "127.0.0.1:0", "--drain-delay", "0"};
    words.insert(words.end(), flags.begin(), flags.end());
    // Settings of whoever runs the tests are not those of the server.
    std::vector<std::string> settings;
    for (char** setting = environ; *setting != nullptr; ++setting) {
        if (std::string(*setting).rfind("REDRESS_", 0) != 0) {
            settings.push_back(*setting);
        }
    }
    // Made before the fork: other threads may hold the lock of the allocator.
    const std::vector<char*> arguments = Pointers(words);
    const std::vector<char*> environment = Pointers(settings);
    int ends[2];
    if (pipe(ends) != 0 || (pid_ = fork()) < 0) {
        throw std::runtime_error("no process");
    }
    if (pid_ == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execve(program.c_str(), arguments.data(), environment.data());
        _exit(127);
    }
    close(ends[1]);
    std::string first;
    for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) {
        first += c;
    }
    // It stays open: what the server prints later has to go somewhere.
    const std::string says = "listening on ";
    if (first.rfind(says, 0) != 0) {
        throw std::runtime_error("the server did not start: " + first);
    }
    address_ = first.substr(says.size());
}

Server::~Server() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

const std::string& Shared() {
    static const Server server;
    static const std::string url = "http://" + server.address();
    return url;
}

std::string Shell(const std::string& command, int* code) {
    FILE* output = popen(command.c_str(), "r");
    if (output == nullptr) {
        throw std::runtime_error("cannot run " + command);
    }
    std::string printed;
    std::array<char, 4096> some;
    for (std::size_t got; (got = fread(some.data(), 1, some.size(), output)) > 0;) {
        printed.append(some.data(), got);
    }
    const int status = pclose(output);
    if (code != nullptr) {
        *code = WEXITSTATUS(status);
    } else if (status != 0) {
        throw std::runtime_error("it fails: " + command);
    }
    return printed;
}
