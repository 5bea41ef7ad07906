// Command with-servers runs a command beside a PostgreSQL and a MariaDB of its own:
//
//	go run ./test/realservers/cmd/with-servers go test ./...
//
// It sets the variables that package realservers looks for, so that all test processes share the two servers, stops both when the
// command has ended, and exits with the command's code.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"

	"weir/test/realservers"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: with-servers COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	os.Exit(run(args))
}

func run(args []string) int {
	// An interrupt from the terminal reaches the command too; both servers must outlive it.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	var postgres, mariadb *realservers.Server
	var g errgroup.Group
	g.Go(func() (err error) { postgres, err = realservers.StartPostgres(context.Background()); return err })
	g.Go(func() (err error) { mariadb, err = realservers.StartMariaDB(context.Background()); return err })
	err := g.Wait()
	for _, s := range []*realservers.Server{postgres, mariadb} {
		if s != nil {
			defer s.Stop()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "with-servers:", err)
		return 1
	}
	c := exec.Command(args[0], args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), realservers.PostgresVariable+"="+postgres.Address, realservers.MariaDBVariable+"="+mariadb.Address)
	if err := c.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "with-servers:", err)
		return 1
	}
	go func() {
		for s := range signals {
			if s != os.Interrupt {
				c.Process.Signal(s)
			}
		}
	}()
	err = c.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	default:
		fmt.Fprintln(os.Stderr, "with-servers:", err)
		return 1
	}
}
