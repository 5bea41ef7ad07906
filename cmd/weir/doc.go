// Command weir is the server and its tools.
//
// What lives here: flags, signals, exit codes and the wiring of the parts. Each command is one file; serve.go holds startServer, which every
// command that needs a running server uses. No rule about SQL, sources or users belongs here.
package main
