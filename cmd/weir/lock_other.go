//go:build !unix

package main

import "os"

// lockFile opens the file without locking it: there is no flock here.
func lockFile(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
}
