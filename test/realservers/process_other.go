//go:build !linux

package realservers

import "syscall"

// endWithParent has no counterpart here; the reaper does the work alone.
func endWithParent(*syscall.SysProcAttr) {}
